import Core

/// What a tokenizer is made of, whatever file it came from.
struct TokenizerParts {
    var vocabulary: Vocabulary
    var addedTokens: [AddedToken]
    var normalizer: Normalizer
    var preTokenizer: PreTokenizer
    var model: BPE
    var postProcessor: PostProcessor

    /// Reads tokenizer.json. A component that this build does not read is an error that names it.
    init(tokenizerJSON json: JSON) throws(TokenizationError) {
        let file = try Fields(json, at: "", allowed: Self.sections)
        if let version = file["version"], version != "1.0" {
            throw TokenizationError(
                .unsupported,
                "unsupported version of the format; this reads 1.0",
                at: "version"
            )
        }
        try file.requireNull("truncation", "padding")
        let model = try file.object("model", allowed: BPEFile.keys)
        addedTokens = try AddedToken.read(file)
        normalizer = try Normalizer(component: file["normalizer"], at: "normalizer")
        let names = try TokenNames(model, addedTokens, normalizer)
        vocabulary = names.vocabulary
        self.model = try BPEFile(model, names, addedTokens).model()
        preTokenizer = try PreTokenizer(component: file["pre_tokenizer"], at: "pre_tokenizer")
        try Self.checkDecoder(file["decoder"])
        postProcessor = try PostProcessor(
            component: file["post_processor"],
            at: "post_processor",
            vocabulary
        )
    }

    private static let sections = [
        "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
        "post_processor", "decoder", "model",
    ]

    /// ByteLevel is the one decoder so far, and none of its settings matters to decoding.
    private static func checkDecoder(_ json: JSON?) throws(TokenizationError) {
        let component = try Component(json, at: "decoder")
        guard component.type == "ByteLevel" else { throw component.unsupported() }
        _ = try component.fields(PreTokenizer.byteLevelKeys)
    }
}

extension AddedToken {
    fileprivate static func read(_ file: Fields) throws(TokenizationError) -> [AddedToken] {
        guard let list = file["added_tokens"], !list.isNull else { return [] }
        guard let tokens = list.array else { throw file.wrongType("added_tokens", "an array") }
        var result: [AddedToken] = []
        for (index, token) in tokens.enumerated() {
            result.append(try AddedToken(token, at: "added_tokens[\(index)]"))
        }
        return result
    }

    private init(_ json: JSON, at path: String) throws(TokenizationError) {
        let fields = try Fields(
            json,
            at: path,
            allowed: [
                "id", "content", "single_word", "lstrip", "rstrip", "normalized", "special",
            ]
        )
        id = try fields.id("id")
        content = try fields.string("content")
        if content.isEmpty {
            throw TokenizationError(.malformed, "an added token must not be empty", at: path)
        }
        singleWord = try fields.bool("single_word")
        lstrip = try fields.bool("lstrip")
        rstrip = try fields.bool("rstrip")
        normalized = try fields.bool("normalized")
        special = try fields.bool("special")
    }
}
