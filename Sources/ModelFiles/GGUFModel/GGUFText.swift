/// What a GGUF file says about text. Its tensors are not looked at: a file that holds a vocabulary
/// alone will do.
package struct GGUFText: Sendable {
    package let vocabulary: StoredVocabulary?
    /// Source of the chat template (Jinja).
    package let chatTemplate: String?

    /// Reads a GGUF file, one of the parts of a GGUF model, or the one GGUF model in a folder.
    package init(path: String) throws(ModelFileError) {
        let trimmed = ModelPath.trimmed(path)
        guard let found = try ModelPath.ggufFile(trimmed) else {
            throw ModelFileError(.notFound, path: path, "holds no GGUF file")
        }
        let file = try GGUFFile(found)
        vocabulary = try GGUFVocabulary.read(file)
        chatTemplate = try GGUFVocabulary.chatTemplate(file)
    }
}
