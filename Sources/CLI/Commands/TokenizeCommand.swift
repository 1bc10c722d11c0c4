import ArgumentParser
import Core
import Tokenization

/// `tokenmill tokenize`: text to token ids.
struct TokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Print the token ids of a text as a JSON array.",
        discussion: "Nothing is put before or after the text (no BOS, no EOS)."
    )

    @OptionGroup var model: ModelOptions

    @Option(help: "A file that holds the text. (default: standard input)")
    var file: String?

    @Flag(help: "Let text that spells a control token become that token.")
    var special = false

    func run() throws {
        let tokenizer = try TextModel(model.path()).tokenizer()
        let text = try Files.text(file ?? "-")
        let ids = try tokenizer.encode(text, parseSpecial: special, addSpecial: false)
        try Terminal.write(JSON.array(ids.map { .int(Int($0)) }).text() + "\n")
    }
}
