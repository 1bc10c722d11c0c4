package import Core

extension Tokenizer {
    /// The ids of a text.
    /// - Parameters:
    ///   - parseSpecial: whether control tokens spelled in the text become their ids. Added tokens
    ///     that are not control tokens always do.
    ///   - addSpecial: whether to add what the post-processor adds, such as BOS.
    /// - Throws: `.tooMuchWork` if a regular expression of the tokenizer cannot cope with the text;
    ///   never for tokenizers that split words in one of the ways known by heart.
    package func encode(
        _ text: String,
        parseSpecial: Bool = false,
        addSpecial: Bool = false
    ) throws(TokenizationError) -> [TokenID] {
        try encode(Array(text.utf8), MatchRules(special: parseSpecial), addSpecial)
    }

    /// The ids of a rendered prompt. No added token is found where it would overlap text that came
    /// from the request (promise 4); apart from that, the ids of the text as a whole.
    /// - Throws: as for a text.
    package func encode(
        _ prompt: RenderedPrompt,
        addSpecial: Bool = false
    ) throws(TokenizationError) -> [TokenID] {
        let rules = MatchRules(special: true, inputRanges: prompt.inputRanges)
        return try encode(Array(prompt.text.utf8), rules, addSpecial)
    }

    private func encode(
        _ text: [UInt8],
        _ rules: MatchRules,
        _ addSpecial: Bool
    ) throws(TokenizationError) -> [TokenID] {
        var encoder = WordEncoder(preTokenizer, model)
        if addSpecial { encoder.output += postProcessor.prefix }
        var cache = WordCache(textLength: text.count)
        do throws(RegexError) {
            for piece in matcher.pieces(of: text.span, 0..<text.count, rules) {
                switch piece {
                case .token(let token): encoder.output.append(token)
                case .text(let range): try encode(text.span, range, rules, &cache, &encoder)
                }
            }
        } catch {
            throw TokenizationError(
                .tooMuchWork,
                "a regular expression of the tokenizer cannot cope with this text: "
                    + error.message
            )
        }
        if addSpecial { encoder.output += postProcessor.suffix }
        return encoder.output
    }

    /// Appends the ids of text without tokens of the first matcher.
    private func encode(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ rules: MatchRules,
        _ cache: inout WordCache,
        _ encoder: inout WordEncoder
    ) throws(RegexError) {
        guard let normal = try normalizer.apply(text, range, rules) else {
            return try encodeNormal(text, range, head: 1, rules, &cache, &encoder)
        }
        let rules = MatchRules(special: rules.special, inputRanges: normal.inputRanges)
        let bytes = normal.bytes
        var cache = WordCache(textLength: bytes.count)
        let whole = 0..<bytes.count
        try encodeNormal(bytes.span, whole, head: normal.head, rules, &cache, &encoder)
    }

    private func encodeNormal(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        head: Int,
        _ rules: MatchRules,
        _ cache: inout WordCache,
        _ encoder: inout WordEncoder
    ) throws(RegexError) {
        if normalizedMatcher.isEmpty { return try encoder.encode(text, range, head: head, &cache) }
        for piece in normalizedMatcher.pieces(of: text, range, rules) {
            switch piece {
            case .token(let token): encoder.output.append(token)
            case .text(let range): try encoder.encode(text, range, head: head, &cache)
            }
        }
    }
}
