/// A byte for every scalar, in pages of 256 of which equal ones are stored once.
struct ScalarTable: Sendable {
    /// Offset of each page in `values`. The first is at 0, so ASCII needs no look-up here.
    private let pages: [Int32]
    private let values: [UInt8]

    /// - Parameter fill: writes into an array with a zero for every scalar.
    init(_ fill: (inout [UInt8]) -> Void) {
        var flat = [UInt8](repeating: 0, count: 0x110000)
        fill(&flat)
        var offsets: [ArraySlice<UInt8>: Int32] = [:]
        var values: [UInt8] = []
        var pages: [Int32] = []
        for start in stride(from: 0, to: flat.count, by: 256) {
            let page = flat[start..<start + 256]
            // Most pages are like the one before, which is faster to see than to hash.
            if let last = pages.last, flat.span.isRepeated(start..<start + 256) {
                pages.append(last)
            } else if let offset = offsets[page] {
                pages.append(offset)
            } else {
                let offset = Int32(truncatingIfNeeded: values.count)
                offsets[page] = offset
                pages.append(offset)
                values.append(contentsOf: page)
            }
        }
        self.pages = pages
        self.values = values
    }

    @inline(__always)
    subscript(scalar: Int) -> UInt8 { values[Int(pages[scalar >> 8]) + (scalar & 0xFF)] }

    @inline(__always)
    subscript(ascii byte: UInt8) -> UInt8 { values[Int(byte)] }
}

extension Span<UInt8> {
    /// Whether the bytes before `range` are the same.
    fileprivate func isRepeated(_ range: Range<Int>) -> Bool {
        let start = range.lowerBound - range.count
        return ByteChunks.equal(self, start..<range.lowerBound, self, range)
    }
}

/// What pre-tokenizers, normalizers and added tokens ask of a scalar; bits of `flags`.
enum ScalarFlags {
    static let space: UInt8 = 1
    static let numeric: UInt8 = 2
    static let punctuation: UInt8 = 4
    static let word: UInt8 = 8
    static let accent: UInt8 = 16

    static let flags = ScalarTable { flat in
        let spaces = stride(from: 0, to: UnicodeRanges.spaces.count, by: 2).map {
            UnicodeRanges.spaces[$0]...UnicodeRanges.spaces[$0 + 1]
        }
        for (set, flag) in [
            (ScalarSet(spaces), space),
            (ScalarSet(table: UnicodeSets.numeric), numeric),
            (ScalarSet(table: UnicodeSets.punctuation), punctuation),
            (ScalarSet(table: UnicodeSets.word), word),
            (ScalarSet(table: UnicodeSets.accents), accent),
        ] {
            for range in set.ranges {
                for scalar in range { flat[Int(scalar)] |= flag }
            }
        }
    }

    static func has(_ flag: UInt8, _ scalar: Int) -> Bool { flags[scalar] & flag != 0 }
}
