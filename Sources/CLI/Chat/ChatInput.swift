/// One line a person typed at the chat prompt.
package enum ChatInput: Equatable, Sendable {
    case nothing
    case message(String)
    case help
    case clear
    /// Sets the system message; empty removes it.
    case system(String)
    case save(String)
    case load(String)
    case set(name: String, value: String)
    case tokens
    case quit
    /// Not a command that exists, or one that lacks something; the text says what was expected.
    case wrong(String)

    package init(_ line: String) {
        let line = Self.trimmed(line[...])
        guard line.hasPrefix("/") else {
            self = line.isEmpty ? .nothing : .message(String(line))
            return
        }
        let space = line.firstIndex(where: \.isWhitespace) ?? line.endIndex
        self.init(command: String(line[..<space]), argument: Self.trimmed(line[space...]))
    }

    private init(command: String, argument: Substring) {
        switch command {
        case "/help": self = .help
        case "/clear": self = .clear
        case "/tokens": self = .tokens
        case "/quit", "/exit": self = .quit
        case "/system": self = .system(String(argument))
        case "/save" where !argument.isEmpty: self = .save(String(argument))
        case "/load" where !argument.isEmpty: self = .load(String(argument))
        case "/save", "/load": self = .wrong("\(command) needs a file: \(command) FILE")
        case "/set": self = Self.setting(argument)
        default: self = .wrong("there is no \(command); /help lists the commands")
        }
    }

    private static func setting(_ argument: Substring) -> ChatInput {
        let words = argument.split(whereSeparator: \.isWhitespace)
        guard words.count == 2 else {
            return .wrong("expected /set NAME VALUE; \(ChatSettings.help)")
        }
        return .set(name: String(words[0]), value: String(words[1]))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop(while: \.isWhitespace)
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return start[...end]
    }

    package static let helpText = """
        /system TEXT      set the system message (no text: remove it)
        /set NAME VALUE   \(ChatSettings.help)
        /tokens           how full the context is
        /save FILE        write the conversation as JSON
        /load FILE        read it back
        /clear            forget the conversation
        /quit             leave (also Ctrl-D; Ctrl-C stops an answer)
        """
}
