import Core

/// The spelling of every id: those of the model and the added tokens.
struct TokenNames {
    let vocabulary: Vocabulary
    /// Whether an id is in the model's own vocabulary.
    let isInModel: [Bool]

    /// - Parameter model: each token of the model with its id.
    init(
        _ model: ModelLists,
        _ added: [AddedToken],
        _ normalizer: Normalizer,
        _ decoder: Decoder
    ) throws(TokenizationError) {
        let list = try IDList(model, added)
        do throws(RegexError) {
            vocabulary = try Vocabulary(
                list.spellings(),
                decoder,
                decoded: Self.normalized(added, normalizer)
            )
        } catch {
            throw TokenizationError(.tooMuchWork, error.message, at: "decoder")
        }
        if let id = vocabulary.repeated {
            let name = vocabulary.spelling(of: id)
            throw IDList.error(.inconsistent, "\"\(name)\" has two ids, one of them \(id)")
        }
        isInModel = list.entries.map { $0 >= 0 && $0 < model.tokens.count }
    }

    /// What added tokens decode as: the reference keeps those that are looked for in normalised
    /// text in their normalised form.
    private static func normalized(
        _ added: [AddedToken],
        _ normalizer: Normalizer
    ) throws(RegexError) -> [TokenID: String] {
        if normalizer.isNone { return [:] }
        var result: [TokenID: String] = [:]
        for token in added where token.normalized {
            let bytes = try normalizer.apply(token.content)
            result[token.id] = String(decoding: bytes, as: UTF8.self)
        }
        return result
    }
}

/// Which token each id is.
private struct IDList {
    private let model: ModelLists
    private let added: [AddedToken]
    /// A token of the model by its place there, an added one by its place after those, or -1.
    private(set) var entries: [Int]

    /// How many ids below the greatest may have no token, as in some published vocabularies.
    private static let mostGaps = 256

    init(_ model: ModelLists, _ added: [AddedToken]) throws(TokenizationError) {
        self.model = model
        self.added = added
        let count = model.tokens.count
        entries = [Int](repeating: -1, count: count + added.count + Self.mostGaps)
        for (entry, token) in model.tokens.enumerated() { try set(entry, token.id) }
        for (index, token) in added.enumerated() where try isNew(token) {
            try set(count + index, Int(token.id))
        }
        entries.removeLast(entries.reversed().prefix { $0 < 0 }.count)
    }

    private mutating func set(_ entry: Int, _ id: Int) throws(TokenizationError) {
        guard entries.indices.contains(id) else {
            throw Self.error(
                .inconsistent,
                "id \(id) of \"\(name(entry))\" leaves a gap: ids must run from 0 on, and at most "
                    + "\(Self.mostGaps) may be missing"
            )
        }
        if entries[id] >= 0 {
            throw Self.error(
                .inconsistent,
                "id \(id) is both \"\(name(entries[id]))\" and \"\(name(entry))\""
            )
        }
        entries[id] = entry
    }

    /// Whether an added token is missing in the model's vocabulary.
    private func isNew(_ token: AddedToken) throws(TokenizationError) -> Bool {
        guard entries.indices.contains(Int(token.id)), entries[Int(token.id)] >= 0 else {
            return true
        }
        let name = name(entries[Int(token.id)])
        // By bytes: strings compare equal when they are only canonically equivalent.
        if name.utf8.elementsEqual(token.content.utf8) { return false }
        throw Self.error(
            .inconsistent,
            "id \(token.id) is both \"\(name)\" and \"\(token.content)\""
        )
    }

    private func name(_ entry: Int) -> String {
        entry < model.tokens.count
            ? model.string(model.tokens[entry].name) : added[entry - model.tokens.count].content
    }

    /// The spelling of each id; empty for ids without a token.
    func spellings() -> ByteTable {
        var table = ByteTable(capacity: entries.count)
        for entry in entries {
            if entry >= model.tokens.count {
                table.append { $0.append(contentsOf: name(entry).utf8) }
            } else {
                table.append(model.text.span, entry < 0 ? 0..<0 : model.tokens[entry].name.range)
            }
        }
        return table
    }

    static func error(
        _ code: TokenizationError.Code,
        _ message: String
    ) -> TokenizationError {
        TokenizationError(code, message, at: "model.vocab")
    }
}
