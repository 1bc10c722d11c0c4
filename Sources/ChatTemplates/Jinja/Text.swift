/// A template string: valid UTF-8 bytes, and which of them came from the request.
///
/// Bytes and not `String`, because Python compares, measures and cuts code points while Swift's
/// strings compare by canonical equivalence and count graphemes.
struct Text: Sendable {
    var bytes: [UInt8]
    var marks: Marks

    init(_ bytes: [UInt8], _ marks: Marks = .none) {
        self.bytes = bytes
        self.marks = marks
    }

    init(_ string: String, isInput: Bool = false) {
        self.init([UInt8](string.utf8), isInput ? .all : .none)
    }

    var string: String { String(decoding: bytes, as: UTF8.self) }
    var isEmpty: Bool { bytes.isEmpty }
    var isASCII: Bool { bytes.allSatisfy { $0 < 0x80 } }

    /// The number of code points.
    var count: Int { bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) } }

    /// Byte offset of code point `index`; nil behind the end.
    func offset(ofCodePoint index: Int) -> Int? {
        var seen = 0
        for offset in bytes.indices where bytes[offset] & 0xC0 != 0x80 {
            if seen == index { return offset }
            seen += 1
        }
        return seen == index ? bytes.count : nil
    }

    var scalars: [Unicode.Scalar] { Array(string.unicodeScalars) }

    /// Whether any byte came from the request.
    var hasInput: Bool {
        switch marks {
        case .none: false
        case .all: !bytes.isEmpty
        case .some(let ranges): !ranges.isEmpty
        }
    }

    /// Byte ranges that came from the request, ascending, disjoint, not empty.
    var inputRanges: [Range<Int>] {
        switch marks {
        case .none: []
        case .all: bytes.isEmpty ? [] : [0..<bytes.count]
        case .some(let ranges): ranges
        }
    }

    /// New bytes that were made from this text: input if any of this text was.
    func derived(_ bytes: [UInt8]) -> Text { Text(bytes, hasInput ? .all : .none) }
    func derived(_ string: String) -> Text { derived([UInt8](string.utf8)) }

    /// The bytes in `range`, with their marks.
    func slice(_ range: Range<Int>) -> Text {
        if range.count == bytes.count { return self }
        let part = Array(bytes[range])
        guard case .some(let ranges) = marks else { return Text(part, marks) }
        var builder = TextBuilder()
        builder.append(part, ranges: ranges.clipped(to: range))
        return builder.text
    }

    /// Applies `change` to each run of equal marking.
    func mapRuns(_ change: ([UInt8]) -> [UInt8]) -> Text {
        guard case .some(let ranges) = marks else { return Text(change(bytes), marks) }
        var builder = TextBuilder()
        var position = 0
        for range in ranges {
            builder.append(change(Array(bytes[position..<range.lowerBound])), isInput: false)
            builder.append(change(Array(bytes[range])), isInput: true)
            position = range.upperBound
        }
        builder.append(change(Array(bytes[position...])), isInput: false)
        return builder.text
    }

    /// This text `count` times.
    func repeated(_ count: Int) -> Text {
        if bytes.count == 1 {
            return Text([UInt8](repeating: bytes[0], count: count), count > 0 ? marks : .none)
        }
        var builder = TextBuilder()
        builder.reserve(bytes.count * count)
        for _ in 0..<count { builder.append(self) }
        return builder.text
    }

    static func + (a: Text, b: Text) -> Text {
        var builder = TextBuilder()
        builder.reserve(a.bytes.count + b.bytes.count)
        builder.append(a)
        builder.append(b)
        return builder.text
    }
}

/// Which bytes of a text came from the request. The two common cases cost nothing.
enum Marks: Sendable {
    case none, all
    /// Ascending, disjoint, not empty.
    case some([Range<Int>])
}

extension [Range<Int>] {
    /// The parts inside `window`, moved so that the window starts at 0.
    fileprivate func clipped(to window: Range<Int>) -> [Range<Int>] {
        compactMap { range in
            let part = range.clamped(to: window)
            guard !part.isEmpty else { return nil }
            return part.lowerBound - window.lowerBound..<part.upperBound - window.lowerBound
        }
    }
}

/// Grows a text at its end; adjacent input ranges merge.
struct TextBuilder {
    private(set) var bytes: [UInt8] = []
    private var ranges: [Range<Int>] = []

    mutating func reserve(_ count: Int) { bytes.reserveCapacity(bytes.count + count) }

    mutating func append(_ text: Text) {
        switch text.marks {
        case .none: bytes.append(contentsOf: text.bytes)
        case .all: append(text.bytes, isInput: true)
        case .some(let ranges): append(text.bytes, ranges: ranges)
        }
    }

    mutating func append(_ new: some Collection<UInt8>, isInput: Bool) {
        let start = bytes.count
        bytes.append(contentsOf: new)
        if isInput { mark(start..<bytes.count) }
    }

    mutating func append(_ string: String) { bytes.append(contentsOf: string.utf8) }

    mutating func append(_ new: [UInt8], ranges: [Range<Int>]) {
        let start = bytes.count
        bytes.append(contentsOf: new)
        for range in ranges { mark(range.lowerBound + start..<range.upperBound + start) }
    }

    private mutating func mark(_ range: Range<Int>) {
        if range.isEmpty { return }
        if let last = ranges.last, last.upperBound == range.lowerBound {
            ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
        } else {
            ranges.append(range)
        }
    }

    var text: Text {
        if ranges.isEmpty { return Text(bytes) }
        if ranges.count == 1, ranges[0].count == bytes.count { return Text(bytes, .all) }
        return Text(bytes, .some(ranges))
    }
}
