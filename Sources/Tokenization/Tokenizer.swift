package import Core

/// Text to token ids and back, as Hugging Face `tokenizers` does it. Immutable, free to share.
package final class Tokenizer: Sendable {
    let vocabulary: Vocabulary
    let special: [Bool]
    let normalizer: Normalizer
    /// Added tokens looked for in the text as it is, and in the normalised text.
    let matcher: AddedTokenMatcher
    let normalizedMatcher: AddedTokenMatcher
    let preTokenizer: PreTokenizer
    let model: TokenizerModel
    let postProcessor: PostProcessor
    let decoder: Decoder

    /// The beginning- and end-of-sequence tokens that tokenizer_config.json names.
    package let bosToken: String?
    package let eosToken: String?

    /// - Throws: if normalising the added tokens fails.
    init(
        _ parts: TokenizerParts,
        bosToken: String?,
        eosToken: String?
    ) throws(TokenizationError) {
        vocabulary = parts.vocabulary
        var special = [Bool](repeating: false, count: parts.vocabulary.count)
        for token in parts.addedTokens where token.special { special[Int(token.id)] = true }
        self.special = special
        normalizer = parts.normalizer
        var plain: [(AddedToken, [UInt8])] = []
        var normalized: [(AddedToken, [UInt8])] = []
        do throws(RegexError) {
            for token in parts.addedTokens {
                if token.normalized {
                    normalized.append((token, try parts.normalizer.apply(token.content)))
                } else {
                    plain.append((token, Array(token.content.utf8)))
                }
            }
        } catch {
            throw TokenizationError(.tooMuchWork, error.message, at: "normalizer")
        }
        matcher = AddedTokenMatcher(plain)
        normalizedMatcher = AddedTokenMatcher(normalized)
        preTokenizer = parts.preTokenizer
        model = parts.model
        postProcessor = parts.postProcessor
        decoder = parts.decoder
        self.bosToken = bosToken
        self.eosToken = eosToken
    }

    /// Ids are `0..<vocabularySize`.
    package var vocabularySize: Int { vocabulary.count }

    /// The id of a token as tokenizer.json spells it.
    package func id(of token: String) -> TokenID? { vocabulary.id(of: token) }

    package var bosID: TokenID? { bosToken.flatMap(id(of:)) }
    package var eosID: TokenID? { eosToken.flatMap(id(of:)) }

    /// Whether `token` is a control token.
    package func isSpecial(_ token: TokenID) -> Bool {
        vocabulary.contains(token) && special[Int(token)]
    }

    /// The bytes that `token` stands for: not always whole characters; none for an unknown id.
    package func bytes(of token: TokenID) -> [UInt8] { Array(vocabulary.bytes(of: token)) }

    /// The same as text, with U+FFFD for what is not UTF-8 by itself.
    package func text(of token: TokenID) -> String {
        String(decoding: vocabulary.bytes(of: token), as: UTF8.self)
    }

    /// The text of `tokens`. Bytes that are no UTF-8 become U+FFFD; unknown ids are left out.
    /// - Parameter skipSpecial: leave control tokens out.
    package func decode(_ tokens: some Sequence<TokenID>, skipSpecial: Bool = true) -> String {
        var output: [UInt8] = []
        var state = DecodingState(decoder)
        for token in tokens where !(skipSpecial && isSpecial(token)) {
            if decoder.isByteLevel {
                output.append(contentsOf: vocabulary.bytes(of: token))
            } else {
                state.append(token, vocabulary, &output)
            }
        }
        state.finish(&output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Decodes tokens one at a time.
    package func stream(skipSpecial: Bool = true) -> StreamingDetokenizer {
        StreamingDetokenizer(self, skipSpecial: skipSpecial)
    }
}
