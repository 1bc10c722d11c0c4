internal import Core

/// Where Hugging Face folders keep their chat template: `chat_template.jinja`, or, older,
/// `chat_template` in `tokenizer_config.json` (a string, or a list of named templates).
enum ChatTemplateSource {
    /// The default template of the first folder that has one.
    static func find(in folders: [String]) throws(ModelFileError) -> String? {
        for folder in folders {
            let file = folder + "/chat_template.jinja"
            if SmallFile.exists(file) {
                return try SmallFile.text(file, limit: Limits.templateBytes)
            }
            let configuration = folder + "/tokenizer_config.json"
            if SmallFile.exists(configuration), let template = try template(in: configuration) {
                return template
            }
        }
        return nil
    }

    private static func template(in path: String) throws(ModelFileError) -> String? {
        guard let value = try SmallFile.json(path)["chat_template"], !value.isNull else {
            return nil
        }
        let named = value.array?.first { $0["name"]?.string == "default" }
        guard let template = value.string ?? named?["template"]?.string else {
            throw ModelFileError(
                .malformed,
                path: path,
                "chat_template is neither a string nor a list with a template named \"default\""
            )
        }
        guard template.utf8.count <= Limits.templateBytes else {
            throw ModelFileError(
                .tooLarge,
                path: path,
                "chat_template is longer than \(Limits.templateBytes) bytes"
            )
        }
        return template
    }
}
