/// What the patterns of the pre-tokenizers ask of a scalar.
enum ScalarKind {
    static let other: UInt8 = 0
    static let letter: UInt8 = 1
    static let number: UInt8 = 2
    static let space: UInt8 = 3
}

/// The kind of every scalar.
struct UnicodeClasses: Sendable {
    private let kinds: ScalarTable

    static let reference = UnicodeClasses()

    private init() {
        kinds = ScalarTable { flat in
            for (ranges, kind) in [
                (UnicodeRanges.letters, ScalarKind.letter),
                (UnicodeRanges.numbers, ScalarKind.number),
                (UnicodeRanges.spaces, ScalarKind.space),
            ] {
                for index in stride(from: 0, to: ranges.count, by: 2) {
                    for scalar in ranges[index]...ranges[index + 1] { flat[Int(scalar)] = kind }
                }
            }
        }
    }

    /// Kind and length in bytes of the character at `index` of valid UTF-8.
    @inline(__always)
    func kind(_ text: Span<UInt8>, at index: Int) -> (kind: UInt8, length: Int) {
        let first = text[index]
        if first < 0x80 { return (kinds[ascii: first], 1) }
        let (scalar, length) = UTF8Scalars.decode(text, at: index)
        return (kinds[scalar], length)
    }
}

/// Scalars in bytes that are known to be valid UTF-8.
enum UTF8Scalars {
    @inline(__always)
    static func decode(_ text: Span<UInt8>, at index: Int) -> (scalar: Int, length: Int) {
        let first = Int(text[index])
        if first < 0x80 { return (first, 1) }
        let second = Int(text[index &+ 1]) & 0x3F
        if first < 0xE0 { return ((first & 0x1F) << 6 | second, 2) }
        let third = Int(text[index &+ 2]) & 0x3F
        if first < 0xF0 { return ((first & 0x0F) << 12 | second << 6 | third, 3) }
        let fourth = Int(text[index &+ 3]) & 0x3F
        return ((first & 0x07) << 18 | second << 12 | third << 6 | fourth, 4)
    }

    /// Where the character that ends before `index` starts.
    @inline(__always)
    static func start(_ text: Span<UInt8>, before index: Int) -> Int {
        var start = index - 1
        while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
        return start
    }
}
