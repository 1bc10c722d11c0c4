import ArgumentParser
import ChatTemplates
import Core
import Tokenization

/// `tokenmill template`: messages to the prompt a model sees.
struct TemplateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template",
        abstract: "Print the prompt that a chat template makes of messages."
    )

    @OptionGroup var model: ModelOptions

    @Option(help: "A Jinja template, instead of the model's.")
    var template: String?

    @Option(help: "A JSON array of messages; - is standard input.")
    var messages: String

    @Option(help: "A JSON array of tools.")
    var tools: String?

    @Option(help: "A JSON object of further template variables.")
    var kwargs: String?

    @Flag(inversion: .prefixedNo, help: "End with the start of the assistant's turn.")
    var generationPrompt = true

    func run() throws {
        let request = ChatRequest(
            messages: try Self.array(messages, "messages"),
            tools: try tools.map { try Self.array($0, "tools") } ?? [],
            variables: try kwargs.map(Self.object) ?? JSONObject(),
            addGenerationPrompt: generationPrompt
        )
        let (template, bos, eos) = try parts()
        try Terminal.write(template.render(request, bosToken: bos, eosToken: eos).text)
    }

    /// The template, and the tokens it may print: known only where a model was named.
    private func parts() throws -> (ChatTemplate, bos: String?, eos: String?) {
        if let template, model.model == nil {
            return (try ChatTemplate(source: Files.text(template)), nil, nil)
        }
        let text = try TextModel(model.path())
        let source = try template.map { try Files.text($0) } ?? text.templateSource()
        let tokenizer = try? text.tokenizer()
        return (try ChatTemplate(source: source), tokenizer?.bosToken, tokenizer?.eosToken)
    }

    private static func array(_ path: String, _ what: String) throws(CLIError) -> [JSON] {
        let value = try Files.json(path)
        guard let array = value.array ?? value[what]?.array else {
            throw CLIError(
                .failed,
                "\(Files.name(path)): expected a JSON array of \(what), not \(value.typeName)"
            )
        }
        return array
    }

    private static func object(_ path: String) throws(CLIError) -> JSONObject {
        let value = try Files.json(path)
        guard let object = value.object else {
            throw CLIError(
                .failed,
                "\(Files.name(path)): expected a JSON object, not \(value.typeName)"
            )
        }
        return object
    }
}
