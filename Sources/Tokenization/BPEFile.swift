import Core

/// Reads the `model` section of tokenizer.json when it is BPE.
struct BPEFile {
    static let keys = [
        "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
        "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges",
    ]

    private let fields: Fields
    private let names: TokenNames
    private let special: Set<TokenID>

    init(_ fields: Fields, _ names: TokenNames, _ added: [AddedToken]) throws(TokenizationError) {
        self.fields = fields
        self.names = names
        special = Set(added.filter(\.special).map(\.id))
        try checkSettings()
    }

    /// The tokens in `vocab` with their ids.
    static func pieces(_ fields: Fields) throws(TokenizationError) -> [(name: String, id: Int)] {
        guard let vocab = fields["vocab"]?.object else {
            throw fields.wrongType("vocab", "an object")
        }
        var pieces: [(name: String, id: Int)] = []
        pieces.reserveCapacity(vocab.count)
        for member in vocab.members {
            guard let id = member.value.int else {
                throw TokenizationError(
                    .malformed,
                    "the id of \"\(member.key)\" is not an integer",
                    at: fields.location("vocab")
                )
            }
            pieces.append((member.key, id))
        }
        return pieces
    }

    private func checkSettings() throws(TokenizationError) {
        if fields["dropout"]?.double != 0 { try fields.requireNull("dropout") }
        for key in ["continuing_subword_prefix", "end_of_word_suffix"] where fields[key] != "" {
            try fields.requireNull(key)
        }
    }

    /// Whether the model has a token for each byte as GPT-2 spells it.
    var takesBytes: Bool { byteTokens() != nil }

    /// - Parameter takesBytes: whether words are bytes and not characters.
    func model(takesBytes: Bool) throws(TokenizationError) -> BPE {
        let unknown = try unknown()
        let fuses = try fields.bool("fuse_unk", default: false)
        let fallsBack = try fields.bool("byte_fallback", default: false)
        let ignoresMerges = try fields.bool("ignore_merges", default: false)
        let words: ByteTable? =
            !ignoresMerges
            ? nil
            : takesBytes
                ? names.vocabulary.byteWords(where: isText)
                : names.vocabulary.words(where: isText)
        let alphabet: BPE.Alphabet
        if takesBytes, let tokens = byteTokens() {
            // Nothing is ever unknown, so that the settings for that do not matter.
            alphabet = .bytes(tokens)
        } else {
            alphabet = .characters(
                CharacterAlphabet(
                    spellings: names.vocabulary.spellings,
                    byteFallback: fallsBack,
                    unknown: unknown,
                    fusesUnknown: fuses,
                    where: isText
                )
            )
        }
        return BPE(
            alphabet,
            merges: try merges(),
            wholeWords: words,
            spellings: names.vocabulary.spellings
        )
    }

    /// Whether text may become this token: it is the model's and no control token.
    private func isText(_ id: TokenID) -> Bool {
        names.isInModel[Int(id)] && !special.contains(id)
    }

    private func unknown() throws(TokenizationError) -> TokenID? {
        guard let name = fields["unk_token"], !name.isNull else { return nil }
        let text = try fields.string("unk_token")
        guard let id = names.vocabulary.id(of: text) else {
            throw TokenizationError(
                .inconsistent,
                "\"\(text)\" is not in the vocabulary",
                at: fields.location("unk_token")
            )
        }
        return id
    }

    private func byteTokens() -> [TokenID]? {
        let tokens = names.vocabulary.singleBytes().compactMap { id in
            id.flatMap { isText($0) ? $0 : nil }
        }
        return tokens.count == 256 ? tokens : nil
    }
}

// MARK: merges

extension BPEFile {
    private func merges() throws(TokenizationError) -> MergeTable {
        let list = try fields.array("merges")
        guard list.count <= Int(UInt32.max) else {
            throw fields.wrongType("merges", "fewer merges")
        }
        var reader = MergeReader(count: list.count, names.vocabulary.spellings)
        for (rank, merge) in list.enumerated() {
            if let pair = merge.array {
                guard pair.count == 2, let left = pair[0].string, let right = pair[1].string else {
                    throw notAPair(rank)
                }
                try read(left.utf8Span.span, right.utf8Span.span, &reader, rank)
            } else {
                guard let line = merge.string else { throw notAPair(rank) }
                let text = line.utf8Span.span
                let cut = try cut(text, rank)
                let right = text.extracting(cut + 1..<text.count)
                try read(text.extracting(0..<cut), right, &reader, rank)
            }
        }
        return reader.table
    }

    /// Where the one space of a line is.
    private func cut(_ text: Span<UInt8>, _ rank: Int) throws(TokenizationError) -> Int {
        var cut: Int?
        for index in text.indices where text[index] == 0x20 {
            if cut != nil { throw notAPair(rank) }
            cut = index
        }
        guard let cut else { throw notAPair(rank) }
        return cut
    }

    private func read(
        _ left: Span<UInt8>,
        _ right: Span<UInt8>,
        _ reader: inout MergeReader,
        _ rank: Int
    ) throws(TokenizationError) {
        let merge = reader.read(left, right)
        let isKnown =
            isInModel(merge.left) && isInModel(merge.right) && isInModel(merge.into)
        guard isKnown, let into = merge.into else {
            let names = [text(left), text(right), text(left) + text(right)]
            let missing = zip(names, [merge.left, merge.right, merge.into])
                .first { !isInModel($0.1) }
            throw error(.inconsistent, "\"\(missing?.0 ?? "")\" is not in the vocabulary", rank)
        }
        if special.contains(into) {
            throw error(
                .unsupported,
                "unsupported: a merge that makes the control token "
                    + "\"\(names.vocabulary.spelling(of: into))\", which any text could then forge",
                rank
            )
        }
        reader.insert(merge)
    }

    private func isInModel(_ id: TokenID?) -> Bool { id.map { names.isInModel[Int($0)] } ?? false }

    private func text(_ span: Span<UInt8>) -> String {
        String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
    }

    private func notAPair(_ rank: Int) -> TokenizationError {
        error(.malformed, "expected two tokens, as \"a b\" or as [\"a\", \"b\"]", rank)
    }

    private func error(
        _ code: TokenizationError.Code,
        _ message: String,
        _ rank: Int
    ) -> TokenizationError {
        TokenizationError(code, message, at: fields.location("merges") + "[\(rank)]")
    }
}
