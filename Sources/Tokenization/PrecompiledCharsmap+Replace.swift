// As the reference: a grapheme of up to 5 bytes is replaced as a whole if an entry starts it, else
// each of its scalars by itself.

extension PrecompiledCharsmap {
    /// Writes `text[range]`, valid UTF-8, with its replacements.
    func replace(_ text: Span<UInt8>, _ range: Range<Int>, _ writer: inout NormalizedWriter) {
        /// What lies before this has been written.
        var done = range.lowerBound
        var index = range.lowerBound
        while index < range.upperBound {
            let (end, isScalar) = Self.cut(text, index, range.upperBound)
            if isScalar {
                replace(text, index..<end, &done, &writer)
            } else if hasEntry(text, index..<end) {
                replaceGraphemes(text, index..<end, &done, &writer)
            }
            index = end
        }
        writer.copy(text, done..<range.upperBound)
    }

    /// The next place after `start` where a grapheme surely ends, and whether only one scalar lies
    /// in between.
    @inline(__always)
    private static func cut(
        _ text: Span<UInt8>,
        _ start: Int,
        _ end: Int
    ) -> (end: Int, isScalar: Bool) {
        var (scalar, length) = UTF8Scalars.decode(text, at: start)
        var index = start + length
        while index < end {
            let before = scalar
            (scalar, length) = UTF8Scalars.decode(text, at: index)
            if isAlone(before), isAlone(scalar), before != 0x0D || scalar != 0x0A { break }
            index += length
        }
        return (index, index - start == UTF8Scalars.decode(text, at: start).length)
    }

    /// Whether a grapheme always ends between such a scalar and another one, but for CR and LF. Not
    /// all scalars of which that is true, but the most frequent ones, in any version of Unicode.
    @inline(__always)
    private static func isAlone(_ scalar: Int) -> Bool {
        if scalar < 0x80 { return true }
        return switch scalar {
        case 0xC0..<0x300, 0x370..<0x482, 0x48A..<0x530, 0x3041..<0x3097, 0x30A1..<0x30FB,
            0x2010..<0x2028, 0x3000..<0x302A, 0x4E00..<0xA000, 0xFF01..<0xFF61, 0xFFFD:
            true
        default: false
        }
    }

    /// Whether some scalar starts an entry. Where none does, nothing changes.
    private func hasEntry(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        while index < range.upperBound {
            let key = index..<min(index + Self.longestGrapheme, range.upperBound)
            if replacement(text, key) != nil { return true }
            index += UTF8Scalars.decode(text, at: index).length
        }
        return false
    }

    private static let longestGrapheme = 5

    private func replaceGraphemes(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ done: inout Int,
        _ writer: inout NormalizedWriter
    ) {
        let string = text.extracting(range).withUnsafeBufferPointer {
            String(decoding: $0, as: UTF8.self)
        }
        var place = string.startIndex
        var index = range.lowerBound
        while place < string.endIndex {
            let next = string.index(after: place)
            let end = index + string.utf8.distance(from: place, to: next)
            place = next
            if end - index <= Self.longestGrapheme,
                replace(text, index..<end, &done, &writer)
            {
                index = end
            }
            while index < end {
                let length = UTF8Scalars.decode(text, at: index).length
                replace(text, index..<index + length, &done, &writer)
                index += length
            }
        }
    }

    /// Replaces `text[key]` if an entry starts it.
    /// - Returns: whether one does.
    @discardableResult
    @inline(__always)
    private func replace(
        _ text: Span<UInt8>,
        _ key: Range<Int>,
        _ done: inout Int,
        _ writer: inout NormalizedWriter
    ) -> Bool {
        guard let new = replacement(text, key) else { return false }
        writer.copy(text, done..<key.lowerBound)
        writer.add(texts[new], from: key)
        done = key.upperBound
        return true
    }
}
