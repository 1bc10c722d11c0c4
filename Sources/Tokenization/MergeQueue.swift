/// The pairs of a long word that may merge: the lowest rank first, the leftmost of equals first.
///
/// Most pairs of one rank are found from left to right, so they wait in a list for each rank, and
/// taking the next costs the same however many there are. The few that are found out of order, and
/// all pairs of words too short to pay for the lists, are in a heap.
struct MergeQueue {
    /// Rank in the high half, position in the low half.
    private var heap = KeyHeap()
    private var lists: [List] = []
    private var nodes: [Node] = []
    private var ranks = RankSet(count: 0)

    private struct List {
        var first: Int32 = -1
        var last: Int32 = -1
    }

    private struct Node {
        var position: UInt32
        var next: Int32
    }

    /// Words of fewer symbols do without lists.
    private static let longWord = 4096

    /// - Parameters:
    ///   - symbols: of the word.
    ///   - ranks: every rank is below.
    init(symbols: Int, ranks count: Int) {
        if symbols < Self.longWord { return }
        lists = [List](repeating: List(), count: count)
        nodes.reserveCapacity(symbols + symbols / 2)
        ranks = RankSet(count: count)
    }

    mutating func push(rank: Int, position: Int) {
        let position = UInt32(truncatingIfNeeded: position)
        guard rank < lists.count, nodes.count < Int(Int32.max) else {
            return heap.push(Self.key(rank, position))
        }
        let node = Int32(truncatingIfNeeded: nodes.count)
        let last = Int(lists[rank].last)
        if last < 0 {
            lists[rank] = List(first: node, last: node)
            ranks.insert(rank)
        } else if nodes[last].position <= position {
            nodes[last].next = node
            lists[rank].last = node
        } else {
            return heap.push(Self.key(rank, position))
        }
        nodes.append(Node(position: position, next: -1))
    }

    mutating func pop() -> (rank: Int, position: Int)? {
        guard let rank = ranks.first else { return heap.pop().map(Self.pair) }
        let node = nodes[Int(lists[rank].first)]
        let key = Self.key(rank, node.position)
        if let other = heap.first, other < key { return heap.pop().map(Self.pair) }
        lists[rank].first = node.next
        if node.next < 0 {
            lists[rank].last = -1
            ranks.remove(rank)
        }
        return Self.pair(key)
    }

    @inline(__always)
    private static func key(_ rank: Int, _ position: UInt32) -> UInt64 {
        UInt64(truncatingIfNeeded: rank) << 32 | UInt64(position)
    }

    @inline(__always)
    private static func pair(_ key: UInt64) -> (rank: Int, position: Int) {
        (Int(truncatingIfNeeded: key >> 32), Int(UInt32(truncatingIfNeeded: key)))
    }
}

/// A binary heap, the least first.
private struct KeyHeap {
    private var keys: [UInt64] = []

    var first: UInt64? { keys.first }

    mutating func push(_ key: UInt64) {
        keys.append(key)
        var child = keys.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if keys[child] >= keys[parent] { break }
            keys.swapAt(child, parent)
            child = parent
        }
    }

    mutating func pop() -> UInt64? {
        guard let last = keys.popLast() else { return nil }
        guard let first = keys.first else { return last }
        keys[0] = last
        sink()
        return first
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            if child >= keys.count { return }
            if child + 1 < keys.count, keys[child + 1] < keys[child] { child += 1 }
            if keys[child] >= keys[parent] { return }
            keys.swapAt(child, parent)
            parent = child
        }
    }
}

/// A set of ranks that finds its least: bits, and a bit for each 64 of them.
private struct RankSet {
    private var bits: [UInt64]
    private var summary: [UInt64]
    /// All words of `summary` before this one are 0.
    private var low = 0

    init(count: Int) {
        bits = [UInt64](repeating: 0, count: (count + 63) / 64)
        summary = [UInt64](repeating: 0, count: (count + 4095) / 4096)
    }

    mutating func insert(_ rank: Int) {
        bits[rank >> 6] |= 1 << UInt64(rank & 63)
        summary[rank >> 12] |= 1 << UInt64(rank >> 6 & 63)
        low = min(low, rank >> 12)
    }

    mutating func remove(_ rank: Int) {
        bits[rank >> 6] &= ~(1 << UInt64(rank & 63))
        if bits[rank >> 6] == 0 { summary[rank >> 12] &= ~(1 << UInt64(rank >> 6 & 63)) }
    }

    var first: Int? {
        mutating get {
            while low < summary.count, summary[low] == 0 { low += 1 }
            if low == summary.count { return nil }
            let word = low << 6 | summary[low].trailingZeroBitCount
            return word << 6 | bits[word].trailingZeroBitCount
        }
    }
}
