import Core

/// The spelling of every id: those of `model.vocab` and the added tokens, without gaps.
struct TokenNames {
    let vocabulary: Vocabulary
    /// Whether an id is in `model.vocab`.
    let isInModel: [Bool]

    init(
        _ model: Fields,
        _ added: [AddedToken],
        _ normalizer: Normalizer
    ) throws(TokenizationError) {
        guard let vocab = model["vocab"]?.object else {
            throw model.wrongType("vocab", "an object")
        }
        var names = [String?](repeating: nil, count: vocab.count + added.count)
        var isInModel = [Bool](repeating: false, count: names.count)
        for member in vocab.members {
            guard let id = member.value.int else {
                throw Self.error(.malformed, "the id of \"\(member.key)\" is not an integer")
            }
            try Self.set(member.key, id, &names)
            isInModel[id] = true
        }
        for token in added where try Self.isNew(token, names) {
            try Self.set(token.content, Int(token.id), &names)
        }
        vocabulary = try Self.dense(names, Self.normalized(added, normalizer))
        self.isInModel = isInModel
    }

    /// Whether an added token is missing in the model's vocabulary.
    private static func isNew(
        _ token: AddedToken,
        _ names: [String?]
    ) throws(TokenizationError) -> Bool {
        guard names.indices.contains(Int(token.id)), let name = names[Int(token.id)] else {
            return true
        }
        // By bytes: strings compare equal when they are only canonically equivalent.
        if name.utf8.elementsEqual(token.content.utf8) { return false }
        throw error(
            .inconsistent,
            "id \(token.id) is both \"\(name)\" and \"\(token.content)\""
        )
    }

    private static func set(
        _ name: String,
        _ id: Int,
        _ names: inout [String?]
    ) throws(TokenizationError) {
        guard names.indices.contains(id) else {
            throw error(
                .inconsistent,
                "id \(id) of \"\(name)\" leaves a gap: ids must run from 0 on"
            )
        }
        if let other = names[id] {
            throw error(.inconsistent, "id \(id) is both \"\(other)\" and \"\(name)\"")
        }
        names[id] = name
    }

    /// What added tokens decode as: the reference keeps those that are looked for in normalised
    /// text in their normalised form.
    private static func normalized(
        _ added: [AddedToken],
        _ normalizer: Normalizer
    ) -> [TokenID: String] {
        guard normalizer != .none else { return [:] }
        let pairs = added.filter(\.normalized).map {
            ($0.id, String(decoding: normalizer.apply($0.content), as: UTF8.self))
        }
        return Dictionary(pairs) { $1 }
    }

    private static func dense(
        _ names: [String?],
        _ decoded: [TokenID: String]
    ) throws(TokenizationError) -> Vocabulary {
        let known = names.compactMap(\.self)
        if let gap = names.prefix(known.count).firstIndex(of: nil) {
            throw error(.inconsistent, "no token has id \(gap), but a greater id exists")
        }
        let vocabulary = Vocabulary(known, decoded: decoded)
        if let id = vocabulary.repeated {
            let name = vocabulary.spelling(of: id)
            throw error(.inconsistent, "\"\(name)\" has two ids, one of them \(id)")
        }
        return vocabulary
    }

    private static func error(
        _ code: TokenizationError.Code,
        _ message: String
    ) -> TokenizationError {
        TokenizationError(code, message, at: "model.vocab")
    }
}

/// Reads the `model` section of tokenizer.json.
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
        // Files of the format's first years have no type here; merges tell BPE from the others.
        if let type = fields["type"], type != "BPE" {
            throw TokenizationError(
                .unsupported,
                "unsupported model \"\(type.string ?? "")\"; this reads BPE",
                at: fields.location("type")
            )
        }
        try checkSettings()
    }

    private func checkSettings() throws(TokenizationError) {
        if fields["dropout"]?.double != 0 { try fields.requireNull("dropout") }
        for key in ["continuing_subword_prefix", "end_of_word_suffix"] where fields[key] != "" {
            try fields.requireNull(key)
        }
        // Every byte is a token, so that nothing is ever unknown: the unknown token and what is
        // done with it do not matter, and byte fallback would never fall back.
        if let unknown = fields["unk_token"], !unknown.isNull {
            let name = try fields.string("unk_token")
            if names.vocabulary.id(of: name) == nil {
                throw TokenizationError(
                    .inconsistent,
                    "\"\(name)\" is not in the vocabulary",
                    at: fields.location("unk_token")
                )
            }
        }
        _ = try fields.bool("fuse_unk", default: false)
        if try fields.bool("byte_fallback", default: false) {
            throw TokenizationError(
                .unsupported,
                "unsupported: byte fallback",
                at: fields.location("byte_fallback")
            )
        }
    }

    func model() throws(TokenizationError) -> BPE {
        let ignoresMerges = try fields.bool("ignore_merges", default: false)
        return BPE(
            byteTokens: try byteTokens(),
            merges: try merges(),
            wholeWords: ignoresMerges
                ? names.vocabulary.words { names.isInModel[Int($0)] && !special.contains($0) }
                : nil
        )
    }

    private func byteTokens() throws(TokenizationError) -> [TokenID] {
        var tokens: [TokenID] = []
        for (byte, token) in names.vocabulary.singleBytes().enumerated() {
            guard let token, names.isInModel[Int(token)] else {
                let spelling = ByteLevel.scalars[byte]
                throw TokenizationError(
                    .unsupported,
                    "unsupported: no token for byte \(byte) (\"\(spelling)\"); a byte-level "
                        + "vocabulary has all 256",
                    at: fields.location("vocab")
                )
            }
            tokens.append(token)
        }
        return tokens
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
