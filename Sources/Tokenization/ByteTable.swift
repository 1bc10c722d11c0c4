import Core

/// Byte strings numbered from 0, and the way back from a string to its number: one flat buffer and
/// one open-addressed hash table, because a vocabulary has 100,000 entries and must load quickly.
struct ByteTable: Sendable {
    private(set) var blob: [UInt8] = []
    /// Entry `i` is `blob[starts[i]..<starts[i + 1]]`.
    private(set) var starts: [Int] = [0]
    /// Entry numbers, or -1; the count is a power of two.
    private var slots: [Int32] = []

    var count: Int { starts.count - 1 }

    init() {}

    func range(_ index: Int) -> Range<Int> { starts[index]..<starts[index + 1] }

    func bytes(_ index: Int) -> ArraySlice<UInt8> { blob[range(index)] }

    /// Adds an entry that `find` does not know yet.
    mutating func append(_ write: (inout [UInt8]) -> Void) {
        write(&blob)
        starts.append(blob.count)
    }

    /// Makes entries findable. Of equal entries the first is found.
    /// - Returns: an entry that equals an earlier one, if there is such.
    @discardableResult
    mutating func index(where include: (Int) -> Bool = { _ in true }) -> Int? {
        var size = 16
        while size < 2 * count { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
        var repeated: Int?
        for entry in 0..<count where include(entry) && !insert(entry) { repeated = entry }
        return repeated
    }

    /// - Returns: whether the entry is new.
    private mutating func insert(_ entry: Int) -> Bool {
        var slot = Self.hash(blob.span, range(entry)) & (slots.count - 1)
        while slots[slot] >= 0 {
            if Self.equal(blob.span, range(Int(slots[slot])), blob.span, range(entry)) {
                return false
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = Int32(truncatingIfNeeded: entry)
        return true
    }

    /// The number of the entry that equals `range` of `text`.
    func find(_ text: Span<UInt8>, _ range: Range<Int>) -> TokenID? {
        if slots.isEmpty { return nil }
        var slot = Self.hash(text, range) & (slots.count - 1)
        while slots[slot] >= 0 {
            let entry = slots[slot]
            if Self.equal(blob.span, self.range(Int(entry)), text, range) { return entry }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    func find(_ bytes: [UInt8]) -> TokenID? { find(bytes.span, 0..<bytes.count) }

    /// FNV-1a with a final mix; at least 0.
    @inline(__always)
    static func hash(_ text: Span<UInt8>, _ range: Range<Int>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in range {
            hash = (hash ^ UInt64(text[index])) &* 0x0000_0100_0000_01B3
        }
        hash ^= hash >> 32
        return Int(truncatingIfNeeded: hash & 0x7FFF_FFFF_FFFF_FFFF)
    }

    @inline(__always)
    static func equal(
        _ a: Span<UInt8>,
        _ first: Range<Int>,
        _ b: Span<UInt8>,
        _ second: Range<Int>
    ) -> Bool {
        if first.count != second.count { return false }
        for offset in 0..<first.count
        where a[first.lowerBound &+ offset] != b[second.lowerBound &+ offset] {
            return false
        }
        return true
    }
}
