import Core

/// What a tokenizer is made of, whatever file it came from.
struct TokenizerParts {
    var vocabulary: Vocabulary
    var addedTokens: [AddedToken]
    var normalizer: Normalizer
    var preTokenizer: PreTokenizer
    var model: TokenizerModel
    var postProcessor: PostProcessor
    var decoder: Decoder

    /// Reads tokenizer.json. A component that this build does not read is an error that names it.
    /// - Parameter lists: what `model.vocab` and `model.merges` hold, if not `json` has them.
    init(tokenizerJSON json: JSON, _ lists: ModelLists? = nil) throws(TokenizationError) {
        let file = try Fields(json, at: "", allowed: Self.sections)
        if let version = file["version"], version != "1.0" {
            throw TokenizationError(
                .unsupported,
                "unsupported version of the format; this reads 1.0",
                at: "version"
            )
        }
        try file.requireNull("truncation", "padding")
        addedTokens = try AddedToken.read(file)
        normalizer = try Normalizer(component: file["normalizer"], at: "normalizer")
        decoder = try Decoder(component: file["decoder"], at: "decoder")
        let type = try Self.modelType(file)
        if type == "Unigram" {
            let fields = try file.object("model", allowed: UnigramFile.keys)
            let pieces = try UnigramFile.pieces(fields)
            let names = try TokenNames(pieces, addedTokens, normalizer, decoder)
            preTokenizer = try Self.preTokenizer(file, modelTakesBytes: false)
            model = .unigram(try UnigramFile.model(fields, names, addedTokens))
            vocabulary = names.vocabulary
        } else {
            let fields = try file.object("model", allowed: BPEFile.keys)
            let lists = if let lists { lists } else { try BPEFile.lists(fields) }
            let names = try TokenNames(lists, addedTokens, normalizer, decoder)
            let bpe = try BPEFile(fields, lists, names, addedTokens)
            preTokenizer = try Self.preTokenizer(file, modelTakesBytes: bpe.takesBytes)
            model = .bpe(try bpe.model(takesBytes: preTokenizer.wordsAreBytes))
            vocabulary = names.vocabulary
        }
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

    /// Files of the format's first years have no type here; merges tell BPE from the others.
    private static func modelType(_ file: Fields) throws(TokenizationError) -> String {
        guard let model = file["model"]?.object else { throw file.wrongType("model", "an object") }
        let type = model["type"] ?? (model["merges"] == nil ? "" : "BPE")
        guard type == "BPE" || type == "Unigram" else {
            throw TokenizationError(
                .unsupported,
                "unsupported model \"\(type.string?.prefix(40) ?? "")\"; this reads BPE and Unigram",
                at: "model.type"
            )
        }
        return type.string ?? ""
    }

    private static func preTokenizer(
        _ file: Fields,
        modelTakesBytes: Bool
    ) throws(TokenizationError) -> PreTokenizer {
        try PreTokenizer(
            component: file["pre_tokenizer"],
            at: "pre_tokenizer",
            modelTakesBytes: modelTakesBytes
        )
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
