package import Core

extension Tokenizer {
    /// The ids of a text.
    /// - Parameters:
    ///   - parseSpecial: whether control tokens spelled in the text become their ids. Added tokens
    ///     that are not control tokens always do.
    ///   - addSpecial: whether to add what the post-processor adds, such as BOS.
    package func encode(
        _ text: String,
        parseSpecial: Bool = false,
        addSpecial: Bool = false
    ) -> [TokenID] {
        encode(Array(text.utf8), MatchRules(special: parseSpecial), addSpecial)
    }

    /// The ids of a rendered prompt. No added token is found where it would overlap text that came
    /// from the request (promise 4); apart from that, the ids of the text as a whole.
    package func encode(_ prompt: RenderedPrompt, addSpecial: Bool = false) -> [TokenID] {
        let rules = MatchRules(special: true, inputRanges: prompt.inputRanges)
        return encode(Array(prompt.text.utf8), rules, addSpecial)
    }

    private func encode(_ text: [UInt8], _ rules: MatchRules, _ addSpecial: Bool) -> [TokenID] {
        var encoder = WordEncoder(preTokenizer, model)
        if addSpecial { encoder.output += postProcessor.prefix }
        var cache = WordCache(textLength: text.count)
        for piece in matcher.pieces(of: text.span, 0..<text.count, rules) {
            switch piece {
            case .token(let token): encoder.output.append(token)
            case .text(let range): encode(text.span, range, rules, &cache, &encoder)
            }
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
    ) {
        guard let normal = normalizer.apply(text, range, rules) else {
            return encodeNormal(text, range, rules, &cache, &encoder)
        }
        let rules = MatchRules(special: rules.special, inputRanges: normal.inputRanges)
        var cache = WordCache(textLength: normal.bytes.count)
        encodeNormal(normal.bytes.span, 0..<normal.bytes.count, rules, &cache, &encoder)
    }

    private func encodeNormal(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ rules: MatchRules,
        _ cache: inout WordCache,
        _ encoder: inout WordEncoder
    ) {
        if normalizedMatcher.isEmpty { return encoder.encode(text, range, &cache) }
        for piece in normalizedMatcher.pieces(of: text, range, rules) {
            switch piece {
            case .token(let token): encoder.output.append(token)
            case .text(let range): encoder.encode(text, range, &cache)
            }
        }
    }
}
