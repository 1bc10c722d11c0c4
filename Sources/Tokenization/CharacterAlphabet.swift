import Core

/// The first symbols of SentencePiece-style BPE: Unicode characters that the vocabulary has, and
/// what stands for those it does not have.
struct CharacterAlphabet: Sendable {
    /// Offset of each 256 scalars in `tokens`; page 0 of `tokens` is that of no token.
    private var pages = [Int32](repeating: 0, count: 0x1100)
    /// -1 where the vocabulary has no such character.
    private var tokens = [TokenID](repeating: -1, count: 256)
    /// The tokens `<0x00>` to `<0xFF>`, -1 where one is missing; empty without byte fallback.
    let byteTokens: [TokenID]
    /// What an unknown character becomes without byte fallback; nil leaves it out.
    let unknown: TokenID?
    /// Whether neighbouring unknown characters make one unknown token.
    let fusesUnknown: Bool

    /// - Parameters:
    ///   - spellings: the vocabulary, in UTF-8.
    ///   - byteFallback: whether an unknown character becomes the tokens `<0xXX>` of its bytes, if
    ///     the vocabulary has all of them.
    ///   - unknown: id of the unknown token.
    ///   - include: which ids are in the model; added tokens may not be.
    init(
        spellings: ByteTable,
        byteFallback: Bool,
        unknown: TokenID?,
        fusesUnknown: Bool,
        where include: (TokenID) -> Bool = { _ in true }
    ) {
        func find(_ bytes: [UInt8]) -> TokenID? {
            spellings.find(bytes).flatMap { include($0) ? $0 : nil }
        }
        byteTokens = byteFallback ? (0...255).map { find(Self.byteSpelling($0)) ?? -1 } : []
        self.unknown = unknown
        self.fusesUnknown = fusesUnknown
        let blob = spellings.blob.span
        for entry in 0..<spellings.count {
            let id = TokenID(truncatingIfNeeded: entry)
            if let scalar = Self.character(blob, spellings.range(entry)), include(id) {
                insert(scalar, id)
            }
        }
    }

    /// `<0xE2>`.
    static func byteSpelling(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return Array("<0x".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            + Array(">".utf8)
    }

    /// The scalar that `text[range]` is, if it is one.
    private static func character(_ text: Span<UInt8>, _ range: Range<Int>) -> Int? {
        if range.isEmpty || range.count > 4 { return nil }
        let (scalar, length) = UTF8Scalars.decode(text, at: range.lowerBound)
        return length == range.count ? scalar : nil
    }

    private mutating func insert(_ scalar: Int, _ token: TokenID) {
        if pages[scalar >> 8] == 0 {
            pages[scalar >> 8] = Int32(truncatingIfNeeded: tokens.count)
            tokens += repeatElement(-1, count: 256)
        }
        let index = Int(pages[scalar >> 8]) + (scalar & 0xFF)
        // Of two ids with one spelling the first counts, as everywhere.
        if tokens[index] < 0 { tokens[index] = token }
    }

    /// The token of a scalar; -1 if there is none.
    @inline(__always)
    func token(_ scalar: Int) -> TokenID { tokens[Int(pages[scalar >> 8]) + (scalar & 0xFF)] }

    /// Whether bytes or unknown tokens of a character never mix with those of its neighbours.
    var keepsUnknownApart: Bool {
        byteTokens.isEmpty ? !fusesUnknown : !byteTokens.contains(-1)
    }

    /// What may stand for a character that the vocabulary does not have.
    var fallbacks: [TokenID] { (byteTokens + [unknown ?? -1]).filter { $0 >= 0 } }

    /// Appends the symbols of `text[word]`, valid UTF-8, in the order of the reference: an unknown
    /// token waits for the next known character, also when bytes of others come in between.
    func load(_ text: Span<UInt8>, _ word: Range<Int>, _ output: inout [TokenID]) {
        var waits = false
        var index = word.lowerBound
        while index < word.upperBound {
            let (scalar, length) = UTF8Scalars.decode(text, at: index)
            let token = token(scalar)
            if token >= 0 {
                if waits, let unknown { output.append(unknown) }
                waits = false
                output.append(token)
            } else if !appendBytes(text, index..<index + length, &output), let unknown {
                if waits, !fusesUnknown { output.append(unknown) }
                waits = true
            }
            index += length
        }
        if waits, let unknown { output.append(unknown) }
    }

    /// - Returns: false, and appends nothing, unless every byte has a token.
    private func appendBytes(
        _ text: Span<UInt8>,
        _ character: Range<Int>,
        _ output: inout [TokenID]
    ) -> Bool {
        if byteTokens.isEmpty { return false }
        for index in character where byteTokens[Int(text[index])] < 0 { return false }
        for index in character { output.append(byteTokens[Int(text[index])]) }
        return true
    }
}
