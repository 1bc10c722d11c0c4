/// Finding, cutting and trimming as Python's `str` does it.
extension Text {
    /// Byte offset of the first `needle` at or after `start`.
    func find(_ needle: Text, from start: Int = 0) -> Int? {
        occurrences(of: needle, from: start, limit: 1).first
    }

    /// Byte offset of the last `needle`.
    func findLast(_ needle: Text) -> Int? {
        needle.isEmpty ? bytes.count : occurrencesFromEnd(of: needle, limit: 1).first
    }

    /// Byte offsets of occurrences that are taken right to left, in rising order; the needle is not
    /// empty.
    func occurrencesFromEnd(of needle: Text, limit: Int = .max) -> [Int] {
        let backwards = Text(bytes.reversed())
        let hits = backwards.occurrences(of: Text(needle.bytes.reversed()), limit: limit)
        return hits.reversed().map { bytes.count - $0 - needle.bytes.count }
    }

    /// Byte offsets of every occurrence, left to right, not overlapping. Linear time: the search
    /// of Knuth, Morris and Pratt, which skips to the needle's first byte while nothing matches.
    func occurrences(of needle: Text, from start: Int = 0, limit: Int = .max) -> [Int] {
        guard start <= bytes.count, limit > 0 else { return [] }
        guard let first = needle.bytes.first else { return [start] }
        let borders = needle.borders
        var found: [Int] = []
        var matched = 0
        var position = start
        while position < bytes.count {
            if matched == 0 {
                guard let next = bytes[position...].firstIndex(of: first) else { break }
                position = next
            }
            while matched > 0 && needle.bytes[matched] != bytes[position] {
                matched = borders[matched - 1]
            }
            if needle.bytes[matched] == bytes[position] { matched += 1 }
            position += 1
            if matched == needle.bytes.count {
                found.append(position - matched)
                if found.count >= limit { break }
                matched = 0
            }
        }
        return found
    }

    /// For each prefix, the length of its longest proper prefix that is also its end.
    private var borders: [Int] {
        var result = [Int](repeating: 0, count: bytes.count)
        var length = 0
        for index in bytes.indices.dropFirst() {
            while length > 0 && bytes[index] != bytes[length] { length = result[length - 1] }
            if bytes[index] == bytes[length] { length += 1 }
            result[index] = length
        }
        return result
    }

    /// The pieces between occurrences of `separator`, which is not empty.
    func split(_ separator: Text, limit: Int = .max) -> [Text] {
        pieces(between: occurrences(of: separator, limit: limit), width: separator.bytes.count)
    }

    func pieces(between cuts: [Int], width: Int) -> [Text] {
        var result: [Text] = []
        var start = 0
        for cut in cuts {
            result.append(slice(start..<cut))
            start = cut + width
        }
        result.append(slice(start..<bytes.count))
        return result
    }

    func replacing(_ old: Text, with new: Text, limit: Int = .max) -> Text {
        let cuts = old.isEmpty ? boundaries(limit: limit) : occurrences(of: old, limit: limit)
        if cuts.isEmpty { return self }
        var builder = TextBuilder()
        for (index, piece) in pieces(between: cuts, width: old.bytes.count).enumerated() {
            if index > 0 { builder.append(new) }
            builder.append(piece)
        }
        return builder.text
    }

    /// Where `"".replace` puts its replacement: before every code point and at the end.
    private func boundaries(limit: Int) -> [Int] {
        let starts = bytes.indices.lazy.filter { bytes[$0] & 0xC0 != 0x80 }
        return Array((Array(starts) + [bytes.count]).prefix(limit))
    }

    /// Byte offset of each code point, and the end.
    var offsets: [Int] { bytes.indices.filter { bytes[$0] & 0xC0 != 0x80 } + [bytes.count] }

    /// Without the characters that `drop` names at the chosen ends.
    func trimmed(
        left: Bool = true,
        right: Bool = true,
        _ drop: (Unicode.Scalar) -> Bool = \.isPythonSpace
    ) -> Text {
        let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
        var start = 0
        var end = bytes.count
        if left {
            for scalar in scalars {
                guard drop(scalar) else { break }
                start += UTF8.width(scalar)
            }
        }
        if right {
            for scalar in scalars.reversed() {
                guard end > start, drop(scalar) else { break }
                end -= UTF8.width(scalar)
            }
        }
        return slice(start..<max(start, end))
    }

    /// `str.split(None, limit)`: the rest at the end keeps its white space.
    func splitOnSpace(limit: Int = .max) -> [Text] {
        let words = wordRanges
        let pieces = words.prefix(limit).map { slice($0) }
        return limit < words.count ? pieces + [slice(words[limit].lowerBound..<bytes.count)] : pieces
    }

    /// `str.rsplit(None, limit)`: the rest at the start keeps its white space.
    func splitOnSpaceFromEnd(limit: Int) -> [Text] {
        let words = wordRanges
        let head = max(0, words.count - limit)
        let rest = words.dropFirst(head).map { slice($0) }
        return head == 0 ? rest : [slice(0..<words[head - 1].upperBound)] + rest
    }

    /// Byte ranges between runs of white space.
    private var wordRanges: [Range<Int>] {
        var result: [Range<Int>] = []
        var start: Int?
        var position = 0
        for scalar in string.unicodeScalars {
            if scalar.isPythonSpace {
                if let from = start { result.append(from..<position) }
                start = nil
            } else if start == nil {
                start = position
            }
            position += UTF8.width(scalar)
        }
        if let from = start { result.append(from..<position) }
        return result
    }

    /// `str.splitlines(keepends)`.
    func lines(keepEnds: Bool = false) -> [Text] {
        var result: [Text] = []
        var start = 0
        var position = 0
        var lastStart = 0
        var previous: Unicode.Scalar?
        for scalar in string.unicodeScalars {
            let width = UTF8.width(scalar)
            if scalar == "\n" && previous == "\r" {
                if keepEnds { result[result.count - 1] = slice(lastStart..<position + 1) }
                start = position + 1
            } else if scalar.endsPythonLine {
                result.append(slice(start..<(keepEnds ? position + width : position)))
                lastStart = start
                start = position + width
            }
            position += width
            previous = scalar
        }
        if start < bytes.count { result.append(slice(start..<bytes.count)) }
        return result
    }

    func hasPrefix(_ other: Text) -> Bool { bytes.starts(with: other.bytes) }
    func hasSuffix(_ other: Text) -> Bool {
        bytes.count >= other.bytes.count
            && bytes.suffix(other.bytes.count).elementsEqual(other.bytes)
    }
}

extension Unicode.Scalar {
    /// `str.isspace` for one code point.
    var isPythonSpace: Bool {
        switch value {
        case 9...13, 28...32, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
            0x3000:
            true
        default: false
        }
    }

    /// What `str.splitlines` breaks at.
    var endsPythonLine: Bool {
        switch value {
        case 10...13, 28...30, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}
