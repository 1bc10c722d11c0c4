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
        var probes: [Probe] = []
        for start in stride(from: 0, to: count, by: Self.batch) {
            probes.removeAll(keepingCapacity: true)
            let entries = start..<min(start + Self.batch, count)
            for entry in entries { probes.append(probe(blob.span, range(entry))) }
            touch(&probes)
            for entry in entries where include(entry) {
                if !insert(entry, probes[entry - start]) { repeated = entry }
            }
        }
        return repeated
    }

    /// - Returns: whether the entry is new.
    private mutating func insert(_ entry: Int, _ probe: Probe) -> Bool {
        let slot = slot(of: blob.span, probe)
        if slots[slot].entry >= 0 { return false }
        slots[slot] = Slot(
            key: probe.key,
            length: probe.length,
            entry: Int32(truncatingIfNeeded: entry)
        )
        return true
    }

    // MARK: looking up

    /// A look-up before it waits for memory.
    private struct Probe {
        var range: Range<Int>
        var key: UInt64
        var length: Int32
        /// Where to look first.
        var slot: Int
    }

    /// Memory answers many questions at once, so that look-ups one by one would wait in vain.
    private static let batch = 128

    @inline(__always)
    private func probe(_ text: Span<UInt8>, _ range: Range<Int>) -> Probe {
        let key =
            range.count <= 8
            ? ByteChunks.load(text, range.lowerBound, range.count) : ByteChunks.hash(text, range)
        let hash = ByteChunks.mix(key ^ 0xD6E8_FEB8_6659_FD93, 0x9E37_79B9_7F4A_7C15)
        return Probe(
            range: range,
            key: key,
            length: Int32(truncatingIfNeeded: range.count),
            slot: Int(truncatingIfNeeded: hash) & (slots.count &- 1)
        )
    }

    /// Brings what the look-ups will read into the cache. Moves them past slots of other entries,
    /// so that the reading is no dead code.
    private func touch(_ probes: inout [Probe]) {
        var probes = probes.mutableSpan
        let mask = slots.count &- 1
        for index in probes.indices {
            let found = slots[probes[index].slot]
            let isOther = found.entry >= 0 && found.key != probes[index].key
            probes[index].slot = (probes[index].slot &+ (isOther ? 1 : 0)) & mask
        }
    }

    /// The same for the bytes of long entries, which must be compared.
    private func touchLong(_ probes: inout [Probe], _ text: Span<UInt8>) {
        let places = probes.map { probe in
            let entry = Int(slots[probe.slot].entry)
            return starts[probe.length > 8 && entry > 0 ? entry : 0]
        }
        var probes = probes.mutableSpan
        for index in probes.indices where probes[index].length > 8 {
            let isOther =
                slots[probes[index].slot].entry >= 0 && places[index] < blob.count
                && blob[places[index]] != text[probes[index].range.lowerBound]
            let slot = probes[index].slot &+ (isOther ? 1 : 0)
            probes[index].slot = slot & (slots.count &- 1)
        }
    }

    /// Where the entry that equals `text[probe.range]` is, or the empty slot where it would be.
    @inline(__always)
    private func slot(of text: Span<UInt8>, _ probe: Probe) -> Int {
        var slot = probe.slot
        while true {
            let found = slots[slot]
            if found.entry < 0 { return slot }
            if found.key == probe.key, found.length == probe.length,
                probe.length <= 8
                    || ByteChunks.equal(
                        blob.span,
                        self.range(Int(found.entry)),
                        text,
                        probe.range
                    )
            {
                return slot
            }
            slot = (slot &+ 1) & (slots.count &- 1)
        }
    }

    /// The numbers of the entries that equal ranges of `text`, or -1.
    func find(_ text: Span<UInt8>, _ parts: [ModelLists.Part]) -> [TokenID] {
        if slots.isEmpty { return Array(repeating: -1, count: parts.count) }
        var found: [TokenID] = []
        found.reserveCapacity(parts.count)
        var probes: [Probe] = []
        probes.reserveCapacity(parts.count)
        for part in parts { probes.append(probe(text, part.range)) }
        touch(&probes)
        touchLong(&probes, text)
        for probe in probes { found.append(slots[slot(of: text, probe)].entry) }
        return found
    }

    /// The number of the entry that equals `range` of `text`.
    func find(_ text: Span<UInt8>, _ range: Range<Int>) -> TokenID? {
        if slots.isEmpty { return nil }
        let entry = slots[slot(of: text, probe(text, range))].entry
        return entry >= 0 ? entry : nil
    }

    func find(_ bytes: [UInt8]) -> TokenID? { find(bytes.span, 0..<bytes.count) }
}
