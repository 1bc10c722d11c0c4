import ArgumentParser
import Core
import Tokenization

/// `tokenmill detokenize`: token ids to text.
struct DetokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detokenize",
        abstract: "Print the text of a JSON array of token ids from standard input."
    )

    @OptionGroup var model: ModelOptions

    func run() throws {
        let tokenizer = try TextModel(model.path()).tokenizer()
        let ids = try Self.ids(Files.json("-"), below: tokenizer.vocabularySize)
        try Terminal.write(tokenizer.decode(ids, skipSpecial: false))
    }

    private static func ids(_ json: JSON, below size: Int) throws(CLIError) -> [TokenID] {
        guard let values = json.array else {
            throw CLIError(.failed, "expected a JSON array of token ids, not \(json.typeName)")
        }
        var ids: [TokenID] = []
        for (index, value) in values.enumerated() {
            guard let id = value.int, 0..<size ~= id, let id = TokenID(exactly: id) else {
                throw CLIError(.failed, "entry \(index) is not a token id from 0 to \(size - 1)")
            }
            ids.append(id)
        }
        return ids
    }
}
