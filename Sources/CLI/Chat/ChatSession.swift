import Core
import Generation
import Glibc

/// The loop of `tokenmill chat`: read a line, do it, until there is none.
struct ChatSession {
    private let engine: LocalEngine
    private var settings: ChatSettings
    private let stop: [String]
    private var conversation: Conversation
    private let lines = LineReader()
    private let interrupts: Interrupts
    private let terminal = TerminalState()

    init(engine: LocalEngine, settings: ChatSettings, stop: [String], system: String?) throws {
        guard engine.model.template != nil else {
            throw CLIError(
                .failed,
                "\(engine.model.name) has no chat template; use: tokenmill generate -p TEXT"
            )
        }
        self.engine = engine
        self.settings = settings
        self.stop = stop
        conversation = Conversation(system: system)
        interrupts = try Interrupts()
    }

    mutating func run() async throws {
        if lines.isTerminal { Terminal.aside("\(engine.model.name). /help lists the commands.") }
        while let line = nextLine() {
            let input = ChatInput(line)
            if input == .quit { return }
            do {
                try await handle(input)
            } catch {
                guard lines.isTerminal else { throw error }
                Terminal.note("\(error)")
            }
        }
        if lines.isTerminal { Terminal.note("") }
    }

    /// At the prompt Ctrl-C leaves; the line editor's terminal settings are put back first.
    private func nextLine() -> String? {
        interrupts.onInterrupt { [terminal] in
            terminal.restore()
            Terminal.note("")
            exit(0)
        }
        return lines.next(prompt: "> ")
    }

    private mutating func handle(_ input: ChatInput) async throws {
        switch input {
        case .nothing, .quit: break
        case .message(let text): try await answer(text)
        case .help: Terminal.note(ChatInput.helpText)
        case .clear: conversation.clear()
        case .system(let text): conversation.system = text.isEmpty ? nil : text
        case .save(let file):
            let saved = conversation.saved(model: engine.model.name)
            try Files.write(saved.bytes(pretty: true) + [UInt8(ascii: "\n")], to: file)
        case .load(let file): conversation = try Conversation(saved: Files.json(file))
        case .set(let name, let value): try settings.set(name, to: value)
        case .tokens: try showTokens()
        case .wrong(let message): throw CLIError(.usage, message)
        }
    }

    private func showTokens() throws {
        let used = try engine.encode(messages: conversation.messages).count
        Terminal.note("\(used) of \(engine.contextLength) tokens")
    }

    private mutating func answer(_ text: String) async throws {
        conversation.add(role: "user", text)
        do {
            let prompt = try engine.encode(messages: conversation.messages)
            let answer = try await engine.answer(
                to: prompt,
                maxTokens: room(after: prompt.count),
                sampling: settings.sampling,
                stop: stop,
                interrupts: interrupts,
                show: Terminal.write
            )
            try Terminal.write("\n")
            conversation.add(role: "assistant", answer.text)
            report(answer)
        } catch {
            // An unanswered message would be asked again with the next one.
            conversation.removeLast()
            throw error
        }
    }

    private func room(after prompt: Int) throws(CLIError) -> Int {
        let context = engine.contextLength
        guard prompt < context else {
            throw CLIError(
                .failed,
                "the conversation is \(prompt) tokens and the context holds \(context); "
                    + "/clear starts again"
            )
        }
        return engine.room(after: prompt, atMost: settings.maxTokens)
    }

    private func report(_ answer: Answer) {
        let used = answer.promptTokens + answer.tokens.count
        var line = "\(answer.promptTokens) + \(answer.tokens.count) tokens"
        if answer.cachedTokens > 0 { line += ", \(answer.cachedTokens) cached" }
        if let speed = answer.tokensPerSecond {
            line += ", \(Decimal.text(speed, digits: 1)) tok/s"
        }
        line += ", $\(answer.cost)"
        Terminal.aside(line)
        guard answer.finish == .length else { return }
        Terminal.aside(
            used >= engine.contextLength
                ? "the context of \(engine.contextLength) tokens is full; /clear starts again"
                : "stopped after max_tokens; /set max_tokens N allows more"
        )
    }
}

/// The terminal's settings as they were at the start.
private struct TerminalState: Sendable {
    private let settings: termios?

    init() {
        var settings = termios()
        self.settings = tcgetattr(STDIN_FILENO, &settings) == 0 ? settings : nil
    }

    func restore() {
        guard var settings else { return }
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }
}
