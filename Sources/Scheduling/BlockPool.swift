/// Which blocks are in use, and by how many tables. The free ones form a doubly linked list in the
/// order in which they will be taken, so that every operation is O(1).
struct BlockPool {
    /// Links of the free list. Slot `count` is its sentinel: next is the first, previous the last.
    private var next: [Int32]
    private var previous: [Int32]
    private var references: [Int32]
    private(set) var freeCount: Int

    var count: Int { references.count }
    private var sentinel: Int32 { Int32(references.count) }

    /// Free blocks `0 ..< count`, the lowest first.
    init(count: Int) {
        precondition(count >= 0 && count < Int(Int32.max), "blockCount is out of range")
        let last = Int32(count)
        next = (0...last).map { $0 == last ? 0 : $0 + 1 }
        previous = (0...last).map { $0 == 0 ? last : $0 - 1 }
        references = Array(repeating: 0, count: count)
        freeCount = count
    }

    /// Takes the block that was freed longest ago, for one user; nil when none is free.
    mutating func take() -> Int32? {
        guard freeCount > 0 else { return nil }
        let block = next[Int(sentinel)]
        retain(block)
        return block
    }

    /// Adds a user. A free block leaves the free list.
    mutating func retain(_ block: Int32) {
        if references[Int(block)] == 0 { unlink(block) }
        references[Int(block)] += 1
    }

    /// Removes a user. The last one frees the block: to be taken last when its content is worth
    /// keeping, else next.
    mutating func release(_ block: Int32, keepContent: Bool) {
        precondition(references[Int(block)] > 0, "block \(block) was released twice")
        references[Int(block)] -= 1
        guard references[Int(block)] == 0 else { return }
        link(block, after: keepContent ? previous[Int(sentinel)] : sentinel)
    }

    func referenceCount(of block: Int32) -> Int { Int(references[Int(block)]) }

    private mutating func link(_ block: Int32, after left: Int32) {
        let right = next[Int(left)]
        next[Int(left)] = block
        previous[Int(block)] = left
        next[Int(block)] = right
        previous[Int(right)] = block
        freeCount += 1
    }

    private mutating func unlink(_ block: Int32) {
        let left = previous[Int(block)]
        let right = next[Int(block)]
        next[Int(left)] = right
        previous[Int(right)] = left
        freeCount -= 1
    }
}
