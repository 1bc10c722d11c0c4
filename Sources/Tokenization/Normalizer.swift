import Foundation

/// What happens to a text before added tokens marked `normalized` are looked for and words split.
enum Normalizer: Sendable, Equatable {
    case none
    /// Canonical composition (UAX 15).
    case nfc

    struct Result: Equatable {
        var bytes: [UInt8]
        /// The input ranges, moved; a character composed from input and other text counts as input.
        var inputRanges: [Range<Int>]
    }

    /// The normalised `text[range]`, or nil if normalising changes nothing.
    func apply(_ text: Span<UInt8>, _ range: Range<Int>, _ rules: MatchRules) -> Result? {
        guard self == .nfc else { return nil }
        var index = range.lowerBound
        while index < range.upperBound {
            let (scalar, length) = UTF8Scalars.decode(text, at: index)
            if !Self.isInert(scalar) { return Self.compose(text, range, rules) }
            index += length
        }
        return nil
    }

    func apply(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        let rules = MatchRules(special: true)
        return apply(bytes.span, 0..<bytes.count, rules)?.bytes ?? bytes
    }

    /// Composes cluster by cluster: an inert character and what follows it up to the next one.
    /// Nothing composes across the start of an inert character.
    private static func compose(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ rules: MatchRules
    ) -> Result {
        var result = Result(bytes: [], inputRanges: [])
        result.bytes.reserveCapacity(range.count)
        var start = range.lowerBound
        var isPlain = true
        func close(_ end: Int) {
            let before = result.bytes.count
            for index in start..<end { result.bytes.append(text[index]) }
            if !isPlain {
                // Decomposed first: Foundation leaves a Hangul syllable and a final jamo apart.
                let composed = String(decoding: result.bytes[before...], as: UTF8.self)
                    .decomposedStringWithCanonicalMapping.precomposedStringWithCanonicalMapping
                result.bytes.replaceSubrange(before..., with: composed.utf8)
            }
            if rules.touchesInput(start..<end) { result.addInput(before..<result.bytes.count) }
            start = end
            isPlain = true
        }
        var index = range.lowerBound
        while index < range.upperBound {
            let (scalar, length) = UTF8Scalars.decode(text, at: index)
            if !isInert(scalar) {
                isPlain = false
            } else if index > start {
                close(index)
            }
            index += length
        }
        if start < range.upperBound { close(range.upperBound) }
        return result
    }

    /// Characters that canonical composition leaves alone and that join nothing before them: a part
    /// of those with NFC_Quick_Check=Yes and combining class 0, enough for most text.
    private static func isInert(_ scalar: Int) -> Bool {
        switch scalar {
        case 0..<0x300, 0x400...0x482, 0x48A...0x52F, 0x2010...0x2027, 0x3001...0x3029,
            0x3041...0x3096, 0x309B...0x30FF, 0x4E00...0x9FFF, 0xAC00...0xD7A3, 0xFE0F,
            0xFF01...0xFF9D, 0x1F000...0x1FAFF:
            true
        default: false
        }
    }
}

extension Normalizer.Result {
    /// Adds a range, in order; ranges that meet become one.
    fileprivate mutating func addInput(_ range: Range<Int>) {
        if range.isEmpty { return }
        if let last = inputRanges.last, last.upperBound == range.lowerBound {
            inputRanges[inputRanges.count - 1] = last.lowerBound..<range.upperBound
        } else {
            inputRanges.append(range)
        }
    }
}
