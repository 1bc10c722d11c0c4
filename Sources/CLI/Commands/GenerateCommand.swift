import ArgumentParser
import Core
import Generation

/// `tokenmill generate`: one prompt, one answer.
struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Continue a text, or answer it with --chat."
    )

    @OptionGroup var model: ModelOptions
    @OptionGroup var compute: ComputeOptions
    @OptionGroup var drafts: DraftOptions
    @OptionGroup var books: LedgerOptions

    @Option(name: [.customShort("p"), .long], help: "The prompt.")
    var prompt: String?

    @Option(help: "A file that holds the prompt; - is standard input.")
    var file: String?

    @Option(
        help: "The prompt as token ids: 1,2,3. Needs no tokenizer.",
        transform: NumberList.tokens
    )
    var tokens: [TokenID]?

    @Option(
        name: [.customShort("n"), .long],
        parsing: .unconditional,
        help:
            "Longest answer in tokens. (default: \(GenerateCommand.defaultMaxTokens), or what fits)"
    )
    var maxTokens: Int?

    @OptionGroup var sampling: SamplingOptions

    @Flag(help: "Treat the prompt as a user message and render it with the chat template.")
    var chat = false

    @Flag(help: "Print one JSON object instead of streaming the text.")
    var json = false

    static let defaultMaxTokens = 256

    func validate() throws {
        try Check.atLeastOne(maxTokens, "-n")
        let given = [prompt != nil, file != nil, tokens != nil].count { $0 }
        guard given == 1 else {
            throw ValidationError(
                "give the prompt with one of -p TEXT, --file FILE and --tokens IDS"
            )
        }
        guard !(chat && tokens != nil) else {
            throw ValidationError("--chat renders text; it cannot be used with --tokens")
        }
    }

    func run() async throws {
        let engine = try LocalEngine(
            model: model.model,
            compute: compute,
            drafts: drafts,
            ledger: books.open()
        )
        defer { engine.shutdown() }
        let ids = try promptTokens(engine)
        let answer = try await engine.answer(
            to: ids,
            maxTokens: maxTokens ?? engine.room(after: ids.count, atMost: Self.defaultMaxTokens),
            sampling: sampling.applied(to: engine.model.defaults),
            stop: sampling.stop,
            interrupts: Interrupts(),
            show: { text in if !json { try Terminal.write(text) } }
        )
        try finish(answer, tokenizer: engine.model.tokenizer != nil)
    }

    private func promptTokens(_ engine: LocalEngine) throws -> [TokenID] {
        if let tokens { return tokens }
        let text = try prompt ?? Files.text(file ?? "-")
        return chat
            ? try engine.encode(messages: [["role": "user", "content": .string(text)]])
            : try engine.encode(text: text)
    }

    private func finish(_ answer: Answer, tokenizer: Bool) throws {
        if json {
            try Terminal.write(answer.json.text() + "\n")
        } else if tokenizer {
            try Terminal.write("\n")
        } else {
            try Terminal.write(answer.tokens.map { String($0) }.joined(separator: ",") + "\n")
        }
        guard answer.finish != .cancelled else { throw CLIError(.failed, "stopped") }
    }
}
