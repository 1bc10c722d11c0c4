import Core

/// Which pairs of tokens merge, how early, and into what.
struct MergeTable: Sendable {
    /// What `find` gives for a pair that does not merge; greater than every value.
    static let none = UInt64.max

    private struct Slot {
        var pair: UInt64
        /// Rank in the high half, merged token in the low half: the smallest value merges first.
        var value: UInt64
    }

    /// Open addressing; the count is a power of two. No pair of ids is all ones.
    private var slots: [Slot]
    private let shift: UInt64
    /// Pairs given to `insert`.
    private(set) var count = 0
    /// Every rank is below.
    private(set) var rankCount = 0

    init(capacity: Int) {
        var bits: UInt64 = 4
        while 2 << bits < 3 * capacity { bits += 1 }
        slots = [Slot](repeating: Slot(pair: .max, value: Self.none), count: 1 << bits)
        shift = 64 - bits
    }

    static func token(_ value: UInt64) -> TokenID { TokenID(truncatingIfNeeded: value) }

    static func rank(_ value: UInt64) -> Int { Int(truncatingIfNeeded: value >> 32) }

    /// A pair given twice keeps its last rank, as in the reference. At most `capacity` calls.
    mutating func insert(_ left: TokenID, _ right: TokenID, rank: UInt32, into token: TokenID) {
        let pair = Self.key(left, right)
        insert(pair, at: slot(of: pair), rank, token)
    }

    /// Inserts merges of ranks from `rank` on, all of them complete.
    mutating func insert(_ merges: [MergeReader.Merge], rank: Int) {
        for start in stride(from: 0, to: merges.count, by: Self.batch) {
            insert(merges[start...].prefix(Self.batch), rank + start)
        }
    }

    /// How many slots are looked at before pairs are put there, so that none waits for the memory of
    /// another.
    private static let batch = 128

    private mutating func insert(_ merges: ArraySlice<MergeReader.Merge>, _ rank: Int) {
        let starts = merges.map { merge in
            let pair = Self.key(merge.left, merge.right)
            let slot = start(of: pair)
            let isOther = slots[slot].pair != pair && slots[slot].pair != .max
            return (slot &+ (isOther ? 1 : 0)) & (slots.count &- 1)
        }
        for (index, merge) in merges.enumerated() {
            let pair = Self.key(merge.left, merge.right)
            let slot = slot(of: pair, from: starts[index])
            insert(pair, at: slot, UInt32(truncatingIfNeeded: rank + index), merge.into)
        }
    }

    private mutating func insert(_ pair: UInt64, at slot: Int, _ rank: UInt32, _ token: TokenID) {
        count += 1
        rankCount = max(rankCount, Int(rank) + 1)
        slots[slot] = Slot(
            pair: pair,
            value: UInt64(rank) << 32 | UInt64(UInt32(bitPattern: token))
        )
    }

    func forEachPair(_ body: (_ left: TokenID, _ right: TokenID) -> Void) {
        for slot in slots where slot.pair != .max {
            body(
                TokenID(truncatingIfNeeded: slot.pair >> 32),
                TokenID(truncatingIfNeeded: slot.pair)
            )
        }
    }

    @inline(__always)
    func find(_ left: TokenID, _ right: TokenID) -> UInt64 {
        slots[slot(of: Self.key(left, right))].value
    }

    @inline(__always)
    private func slot(of pair: UInt64) -> Int { slot(of: pair, from: start(of: pair)) }

    /// Where the pair is, or the empty slot where it would be.
    @inline(__always)
    private func slot(of pair: UInt64, from start: Int) -> Int {
        var slot = start
        while slots[slot].pair != pair, slots[slot].pair != .max {
            slot = (slot &+ 1) & (slots.count &- 1)
        }
        return slot
    }

    @inline(__always)
    private func start(of pair: UInt64) -> Int {
        Int(truncatingIfNeeded: (pair &* 0x9E37_79B9_7F4A_7C15) &>> shift)
    }

    @inline(__always)
    private static func key(_ left: TokenID, _ right: TokenID) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }
}
