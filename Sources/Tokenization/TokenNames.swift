import Core

/// The spelling of every id: those of the model and the added tokens.
struct TokenNames {
    let vocabulary: Vocabulary
    /// Whether an id is in the model's own vocabulary.
    let isInModel: [Bool]

    /// How many ids below the greatest may have no token, as in some published vocabularies.
    private static let mostGaps = 256

    /// - Parameter model: each token of the model with its id.
    init(
        _ model: [(name: String, id: Int)],
        _ added: [AddedToken],
        _ normalizer: Normalizer,
        _ decoder: Decoder
    ) throws(TokenizationError) {
        let most = model.count + added.count + Self.mostGaps
        var names = [String?](repeating: nil, count: most)
        var isInModel = [Bool](repeating: false, count: most)
        for (name, id) in model {
            try Self.set(name, id, &names)
            isInModel[id] = true
        }
        for token in added where try Self.isNew(token, names) {
            try Self.set(token.content, Int(token.id), &names)
        }
        let count = names.lastIndex { $0 != nil }.map { $0 + 1 } ?? 0
        do throws(RegexError) {
            vocabulary = try Vocabulary(
                names[..<count].map { $0 ?? "" },
                decoder,
                decoded: Self.normalized(added, normalizer)
            )
        } catch {
            throw TokenizationError(.tooMuchWork, error.message, at: "decoder")
        }
        if let id = vocabulary.repeated {
            let name = vocabulary.spelling(of: id)
            throw Self.error(.inconsistent, "\"\(name)\" has two ids, one of them \(id)")
        }
        self.isInModel = Array(isInModel[..<count])
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
                "id \(id) of \"\(name)\" leaves a gap: ids must run from 0 on, and at most "
                    + "\(mostGaps) may be missing"
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
    ) throws(RegexError) -> [TokenID: String] {
        if normalizer.isNone { return [:] }
        var result: [TokenID: String] = [:]
        for token in added where token.normalized {
            let bytes = try normalizer.apply(token.content)
            result[token.id] = String(decoding: bytes, as: UTF8.self)
        }
        return result
    }

    private static func error(
        _ code: TokenizationError.Code,
        _ message: String
    ) -> TokenizationError {
        TokenizationError(code, message, at: "model.vocab")
    }
}
