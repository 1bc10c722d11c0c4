import Core

/// The pool and what its blocks hold, kept in step: a block leaves the index when it is taken for
/// new content, and a free block stays in it until then.
struct BlockCache {
    private(set) var pool: BlockPool
    private(set) var index: PrefixIndex
    private let sharing: Bool

    init(blockCount: Int, sharing: Bool) {
        pool = BlockPool(count: blockCount)
        index = PrefixIndex(blockCount: blockCount)
        self.sharing = sharing
    }

    /// Appends `count` blocks for new content to `table`; false and no change when fewer are free.
    mutating func grow(_ table: inout [Int32], by count: Int) -> Bool {
        guard pool.freeCount >= count else { return false }
        for _ in 0..<max(0, count) {
            guard let block = pool.take() else { return false }
            index.remove(block)
            table.append(block)
        }
        return true
    }

    /// The longest known run of full blocks at the start of `tokens` that leaves at least one
    /// token to compute, for its logits. Found and pinned in one go.
    mutating func pinPrefix(
        of tokens: [TokenID],
        from root: PrefixIndex.Place
    ) -> (blocks: [Int32], place: PrefixIndex.Place) {
        var blocks: [Int32] = []
        var place = root
        guard sharing else { return (blocks, place) }
        for block in 0..<(tokens.count - 1) / KVBlock.size {
            guard let hit = index.find(tokens.block(block), at: place) else { break }
            pool.retain(hit.block)
            blocks.append(hit.block)
            place = hit.place
        }
        return (blocks, place)
    }

    /// Makes the sequence's computed full blocks available to others of its tenant.
    mutating func publish(_ sequence: inout SequenceState) {
        guard sharing else { return }
        while (sequence.publishedBlocks + 1) * KVBlock.size <= sequence.computed {
            let block = sequence.publishedBlocks
            let tokens = sequence.tokens.block(block)
            sequence.place = index.insert(sequence.blocks[block], tokens, at: sequence.place)
            sequence.publishedBlocks += 1
        }
    }

    /// Gives a table back, last block first: a prefix is of use without its end, not the reverse.
    mutating func release(_ table: [Int32]) {
        for block in table.reversed() {
            pool.release(block, keepContent: index.contains(block))
        }
    }
}

extension [TokenID] {
    /// The tokens of full block `number`.
    fileprivate func block(_ number: Int) -> ArraySlice<TokenID> {
        self[number * KVBlock.size..<(number + 1) * KVBlock.size]
    }
}
