internal import Core

/// The tokenizer that a GGUF file carries, in the values of its metadata.
package struct GGUFTokenizer: Sendable {
    /// `tokenizer.ggml.model`: "gpt2" is byte-level BPE, "llama" SentencePiece's BPE, "t5" its Unigram.
    package var model: String
    /// `tokenizer.ggml.pre`: how words are split.
    package var preTokenizer: String?
    /// By id.
    package var tokens: [String]
    /// By id: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. Empty if not given.
    package var types: [Int]
    /// "left right", most important first.
    package var merges: [String]
    /// By id; of SentencePiece models.
    package var scores: [Float]
    package var bosID, eosID, unknownID: Int?
    /// Whether texts begin and end with those, where the file says.
    package var addsBOS, addsEOS: Bool?
    /// `add_space_prefix` and `remove_extra_whitespaces`, where the file says.
    package var addsSpacePrefix, removesExtraSpaces: Bool?
    /// `precompiled_charsmap`.
    package var charsmap: [UInt8]

    package init(
        model: String,
        preTokenizer: String?,
        tokens: [String],
        types: [Int] = [],
        merges: [String],
        scores: [Float] = [],
        bosID: Int? = nil,
        eosID: Int? = nil,
        unknownID: Int? = nil,
        addsBOS: Bool? = nil,
        addsEOS: Bool? = nil,
        addsSpacePrefix: Bool? = nil,
        removesExtraSpaces: Bool? = nil,
        charsmap: [UInt8] = []
    ) {
        self.model = model
        self.preTokenizer = preTokenizer
        self.tokens = tokens
        self.types = types
        self.merges = merges
        self.scores = scores
        self.bosID = bosID
        self.eosID = eosID
        self.unknownID = unknownID
        self.addsBOS = addsBOS
        self.addsEOS = addsEOS
        self.addsSpacePrefix = addsSpacePrefix
        self.removesExtraSpaces = removesExtraSpaces
        self.charsmap = charsmap
    }
}

extension Tokenizer {
    /// - Throws: for a vocabulary that this program does not read, or one that contradicts itself.
    package convenience init(gguf: GGUFTokenizer) throws(TokenizationError) {
        let parts =
            switch gguf.model {
            case "gpt2": try TokenizerParts(byteLevel: gguf)
            case "llama": try TokenizerParts(sentencePiece: gguf, .bpe)
            case "t5": try TokenizerParts(sentencePiece: gguf, .unigram)
            default:
                throw TokenizationError(
                    .unsupported,
                    "unsupported tokenizer \"\(gguf.model.prefix(40))\"; this reads \"gpt2\" "
                        + "(byte-level BPE), \"llama\" and \"t5\" (SentencePiece)",
                    at: "tokenizer.ggml.model"
                )
            }
        try self.init(
            parts,
            bosToken: gguf.spelling(gguf.bosID),
            eosToken: gguf.spelling(gguf.eosID)
        )
    }
}

extension GGUFTokenizer {
    fileprivate static let control = 3, userDefined = 4

    fileprivate func spelling(_ id: Int?) -> String? {
        id.flatMap { tokens.indices.contains($0) ? tokens[$0] : nil }
    }

    /// The type of each token.
    fileprivate func allTypes() throws(TokenizationError) -> [Int] {
        guard types.isEmpty || types.count == tokens.count else {
            throw TokenizationError(
                .inconsistent,
                "\(types.count) types for \(tokens.count) tokens",
                at: "tokenizer.ggml.token_type"
            )
        }
        return types.isEmpty ? [Int](repeating: 1, count: tokens.count) : types
    }

    fileprivate func added(_ id: Int) -> AddedToken {
        AddedToken(
            id: TokenID(truncatingIfNeeded: id),
            content: tokens[id],
            special: types[id] == Self.control,
            singleWord: false,
            lstrip: false,
            rstrip: false,
            normalized: false
        )
    }

    fileprivate func postProcessor(
        addsBOS: Bool,
        addsEOS: Bool
    ) throws(TokenizationError) -> PostProcessor {
        var result = PostProcessor()
        if self.addsBOS ?? addsBOS { result.prefix = [try id(bosID, "bos")] }
        if self.addsEOS ?? addsEOS { result.suffix = [try id(eosID, "eos")] }
        return result
    }

    private func id(_ id: Int?, _ name: String) throws(TokenizationError) -> TokenID {
        guard let id, tokens.indices.contains(id) else {
            throw TokenizationError(
                .inconsistent,
                "texts have this token around them, but no token has its id",
                at: "tokenizer.ggml.\(name)_token_id"
            )
        }
        return TokenID(truncatingIfNeeded: id)
    }
}

// MARK: SentencePiece

extension TokenizerParts {
    fileprivate init(
        sentencePiece gguf: GGUFTokenizer,
        _ kind: SentencePieceModel.Kind
    ) throws(TokenizationError) {
        let isBPE = kind == .bpe
        var model = SentencePieceModel(pieces: gguf.tokens, scores: gguf.scores, kind: kind)
        model.types = try gguf.allTypes().map { .init(rawValue: UInt64(clamping: $0)) ?? .unused }
        guard gguf.scores.count == gguf.tokens.count, gguf.scores.allSatisfy(\.isFinite) else {
            throw TokenizationError(
                .inconsistent,
                "\(gguf.scores.count) scores for \(gguf.tokens.count) tokens, or one is no number",
                at: "tokenizer.ggml.scores"
            )
        }
        model.unknownID = gguf.unknownID ?? (isBPE ? 0 : 2)
        guard gguf.tokens.indices.contains(model.unknownID) else {
            throw TokenizationError(
                .inconsistent,
                "no token has this id",
                at: "tokenizer.ggml.unknown_token_id"
            )
        }
        model.byteFallback = model.types.contains(.byte)
        model.prefix = gguf.addsSpacePrefix ?? isBPE ? .always : .none
        model.removesExtraSpaces = gguf.removesExtraSpaces ?? false
        model.charsmap = gguf.charsmap
        try self.init(model, gguf.postProcessor(addsBOS: isBPE, addsEOS: !isBPE))
    }
}

// MARK: byte-level BPE

extension TokenizerParts {
    fileprivate init(byteLevel gguf: GGUFTokenizer) throws(TokenizationError) {
        let types = try gguf.allTypes()
        let splitting = try GGUFSplitting.named(gguf.preTokenizer)
        addedTokens = gguf.tokens.indices.compactMap { id in
            let isAdded =
                types[id] == GGUFTokenizer.control || types[id] == GGUFTokenizer.userDefined
            return isAdded && !gguf.tokens[id].isEmpty ? gguf.added(id) : nil
        }
        normalizer = try Normalizer(
            component: splitting.composes ? ["type": "NFC"] : nil,
            at: "normalizer"
        )
        decoder = try Decoder(component: ["type": "ByteLevel"], at: "decoder")
        vocabulary = try Vocabulary(checking: gguf.tokens, decoder)
        preTokenizer = try PreTokenizer(
            component: splitting.json,
            at: "tokenizer.ggml.pre",
            modelTakesBytes: true
        )
        postProcessor = try gguf.postProcessor(addsBOS: splitting.addsBOS, addsEOS: false)
        let merges = try GGUFMerges(gguf.merges, vocabulary.spellings) {
            types[Int($0)] == GGUFTokenizer.control
        }
        /// User-defined tokens that no merge makes are only found in the text before it is split.
        func isText(_ id: TokenID) -> Bool {
            let type = types[Int(id)]
            return type != GGUFTokenizer.control
                && (type != GGUFTokenizer.userDefined || merges.makes[Int(id)])
        }
        model = .bpe(
            BPE(
                .bytes(try vocabulary.byteTokens()),
                merges: merges.table,
                wholeWords: splitting.ignoresMerges ? vocabulary.byteWords(where: isText) : nil,
                spellings: vocabulary.spellings
            )
        )
    }
}

extension Vocabulary {
    /// The token of each byte as GPT-2 spells it.
    fileprivate func byteTokens() throws(TokenizationError) -> [TokenID] {
        var tokens: [TokenID] = []
        for (byte, token) in singleBytes().enumerated() {
            guard let token else {
                throw TokenizationError(
                    .unsupported,
                    "unsupported: no token for byte \(byte); a byte-level vocabulary has all 256",
                    at: "tokenizer.ggml.tokens"
                )
            }
            tokens.append(token)
        }
        return tokens
    }
}
