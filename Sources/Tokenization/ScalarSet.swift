/// A set of Unicode scalars.
struct ScalarSet: Sendable, Equatable {
    /// Ascending; ranges neither overlap nor meet.
    private(set) var ranges: [ClosedRange<UInt32>] = []

    static let all = ScalarSet([0...0x10FFFF])

    init() {}

    init(_ ranges: [ClosedRange<UInt32>]) {
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) { append(range) }
    }

    /// - Parameter table: one of `UnicodeSets`: for each range the gap before it and its length.
    init(table: String) {
        var reader = TableReader(table)
        var end: UInt32 = 0
        while !reader.isAtEnd {
            let start = end + reader.number()
            end = start + reader.number()
            append(start...end - 1)
        }
    }

    /// Adds a range that starts after the start of the last one.
    private mutating func append(_ range: ClosedRange<UInt32>) {
        if let last = ranges.last, range.lowerBound <= last.upperBound + 1 {
            ranges[ranges.count - 1] =
                last.lowerBound...max(last.upperBound, range.upperBound)
        } else {
            ranges.append(range)
        }
    }

    var isEmpty: Bool { ranges.isEmpty }

    func contains(_ scalar: UInt32) -> Bool { ranges.contains { $0.contains(scalar) } }

    func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

    var inverted: ScalarSet {
        var result = ScalarSet()
        var start: UInt32 = 0
        for range in ranges {
            if range.lowerBound > start { result.ranges.append(start...range.lowerBound - 1) }
            start = range.upperBound + 1
        }
        if start <= 0x10FFFF { result.ranges.append(start...0x10FFFF) }
        return result
    }

    func intersection(_ other: ScalarSet) -> ScalarSet {
        inverted.union(other.inverted).inverted
    }
}

/// Reads the tables that tools/goldens/tokenizer_unicode.py writes: hexadecimal numbers, with
/// names, marks and single spaces between them.
struct TableReader {
    private let text: [UInt8]
    private var index = 0

    init(_ text: String) { self.text = Array(text.utf8) }

    var isAtEnd: Bool { index >= text.count }

    /// The next number; also skips the space after it.
    mutating func number() -> UInt32 {
        var value: UInt32 = 0
        while index < text.count, let digit = Self.digit(text[index]) {
            value = value << 4 | digit
            index += 1
        }
        skipSpace()
        return value
    }

    /// The next two characters.
    mutating func name() -> String {
        let end = min(index + 2, text.count)
        defer { index = end }
        return String(decoding: text[index..<end], as: UTF8.self)
    }

    mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard index < text.count, UInt32(text[index]) == mark.value else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        if index < text.count, text[index] == 0x20 { index += 1 }
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte - 0x30)
        case 0x61...0x66: UInt32(byte - 0x61 + 10)
        default: nil
        }
    }
}
