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
    let model: BPE
    let postProcessor: PostProcessor

    /// The beginning- and end-of-sequence tokens that tokenizer_config.json names.
    package let bosToken: String?
    package let eosToken: String?

    init(_ parts: TokenizerParts, bosToken: String?, eosToken: String?) {
        vocabulary = parts.vocabulary
        var special = [Bool](repeating: false, count: parts.vocabulary.count)
        for token in parts.addedTokens where token.special { special[Int(token.id)] = true }
        self.special = special
        normalizer = parts.normalizer
        matcher = AddedTokenMatcher(parts.addedTokens.filter { !$0.normalized }) {
            Array($0.content.utf8)
        }
        normalizedMatcher = AddedTokenMatcher(parts.addedTokens.filter(\.normalized)) {
            parts.normalizer.apply($0.content)
        }
        preTokenizer = parts.preTokenizer
        model = parts.model
        postProcessor = parts.postProcessor
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
        var bytes: [UInt8] = []
        for token in tokens where !(skipSpecial && isSpecial(token)) {
            bytes.append(contentsOf: vocabulary.bytes(of: token))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Decodes tokens one at a time.
    package func stream(skipSpecial: Bool = true) -> StreamingDetokenizer {
        StreamingDetokenizer(self, skipSpecial: skipSpecial)
    }
}
