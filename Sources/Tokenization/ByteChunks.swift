/// Eight bytes of a text at a time.
enum ByteChunks {
    /// The `count` bytes at `index`, 8 at most: the first in the lowest byte, 0 beyond them.
    @inline(__always)
    static func load(_ text: Span<UInt8>, _ index: Int, _ count: Int) -> UInt64 {
        if index &+ 8 <= text.count {
            let chunk = whole(text, index)
            return count >= 8 ? chunk : chunk & ((1 &<< UInt64(8 &* count)) &- 1)
        }
        return tail(text, index, min(count, 8))
    }

    /// The 8 bytes at `index`, which must all be there.
    @inline(__always)
    static func whole(_ text: Span<UInt8>, _ index: Int) -> UInt64 {
        UInt64(littleEndian: text.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    private static func tail(_ text: Span<UInt8>, _ index: Int, _ count: Int) -> UInt64 {
        var chunk: UInt64 = 0
        for offset in 0..<count { chunk |= UInt64(text[index + offset]) &<< UInt64(8 * offset) }
        return chunk
    }

    /// Both halves of a product, folded: every bit of `a` and `b` moves every bit of it.
    @inline(__always)
    static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    /// A hash of `text[range]`.
    @inline(__always)
    static func hash(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var hash = 0x9E37_79B9_7F4A_7C15 ^ UInt64(truncatingIfNeeded: range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            hash = mix(hash ^ load(text, index, range.upperBound &- index), 0xD6E8_FEB8_6659_FD93)
            index &+= 8
        }
        return hash
    }

    @inline(__always)
    static func equal(
        _ a: Span<UInt8>,
        _ first: Range<Int>,
        _ b: Span<UInt8>,
        _ second: Range<Int>
    ) -> Bool {
        if first.count != second.count { return false }
        var offset = 0
        while offset < first.count {
            let left = load(a, first.lowerBound &+ offset, first.count &- offset)
            if left != load(b, second.lowerBound &+ offset, first.count &- offset) { return false }
            offset &+= 8
        }
        return true
    }
}
