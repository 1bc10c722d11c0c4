import Core
import Tokenization

/// The parts of a model folder that deal in text. Needs neither weights nor config.json, so that a
/// folder with a tokenizer alone will do.
struct TextModel {
    private let folder: String

    /// - Parameter path: a model folder; its text files are there or in `../tokenizer`.
    init(_ path: String) throws(CLIError) {
        guard let real = Files.resolved(path) else {
            throw CLIError(.failed, "\(path): \(Terminal.errorText())")
        }
        let folders = [real, real + "/../tokenizer"]
        folder = folders.first { Files.exists($0 + "/tokenizer.json") } ?? real
    }

    func tokenizer() throws -> Tokenizer {
        guard Files.exists(folder + "/tokenizer.json") else {
            throw CLIError(
                .failed,
                "\(folder) has no tokenizer.json; pass -m with a folder that does"
            )
        }
        return try Tokenizer(folder: folder)
    }

    /// `chat_template.jinja`, or the template inside tokenizer_config.json.
    func templateSource() throws(CLIError) -> String {
        let file = folder + "/chat_template.jinja"
        if Files.exists(file) { return try Files.text(file) }
        let configuration = folder + "/tokenizer_config.json"
        if Files.exists(configuration) {
            let template = try Files.json(configuration)["chat_template"]
            if let source = template?.string ?? Self.defaultTemplate(template) { return source }
        }
        throw CLIError(.failed, "\(folder) has no chat template; pass --template FILE")
    }

    /// Some models list several templates by name.
    private static func defaultTemplate(_ templates: JSON?) -> String? {
        let named = templates?.array?.first { $0["name"]?.string == "default" }
        return named?["template"]?.string
    }
}
