/// The replacement table of a SentencePiece model (`precompiled_charsmap`): a double array in the
/// layout of darts-clone, and the texts that its entries point at.
struct PrecompiledCharsmap: Sendable {
    private var units: [UInt32] = []
    /// Replacements in UTF-8, each ended by a zero.
    let texts: [UInt8]

    /// - Parameter bytes: length of the double array in bytes (little-endian, 4 bytes), the array,
    ///   and the replacements.
    init(_ bytes: [UInt8], at location: String) throws(TokenizationError) {
        func word(_ index: Int) -> UInt32 {
            bytes[index..<index + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        guard bytes.count >= 4, case let size = Int(word(0)), size > 0, size % 4 == 0,
            size <= bytes.count - 4
        else {
            throw TokenizationError(.malformed, "the table ends too early", at: location)
        }
        units = stride(from: 4, to: 4 + size, by: 4).map(word)
        texts = Array(bytes[(4 + size)...])
        guard String(validating: texts, as: UTF8.self) != nil else {
            throw TokenizationError(.malformed, "replacements that are not UTF-8", at: location)
        }
    }

    /// What the shortest entry that `text[key]` starts with becomes, as a range of `texts`; nil if
    /// there is none.
    @inline(__always)
    func replacement(_ text: Span<UInt8>, _ key: Range<Int>) -> Range<Int>? {
        // A pointer into the middle of a character would make text that is no UTF-8.
        guard let start = first(text, key), start < texts.count, texts[start] & 0xC0 != 0x80 else {
            return nil
        }
        var end = start
        while end < texts.count, texts[end] != 0 { end += 1 }
        return start..<end
    }

    private func first(_ text: Span<UInt8>, _ key: Range<Int>) -> Int? {
        let units = units.span
        var position = Self.offset(units[0])
        for index in key {
            let byte = text[index]
            if byte == 0 { return nil }
            position ^= Int(byte)
            guard position < units.count else { return nil }
            let unit = units[position]
            if unit & 0x8000_00FF != UInt32(byte) { return nil }
            position ^= Self.offset(unit)
            if unit & 0x100 != 0 {
                guard position < units.count else { return nil }
                return Int(units[position] & 0x7FFF_FFFF)
            }
        }
        return nil
    }

    private static func offset(_ unit: UInt32) -> Int {
        Int(unit >> 10) << Int((unit & 0x200) >> 6)
    }
}
