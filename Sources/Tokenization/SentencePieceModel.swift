import Core

/// A SentencePiece vocabulary and what happens to texts before it: the fields of a `tokenizer.model`
/// that change ids or text, which GGUF files carry too.
struct SentencePieceModel {
    enum Kind: UInt64 {
        case unigram = 1
        case bpe = 2
    }

    enum PieceType: UInt64 {
        case normal = 1
        case unknown, control, userDefined, unused, byte
    }

    /// How texts get a space in front.
    enum Prefix {
        case none
        /// Every text between added tokens, as in `tokenizers`' "legacy" behaviour and llama.cpp.
        case always
        /// A text that starts the whole, unless it starts with a space.
        case first
    }

    var pieces: [String] = []
    var scores: [Float] = []
    var types: [PieceType] = []

    var kind = Kind.unigram
    var byteFallback = false
    var unknownID = 0
    var bosID = 1
    var eosID = 2

    /// Rules of the normalisation as a double array; empty for none.
    var charsmap: [UInt8] = []
    var prefix = Prefix.always
    /// Whether spaces at the ends go, and several in a row become one.
    var removesExtraSpaces = true
    /// Whether pieces are written with U+2581 for a space.
    var escapesSpaces = true
}

extension TokenizerParts {
    /// - Throws: if the pieces contradict each other.
    init(
        _ model: SentencePieceModel,
        _ postProcessor: PostProcessor
    ) throws(TokenizationError) {
        addedTokens = model.addedTokens
        normalizer = try model.normalizer()
        preTokenizer = model.preTokenizer
        decoder = try model.decoder()
        vocabulary = try Vocabulary(checking: model.pieces, decoder)
        self.model = try model.model(vocabulary.spellings)
        self.postProcessor = postProcessor
    }
}

extension Vocabulary {
    /// - Throws: if two tokens are spelled alike.
    init(checking tokens: [String], _ decoder: Decoder) throws(TokenizationError) {
        do throws(RegexError) {
            var spellings = ByteTable(capacity: tokens.count)
            for token in tokens { spellings.append { $0.append(contentsOf: token.utf8) } }
            try self.init(spellings, decoder)
        } catch {
            throw TokenizationError(.tooMuchWork, error.message, at: "decoder")
        }
        if let repeated {
            throw TokenizationError(
                .inconsistent,
                "\"\(spelling(of: repeated))\" has two ids, one of them \(repeated)",
                at: "tokens"
            )
        }
    }
}

extension SentencePieceModel {
    private static let space: [UInt8] = [0x20]
    /// U+2581.
    private static let visibleSpace: [UInt8] = [0xE2, 0x96, 0x81]

    /// Control tokens and the unknown one; and what users defined, which never merges or splits.
    fileprivate var addedTokens: [AddedToken] {
        pieces.indices.compactMap { id in
            let type = types[id]
            guard type == .control || type == .unknown || type == .userDefined else { return nil }
            return AddedToken(
                id: TokenID(truncatingIfNeeded: id),
                content: pieces[id],
                special: type != .userDefined,
                singleWord: false,
                lstrip: false,
                rstrip: false,
                normalized: false
            )
        }
    }

    fileprivate func normalizer() throws(TokenizationError) -> Normalizer {
        var steps: [Normalizer.Step] = []
        if !charsmap.isEmpty {
            steps.append(
                .precompiled(try PrecompiledCharsmap(charsmap, at: "precompiled_charsmap"))
            )
        }
        if removesExtraSpaces { steps.append(.trimSpaces) }
        if prefix == .always { steps.append(.prepend(Self.space)) }
        if escapesSpaces {
            steps.append(.replace(.literal(Self.space), with: Self.visibleSpace))
        }
        return Normalizer(steps: steps)
    }

    fileprivate var preTokenizer: PreTokenizer {
        guard prefix == .first else { return PreTokenizer() }
        let replacement = escapesSpaces ? Self.visibleSpace : Self.space
        return PreTokenizer(steps: [
            .metaspace(Metaspace(replacement: replacement, prepending: .first, splits: false))
        ])
    }

    fileprivate func decoder() throws(TokenizationError) -> Decoder {
        var decoders: [JSON] = []
        if escapesSpaces {
            decoders.append(["type": "Replace", "pattern": ["String": "▁"], "content": " "])
        }
        if byteFallback { decoders.append(["type": "ByteFallback"]) }
        decoders.append(["type": "Fuse"])
        if prefix != .none {
            decoders.append(["type": "Strip", "content": " ", "start": 1, "stop": 0])
        }
        let sequence: JSON = ["type": "Sequence", "decoders": .array(decoders)]
        return try Decoder(component: sequence, at: "decoder")
    }

    fileprivate func model(_ spellings: ByteTable) throws(TokenizationError) -> TokenizerModel {
        let unknown = TokenID(truncatingIfNeeded: unknownID)
        /// Whether text may become the piece.
        func isText(_ id: TokenID) -> Bool {
            types[Int(id)] == .normal || types[Int(id)] == .userDefined
        }
        if kind == .unigram {
            return .unigram(
                try Unigram(
                    spellings: spellings,
                    scores: scores.map { Double($0) },
                    unknown: unknown,
                    byteFallback: byteFallback,
                    where: isText
                )
            )
        }
        let alphabet = CharacterAlphabet(
            spellings: spellings,
            byteFallback: byteFallback,
            unknown: unknown,
            fusesUnknown: true
        ) { isText($0) || types[Int($0)] == .byte }
        let merges = MergeTable(spellings: spellings, scores: scores, where: isText)
        return .bpe(
            BPE(.characters(alphabet), merges: merges, wholeWords: nil, spellings: spellings)
        )
    }
}
