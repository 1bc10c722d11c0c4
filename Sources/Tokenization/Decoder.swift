/// How tokens become text: each token by itself, then all of them together.
struct Decoder: Sendable {
    /// What happens to a token's spelling.
    enum Change: Sendable {
        case replace(TextPattern, with: [UInt8])
        /// SentencePiece's character becomes a space; in the first token it goes, if `drops`.
        case metaspace([UInt8], dropsFirst: Bool)
        case strip(EndStrip)
    }

    /// How tokens become one text.
    enum Joining: Sendable, Equatable {
        case text
        /// Tokens spell bytes as GPT-2 does; what is no UTF-8 becomes U+FFFD, as in
        /// `String(decoding:)`.
        case bytes
        /// Tokens such as `<0xE2>` are bytes; the bytes of a run that fit no character become U+FFFD
        /// each.
        case byteFallback
    }

    /// What happens to the whole text.
    enum TextChange: Sendable {
        case replace([UInt8], with: [UInt8])
        case strip(EndStrip)
    }

    /// Up to so many of a character at the start and at the end go.
    struct EndStrip: Sendable {
        var character: [UInt8]
        var start: Int
        var end: Int
    }

    var changes: [Change] = []
    var joining = Joining.text
    /// With byte fallback: changes to texts and to single characters made of bytes.
    var lateChanges: [Change] = []
    var textChanges: [TextChange] = []
    /// Without a decoder, tokens have a space between them.
    var separatesBySpace = false

    /// Whether it is nothing but bytes in GPT-2's spelling.
    var isByteLevel: Bool {
        joining == .bytes && changes.isEmpty && textChanges.isEmpty
    }

    /// Whether the first token of a text decodes otherwise than later ones.
    var changesFirst: Bool {
        (changes + lateChanges).contains {
            if case .metaspace(_, dropsFirst: true) = $0 { true } else { false }
        }
    }

    /// All that happens to most tokens, if it is no more than one text replaced by another; `of` is
    /// empty if nothing happens. Tokens that start with "<" may be bytes, those with `of` may decode
    /// otherwise as first tokens.
    var replacement: (of: [UInt8], with: [UInt8])? {
        let all = changes + lateChanges
        if joining == .bytes || all.count > 1 { return nil }
        switch all.first {
        case nil: return ([], [])
        case .replace(.literal(let text), let content):
            let makesByte = content.isEmpty || content[0] == UInt8(ascii: "<")
            return makesByte ? nil : (text, content)
        case .metaspace(let character, _): return (character, [0x20])
        default: return nil
        }
    }

    /// What a token is before tokens are joined.
    enum Piece: Equatable {
        case text([UInt8])
        case byte(UInt8)
    }

    /// - Parameter isFirst: whether the token is the first of its text.
    /// - Throws: if a regular expression takes too much work on the token.
    func piece(_ spelling: [UInt8], isFirst: Bool) throws(RegexError) -> Piece {
        var bytes = spelling
        for change in changes { bytes = try change.apply(bytes, isFirst: isFirst) }
        switch joining {
        case .text: return .text(bytes)
        case .bytes:
            var decoded: [UInt8] = []
            ByteLevel.decode(bytes.span, 0..<bytes.count, into: &decoded)
            return .text(decoded)
        case .byteFallback:
            if let byte = Self.byte(bytes) { return .byte(byte) }
            for change in lateChanges { bytes = try change.apply(bytes, isFirst: isFirst) }
            return .text(bytes)
        }
    }

    /// The byte that `<0xE2>` stands for.
    private static func byte(_ bytes: [UInt8]) -> UInt8? {
        guard bytes.count == 6, bytes.starts(with: "<0x".utf8), bytes[5] == UInt8(ascii: ">")
        else { return nil }
        return UInt8(String(decoding: bytes[3..<5], as: UTF8.self), radix: 16)
    }
}

extension Decoder.Change {
    func apply(_ bytes: [UInt8], isFirst: Bool) throws(RegexError) -> [UInt8] {
        switch self {
        case .replace(let pattern, let content):
            return try Self.replace(pattern, content, in: bytes)
        case .metaspace(let character, let dropsFirst):
            let space: [UInt8] = isFirst && dropsFirst ? [] : [0x20]
            return try Self.replace(.literal(character), space, in: bytes)
        case .strip(let strip): return strip.apply(bytes)
        }
    }

    private static func replace(
        _ pattern: TextPattern,
        _ content: [UInt8],
        in bytes: [UInt8]
    ) throws(RegexError) -> [UInt8] {
        if case .literal(let text) = pattern, !bytes.contains(text[0]) { return bytes }
        var result: [UInt8] = []
        for segment in try pattern.segments(of: bytes.span, 0..<bytes.count) {
            if segment.isMatch { result += content } else { result += bytes[segment.range] }
        }
        return result
    }
}

extension Decoder.EndStrip {
    func apply(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes[...]
        for _ in 0..<start where bytes.starts(with: character) {
            bytes = bytes.dropFirst(character.count)
        }
        for _ in 0..<end where bytes.reversed().starts(with: character.reversed()) {
            bytes = bytes.dropLast(character.count)
        }
        return Array(bytes)
    }
}
