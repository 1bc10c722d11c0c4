import Core

/// Reads the `model` section of tokenizer.json when it is Unigram.
enum UnigramFile {
    static let keys = ["type", "unk_id", "vocab", "byte_fallback"]

    /// The pieces in `vocab`; their ids are their places.
    static func pieces(_ fields: Fields) throws(TokenizationError) -> ModelLists {
        var pieces = ModelLists()
        for (id, entry) in try fields.array("vocab").enumerated() {
            guard let pair = entry.array, pair.count == 2, let name = pair[0].string else {
                throw malformed(fields, id)
            }
            pieces.addToken(name, id: id)
        }
        return pieces
    }

    static func model(
        _ fields: Fields,
        _ names: TokenNames,
        _ added: [AddedToken]
    ) throws(TokenizationError) -> Unigram {
        var scores: [Double] = []
        for (id, entry) in try fields.array("vocab").enumerated() {
            guard let score = entry.array?.last?.double else { throw malformed(fields, id) }
            scores.append(score)
        }
        let special = Set(added.filter(\.special).map(\.id))
        return try Unigram(
            spellings: names.vocabulary.spellings,
            scores: scores,
            unknown: try fields.id("unk_id"),
            byteFallback: try fields.bool("byte_fallback", default: false)
        ) { !special.contains($0) }
    }

    private static func malformed(_ fields: Fields, _ id: Int) -> TokenizationError {
        TokenizationError(
            .malformed,
            "expected a piece and its score, as [\"a\", -1.5]",
            at: fields.location("vocab") + "[\(id)]"
        )
    }
}
