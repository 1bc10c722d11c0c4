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
        var table = MergeTable(capacity: list.count)
        var text: [UInt8] = []
        for (rank, merge) in list.enumerated() {
            text.removeAll(keepingCapacity: true)
            guard let cut = Self.read(merge, into: &text) else {
                throw error(
                    .malformed,
                    "expected two tokens, as \"a b\" or as [\"a\", \"b\"]",
                    rank
                )
            }
            table.insert(
                try token(text, 0..<cut, rank),
                try token(text, cut..<text.count, rank),
                rank: UInt32(truncatingIfNeeded: rank),
                into: try merged(text, rank)
            )
        }
        return table
    }

    /// Puts both tokens into `text`, one after the other.
    /// - Returns: the length of the first, or nil if `merge` is not a pair.
    private static func read(_ merge: JSON, into text: inout [UInt8]) -> Int? {
        if let pair = merge.array {
            guard pair.count == 2, let left = pair[0].string, let right = pair[1].string else {
                return nil
            }
            text.append(contentsOf: left.utf8)
            text.append(contentsOf: right.utf8)
            return left.utf8.count
        }
        guard let line = merge.string, let cut = line.utf8.firstIndex(of: 0x20) else { return nil }
        text.append(contentsOf: line.utf8[..<cut])
        let length = text.count
        let rest = line.utf8[line.utf8.index(after: cut)...]
        text.append(contentsOf: rest)
        return rest.contains(0x20) ? nil : length
    }

    private func token(
        _ text: [UInt8],
        _ range: Range<Int>,
        _ rank: Int
    ) throws(TokenizationError) -> TokenID {
        guard let id = names.vocabulary.spellings.find(text.span, range),
            names.isInModel[Int(id)]
        else {
            let name = String(decoding: text[range], as: UTF8.self)
            throw error(.inconsistent, "\"\(name)\" is not in the vocabulary", rank)
        }
        return id
    }

    private func merged(_ text: [UInt8], _ rank: Int) throws(TokenizationError) -> TokenID {
        let id = try token(text, 0..<text.count, rank)
        if special.contains(id) {
            throw error(
                .unsupported,
                "unsupported: a merge that makes the control token "
                    + "\"\(names.vocabulary.spelling(of: id))\", which any text could then forge",
                rank
            )
        }
        return id
    }

    private func error(
        _ code: TokenizationError.Code,
        _ message: String,
        _ rank: Int
    ) -> TokenizationError {
        TokenizationError(code, message, at: fields.location("merges") + "[\(rank)]")
    }
}
