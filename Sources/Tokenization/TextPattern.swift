/// What a text is searched for, to be split or replaced there.
enum TextPattern: Sendable {
    /// This text as it is; not empty.
    case literal([UInt8])
    case regex(RegularExpression)
    /// Scalars with one of these `ScalarFlags`, each by itself.
    case scalars(UInt8)

    /// - Parameter text: plain text; may be empty, and is then found everywhere.
    init(literal text: String) throws(RegexError) {
        self = text.isEmpty ? .regex(try RegularExpression("")) : .literal(Array(text.utf8))
    }

    /// A stretch of text that matched or lies between matches.
    struct Segment {
        var range: Range<Int>
        var isMatch: Bool
    }

    /// All of `text[range]` in order; none of what lies between matches is empty.
    func segments(
        of text: Span<UInt8>,
        _ range: Range<Int>
    ) throws(RegexError) -> [Segment] {
        var segments: [Segment] = []
        var done = range.lowerBound
        for match in try matches(in: text, range) {
            if done < match.lowerBound {
                segments.append(Segment(range: done..<match.lowerBound, isMatch: false))
            }
            segments.append(Segment(range: match, isMatch: true))
            done = match.upperBound
        }
        if done < range.upperBound {
            segments.append(Segment(range: done..<range.upperBound, isMatch: false))
        }
        return segments
    }

    private func matches(
        in text: Span<UInt8>,
        _ range: Range<Int>
    ) throws(RegexError) -> [Range<Int>] {
        switch self {
        case .literal(let needle): Self.matches(of: needle, in: text, range)
        case .regex(let regex): try regex.matches(in: text, range)
        case .scalars(let flags): Self.matches(of: flags, in: text, range)
        }
    }

    private static func matches(
        of needle: [UInt8],
        in text: Span<UInt8>,
        _ range: Range<Int>
    ) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var index = range.lowerBound
        while index + needle.count <= range.upperBound {
            let end = index + needle.count
            if text[index] == needle[0],
                ByteChunks.equal(needle.span, 0..<needle.count, text, index..<end)
            {
                result.append(index..<end)
                index = end
            } else {
                index += 1
            }
        }
        return result
    }

    private static func matches(
        of flags: UInt8,
        in text: Span<UInt8>,
        _ range: Range<Int>
    ) -> [Range<Int>] {
        let table = ScalarFlags.flags
        var result: [Range<Int>] = []
        var index = range.lowerBound
        while index < range.upperBound {
            let (scalar, length) = UTF8Scalars.decode(text, at: index)
            if table[scalar] & flags != 0 { result.append(index..<index + length) }
            index += length
        }
        return result
    }
}
