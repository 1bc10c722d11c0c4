import Core

/// Byte strings numbered from 0, and the way back from a string to its number: one flat buffer and
/// one open-addressed hash table, because a vocabulary has 100,000 entries and must load quickly.
struct ByteTable: Sendable {
    private(set) var blob: [UInt8] = []
    /// Entry `i` is `blob[starts[i]..<starts[i + 1]]`.
    private(set) var starts: [Int] = [0]
    /// The count is a power of two.
    private var slots: [Slot] = []

    private struct Slot {
        /// An entry of up to 8 bytes itself, so that most look-ups end here; the hash of a longer one.
        var key: UInt64 = 0
        var length: Int32 = 0
        /// -1 in an empty slot.
        var entry: Int32 = -1
    }

    var count: Int { starts.count - 1 }

    init() {}

    /// - Parameter capacity: entries to come, as long as words are.
    init(capacity: Int) {
        starts.reserveCapacity(capacity + 1)
        blob.reserveCapacity(8 * capacity)
    }

    func range(_ index: Int) -> Range<Int> { starts[index]..<starts[index + 1] }

    func bytes(_ index: Int) -> ArraySlice<UInt8> { blob[range(index)] }

    /// Adds an entry that `find` does not know yet.
    mutating func append(_ write: (inout [UInt8]) -> Void) {
        write(&blob)
        starts.append(blob.count)
    }

    /// Adds `text[range]`.
    mutating func append(_ text: Span<UInt8>, _ range: Range<Int>) {
        extend(text, range)
        starts.append(blob.count)
    }

    /// Adds `text[range]` to what becomes the next entry.
    mutating func extend(_ text: Span<UInt8>, _ range: Range<Int>) {
        text.extracting(range).withUnsafeBufferPointer { blob.append(contentsOf: $0) }
    }

    /// Makes entries findable. Of equal entries the first is found.
    /// - Returns: an entry that equals an earlier one, if there is such.
    @discardableResult
    mutating func index(where include: (Int) -> Bool = { _ in true }) -> Int? {
        var size = 16
        while 2 * size < 3 * count { size *= 2 }
        slots = [Slot](repeating: Slot(), count: size)
        var repeated: Int?
        for entry in 0..<count where include(entry) && !insert(entry) { repeated = entry }
        return repeated
    }

    /// - Returns: whether the entry is new.
    private mutating func insert(_ entry: Int) -> Bool {
        let range = range(entry)
        let (slot, key) = slot(of: blob.span, range)
        if slots[slot].entry >= 0 { return false }
        slots[slot] = Slot(
            key: key,
            length: Int32(truncatingIfNeeded: range.count),
            entry: Int32(truncatingIfNeeded: entry)
        )
        return true
    }

    /// Where the entry that equals `range` of `text` is, or the empty slot where it would be.
    @inline(__always)
    private func slot(of text: Span<UInt8>, _ range: Range<Int>) -> (slot: Int, key: UInt64) {
        let isShort = range.count <= 8
        let key =
            isShort
            ? ByteChunks.load(text, range.lowerBound, range.count) : ByteChunks.hash(text, range)
        let length = Int32(truncatingIfNeeded: range.count)
        let hash = ByteChunks.mix(key ^ 0xD6E8_FEB8_6659_FD93, 0x9E37_79B9_7F4A_7C15)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
        while true {
            let found = slots[slot]
            if found.entry < 0 { return (slot, key) }
            if found.key == key, found.length == length,
                isShort || ByteChunks.equal(blob.span, self.range(Int(found.entry)), text, range)
            {
                return (slot, key)
            }
            slot = (slot &+ 1) & (slots.count &- 1)
        }
    }

    /// The number of the entry that equals `range` of `text`.
    func find(_ text: Span<UInt8>, _ range: Range<Int>) -> TokenID? {
        if slots.isEmpty { return nil }
        let entry = slots[slot(of: text, range).slot].entry
        return entry >= 0 ? entry : nil
    }

    func find(_ bytes: [UInt8]) -> TokenID? { find(bytes.span, 0..<bytes.count) }
}
