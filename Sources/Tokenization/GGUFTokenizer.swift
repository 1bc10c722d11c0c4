internal import Core

/// The tokenizer that a GGUF file carries, in the values of its metadata.
package struct GGUFTokenizer: Sendable {
    /// `tokenizer.ggml.model`; "gpt2" is byte-level BPE.
    package var model: String
    /// `tokenizer.ggml.pre`: how words are split.
    package var preTokenizer: String?
    /// By id.
    package var tokens: [String]
    /// By id: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. Empty if not given.
    package var types: [Int]
    /// "left right", most important first.
    package var merges: [String]
    package var bosID, eosID: Int?
    /// Whether texts begin and end with those, where the file says.
    package var addsBOS, addsEOS: Bool?

    package init(
        model: String,
        preTokenizer: String?,
        tokens: [String],
        types: [Int] = [],
        merges: [String],
        bosID: Int? = nil,
        eosID: Int? = nil,
        addsBOS: Bool? = nil,
        addsEOS: Bool? = nil
    ) {
        self.model = model
        self.preTokenizer = preTokenizer
        self.tokens = tokens
        self.types = types
        self.merges = merges
        self.bosID = bosID
        self.eosID = eosID
        self.addsBOS = addsBOS
        self.addsEOS = addsEOS
    }
}

extension Tokenizer {
    /// Byte-level BPE from a GGUF file. It is put into the words of tokenizer.json and read like one,
    /// so that both mean the same and are checked alike.
    package convenience init(gguf: GGUFTokenizer) throws(TokenizationError) {
        try self.init(json: gguf.json(), configuration: gguf.configuration)
    }
}

/// One of llama.cpp's names for the way words are split.
private struct GGUFSplitting {
    enum Style {
        case gpt2
        /// Digits one by one, then as GPT-2.
        case digits
        case cl100k(String)
    }

    let style: Style
    var ignoresMerges = false
    /// Texts begin with the beginning-of-sequence token, where the file does not say.
    var addsBOS = false

    static func named(_ name: String) -> GGUFSplitting? {
        known.first { $0.0.contains(name) }?.1
    }

    /// Names of tokenizers whose text Hugging Face composes (NFC) before splitting; llama.cpp does
    /// not.
    static let composing: Set<String> = ["qwen2", "deepseek-r1-qwen", "command-r", "olmo", "mpt"]

    static let known: [([String], GGUFSplitting)] = [
        (
            [
                "gpt-2", "phi-2", "mpt", "olmo", "jais", "trillion", "granite-docling", "exaone4",
                "gigachat", "a.x-4.0", "mellum", "modern-bert", "roberta-bpe", "jina-es", "jina-de",
                "jina-v1-en", "jina-v2-es", "jina-v2-de", "jina-v2-code",
            ],
            GGUFSplitting(style: .gpt2)
        ),
        (
            [
                "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b",
                "mellum2",
            ],
            GGUFSplitting(style: .digits)
        ),
        (
            [
                "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0",
                "lfm2", "jina-v5-nano",
            ],
            GGUFSplitting(style: .cl100k(#"\p{N}{1,3}"#), ignoresMerges: true, addsBOS: true)
        ),
        (["glm4", "glm5"], GGUFSplitting(style: .cl100k(#"\p{N}{1,3}"#), ignoresMerges: true)),
        (["smaug-bpe", "dbrx", "chatglm-bpe"], GGUFSplitting(style: .cl100k(#"\p{N}{1,3}"#))),
        (
            [
                "qwen2", "deepseek-r1-qwen", "megrez", "stablelm2", "hunyuan", "solar-open",
                "kormo", "f2llmv2", "grok-2",
            ],
            GGUFSplitting(style: .cl100k(#"\p{N}"#))
        ),
    ]

    /// `pre_tokenizer` of tokenizer.json.
    var json: JSON {
        func bytes(splits: Bool) -> JSON {
            ["type": "ByteLevel", "add_prefix_space": false, "use_regex": .bool(splits)]
        }
        switch style {
        case .gpt2: return bytes(splits: true)
        case .digits:
            let digits: JSON = ["type": "Digits", "individual_digits": true]
            return ["type": "Sequence", "pretokenizers": [digits, bytes(splits: true)]]
        case .cl100k(let digits):
            let split: JSON = [
                "type": "Split", "behavior": "Isolated", "invert": false,
                "pattern": ["Regex": .string(WordScanner.cl100kPattern(digits))],
            ]
            return ["type": "Sequence", "pretokenizers": [split, bytes(splits: false)]]
        }
    }
}

extension GGUFTokenizer {
    private static let control = 3, userDefined = 4

    fileprivate func json() throws(TokenizationError) -> JSON {
        guard model == "gpt2" else {
            throw TokenizationError(
                .unsupported,
                "unsupported tokenizer \"\(model.prefix(40))\"; this reads \"gpt2\" (byte-level BPE)",
                at: "tokenizer.ggml.model"
            )
        }
        guard types.isEmpty || types.count == tokens.count else {
            throw TokenizationError(
                .inconsistent,
                "\(types.count) types for \(tokens.count) tokens",
                at: "tokenizer.ggml.token_type"
            )
        }
        let splitting = try splitting()
        let (vocabulary, added) = vocabulary()
        let composes = GGUFSplitting.composing.contains(preTokenizer ?? "")
        return [
            "version": "1.0",
            "added_tokens": .array(added),
            "normalizer": composes ? ["type": "NFC"] : .null,
            "pre_tokenizer": splitting.json,
            "post_processor": try postProcessor(addsBOS ?? splitting.addsBOS),
            "decoder": ["type": "ByteLevel"],
            "model": [
                "type": "BPE",
                "ignore_merges": .bool(splitting.ignoresMerges),
                "vocab": .object(vocabulary),
                "merges": .array(merges.map { .string($0) }),
            ],
        ]
    }

    private func splitting() throws(TokenizationError) -> GGUFSplitting {
        if let preTokenizer, let splitting = GGUFSplitting.named(preTokenizer) { return splitting }
        let names = GGUFSplitting.known.flatMap(\.0).joined(separator: ", ")
        let problem =
            preTokenizer == nil || preTokenizer == "default"
            ? "the file does not say how it splits words; convert the model anew"
            : "unsupported splitting of words \"\(preTokenizer?.prefix(40) ?? "")\""
        throw TokenizationError(
            .unsupported,
            "\(problem); known are \(names)",
            at: "tokenizer.ggml.pre"
        )
    }

    /// Tokens of the model, and those that are found in the text before it is split.
    private func vocabulary() -> (JSONObject, [JSON]) {
        // What merges make must be in the model, whatever else it is.
        let merged = types.contains(Self.userDefined) ? mergedTokens() : []
        var members: [JSONObject.Member] = []
        members.reserveCapacity(tokens.count)
        var added: [JSON] = []
        for (id, token) in tokens.enumerated() {
            let type = types.isEmpty ? 1 : types[id]
            let isAdded = !token.isEmpty && (type == Self.control || type == Self.userDefined)
            if isAdded {
                added.append([
                    "id": .int(id), "content": .string(token), "single_word": false,
                    "lstrip": false, "rstrip": false, "normalized": false,
                    "special": .bool(type == Self.control),
                ])
            }
            if !isAdded || type == Self.userDefined && merged.contains(token) {
                members.append(.init(key: token, value: .int(id)))
            }
        }
        return (JSONObject(members: members), added)
    }

    private func mergedTokens() -> Set<String> {
        Set(merges.map { String($0.split(separator: " ", maxSplits: 1).joined()) })
    }

    private func postProcessor(_ addsBOS: Bool) throws(TokenizationError) -> JSON {
        var pieces: [JSON] = [["Sequence": ["id": "A", "type_id": 0]]]
        var special: JSON = [:]
        func piece(_ id: Int?, _ key: String) throws(TokenizationError) -> JSON {
            guard let id, let token = spelling(id) else {
                throw TokenizationError(
                    .inconsistent,
                    "texts have this token around them, but no token has its id",
                    at: key
                )
            }
            var members = special.object ?? [:]
            members[token] = ["id": .string(token), "ids": [.int(id)], "tokens": [.string(token)]]
            special = .object(members)
            return ["SpecialToken": ["id": .string(token), "type_id": 0]]
        }
        if addsBOS { pieces.insert(try piece(bosID, "tokenizer.ggml.bos_token_id"), at: 0) }
        if addsEOS == true { pieces.append(try piece(eosID, "tokenizer.ggml.eos_token_id")) }
        if pieces.count == 1 { return .null }
        return [
            "type": "TemplateProcessing", "single": .array(pieces), "pair": [],
            "special_tokens": special,
        ]
    }

    private func spelling(_ id: Int?) -> String? {
        id.flatMap { tokens.indices.contains($0) ? tokens[$0] : nil }
    }

    /// What tokenizer_config.json would say.
    fileprivate var configuration: JSON {
        func token(_ id: Int?) -> JSON { spelling(id).map { .string($0) } ?? .null }
        return ["bos_token": token(bosID), "eos_token": token(eosID)]
    }
}
