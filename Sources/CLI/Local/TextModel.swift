import Core
import Generation
import ModelFiles
import Tokenization

/// The parts of a model that deal in text. A folder needs neither weights nor config.json for them:
/// one with a tokenizer alone will do.
struct TextModel {
    private let folder: String
    /// Where the text files are not: a GGUF file carries its own.
    private let gguf: GGUFText?

    /// - Parameter path: a GGUF file, or a folder whose text files are there or in `../tokenizer`.
    init(_ path: String) throws {
        guard let real = Files.resolved(path) else {
            throw CLIError(.failed, "\(path): \(Terminal.errorText())")
        }
        let folders = [real, real + "/../tokenizer"]
        folder = folders.first { Tokenizer.exists(in: $0) } ?? real
        if real.lowercased().hasSuffix(".gguf") {
            gguf = try GGUFText(path: path)
        } else {
            // A folder may hold a GGUF file, or text files alone.
            gguf = Tokenizer.exists(in: folder) ? nil : try? GGUFText(path: path)
        }
    }

    func tokenizer() throws -> Tokenizer {
        if let vocabulary = gguf?.vocabulary { return try vocabulary.tokenizer() }
        guard Tokenizer.exists(in: folder) else {
            throw CLIError(
                .failed,
                "\(folder) has no tokenizer.json; pass -m with a folder that does"
            )
        }
        return try Tokenizer(folder: folder)
    }

    /// `chat_template.jinja`, or the template inside tokenizer_config.json.
    func templateSource() throws(CLIError) -> String {
        if let template = gguf?.chatTemplate { return template }
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
