import Core

/// Reads the `model` section of tokenizer.json when it is BPE.
struct BPEFile {
    static let keys = [
        "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
        "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges",
    ]

    private let fields: Fields
    private let lists: ModelLists
    private let names: TokenNames
    /// Whether an id is a control token.
    private let isSpecial: [Bool]

    init(
        _ fields: Fields,
        _ lists: ModelLists,
        _ names: TokenNames,
        _ added: [AddedToken]
    ) throws(TokenizationError) {
        self.fields = fields
        self.lists = lists
        self.names = names
        var isSpecial = [Bool](repeating: false, count: names.vocabulary.count)
        for token in added where token.special { isSpecial[Int(token.id)] = true }
        self.isSpecial = isSpecial
        try checkSettings()
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
        names.isInModel[Int(id)] && !isSpecial[Int(id)]
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

// MARK: the lists

extension BPEFile {
    /// `vocab` and `merges`.
    static func lists(_ fields: Fields) throws(TokenizationError) -> ModelLists {
        guard let vocab = fields["vocab"]?.object else {
            throw fields.wrongType("vocab", "an object")
        }
        var lists = ModelLists()
        try lists.addTokens(vocab, at: fields.location("vocab"))
        for (rank, merge) in try fields.array("merges").enumerated() {
            guard let merge = lists.append(merge) else {
                throw error(
                    .malformed,
                    "expected two tokens, as \"a b\" or as [\"a\", \"b\"]",
                    fields,
                    rank
                )
            }
            lists.merges.append(merge)
        }
        return lists
    }

    private static func error(
        _ code: TokenizationError.Code,
        _ message: String,
        _ fields: Fields,
        _ rank: Int
    ) -> TokenizationError {
        TokenizationError(code, message, at: fields.location("merges") + "[\(rank)]")
    }
}

// MARK: merges

extension BPEFile {
    private func merges() throws(TokenizationError) -> MergeTable {
        var table = MergeTable(capacity: lists.merges.count)
        var rank = 0
        for merges in MergeReader(lists, names.vocabulary.spellings).merges() {
            for (index, merge) in merges.enumerated() { try check(merge, rank: rank + index) }
            table.insert(merges, rank: rank)
            rank += merges.count
        }
        return table
    }

    private func check(_ merge: MergeReader.Merge, rank: Int) throws(TokenizationError) {
        guard isInModel(merge.left), isInModel(merge.right), isInModel(merge.into) else {
            throw missing(merge, rank)
        }
        if isSpecial[Int(merge.into)] { throw forgery(merge.into, rank) }
    }

    private func isInModel(_ id: TokenID) -> Bool { id >= 0 && names.isInModel[Int(id)] }

    private func missing(_ merge: MergeReader.Merge, _ rank: Int) -> TokenizationError {
        let parts = lists.merges[rank]
        let left = lists.string(parts.left)
        let right = lists.string(parts.right)
        let missing = zip([left, right, left + right], [merge.left, merge.right, merge.into])
            .first { !isInModel($0.1) }
        return Self.error(
            .inconsistent,
            "\"\(missing?.0 ?? "")\" is not in the vocabulary",
            fields,
            rank
        )
    }

    private func forgery(_ token: TokenID, _ rank: Int) -> TokenizationError {
        Self.error(
            .unsupported,
            "unsupported: a merge that makes the control token "
                + "\"\(names.vocabulary.spelling(of: token))\", which any text could then forge",
            fields,
            rank
        )
    }
}

extension ModelLists {
    /// Adds the text of two strings, or of both in one with a space in between; nil if it is no such.
    fileprivate mutating func append(_ merge: JSON) -> Merge? {
        if let line = merge.string {
            let part = append(line)
            return self.merge(part.range)
        }
        guard let pair = merge.array, pair.count == 2, let left = pair[0].string,
            let right = pair[1].string
        else { return nil }
        return Merge(left: append(left), right: append(right))
    }
}
