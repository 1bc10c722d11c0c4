import Core

/// The pools and what their blocks hold, kept in step: a block leaves the index when it is taken
/// for new content, and a free block stays in it until then.
struct BlockCache {
    private(set) var pool: BlockPool
    private(set) var windows: WindowBlocks
    private(set) var index: PrefixIndex
    private let configuration: SchedulerConfiguration

    init(_ configuration: SchedulerConfiguration) {
        self.configuration = configuration
        pool = BlockPool(count: configuration.blockCount)
        windows = WindowBlocks(configuration)
        index = PrefixIndex(
            blockCount: configuration.blockCount,
            isUsed: configuration.prefixCaching
        )
    }

    /// Positions of the longest sequence that fits when it is alone.
    var capacity: Int {
        let slides = windows.pool.count >= configuration.windowBlocksPerSequence
        return (slides ? pool.count : min(pool.count, windows.pool.count)) * KVBlock.size
    }

    /// Gives a sequence blocks for all its tokens, and window blocks for its next chunk; false and
    /// no change when too few are free.
    mutating func grow(_ sequence: inout SequenceState) -> Bool {
        let missing = sequence.missingBlocks
        let chunkEnd = sequence.computed + min(sequence.remaining, configuration.chunkLimit)
        let missingWindows = windows.missing(in: sequence.windowBlocks, tokens: chunkEnd)
        guard missing <= pool.freeCount, missingWindows <= windows.pool.freeCount else {
            return false
        }
        for _ in 0..<max(0, missing) {
            guard let block = take() else { return false }
            sequence.blocks.append(block)
        }
        windows.extend(&sequence.windowBlocks, by: missingWindows)
        return true
    }

    /// Gives a sequence that has blocks for all its tokens what its drafts need, as far as it is
    /// free, and forgets the drafts for which there is nothing.
    mutating func growForDrafts(_ sequence: inout SequenceState) {
        let end = sequence.tokens.count + sequence.drafts.count
        while sequence.blocks.count * KVBlock.size < end, let block = take() {
            sequence.blocks.append(block)
        }
        let missingWindows = windows.missing(in: sequence.windowBlocks, tokens: end)
        windows.extend(&sequence.windowBlocks, by: min(missingWindows, windows.pool.freeCount))
        let covered = min(sequence.blocks.count, windows.covered(by: sequence.windowBlocks))
        sequence.keepDrafts(max(0, covered * KVBlock.size - sequence.tokens.count))
    }

    /// Gives back the blocks that rejected drafts were written to.
    mutating func trim(_ sequence: inout SequenceState) {
        let needed = KVBlock.count(forTokens: sequence.tokens.count)
        while sequence.blocks.count > needed, let block = sequence.blocks.popLast() {
            pool.release(block, keepContent: false)
        }
        windows.trim(&sequence.windowBlocks, to: needed)
    }

    /// A block for new content.
    private mutating func take() -> Int32? {
        guard let block = pool.take() else { return nil }
        index.remove(block)
        windows.unlink(full: block)
        return block
    }

    /// Gives a sequence that waited the prefix that is known, and what it lacks to run; false, with
    /// nothing held, when that is not to be had.
    /// - Parameter copies: gains what must be copied before the sequence's first step.
    mutating func admit(
        _ sequence: inout SequenceState,
        _ copies: inout [StepPlan.Copy]
    ) -> Bool {
        pinPrefix(&sequence)
        let fork = findFork(&sequence)
        windows.slide(&sequence.windowBlocks, to: sequence.computed)
        // Window blocks for all it knows it will need: one that is let in with less would be thrown
        // out when it needs more, again and again.
        let most = configuration.windowBlocksPerSequence
        if windows.canExtend(sequence.windowBlocks, to: sequence.tokens.count, most: most),
            grow(&sequence)
        {
            if let fork { copies.append(contentsOf: copy(fork, to: sequence)) }
            sequence.reserve()
            return true
        }
        release(&sequence)
        return false
    }

    /// Starts a sequence with the longest known run of full blocks at the start of its tokens that
    /// leaves at least one token to compute, for its logits. Found and pinned in one go.
    private mutating func pinPrefix(_ sequence: inout SequenceState) {
        var blocks: [Int32] = []
        var places = [PrefixIndex.Place.root(sequence.tenant)]
        if configuration.prefixCaching {
            for number in 0..<(sequence.tokens.count - 1) / KVBlock.size {
                let tokens = sequence.tokens.block(number)
                guard let hit = index.find(tokens, at: places[number]) else { break }
                blocks.append(hit.block)
                places.append(hit.place)
            }
        }
        blocks.removeSubrange(windows.usable(blocks)...)
        for block in blocks { pool.retain(block) }
        sequence.windowBlocks = windows.pin(blocks)
        sequence.blocks = blocks
        sequence.place = places[blocks.count]
        sequence.publishedBlocks = blocks.count
        sequence.computed = blocks.count * KVBlock.size
    }

    /// A block whose first `tokens` are the next of a sequence's.
    private struct Fork {
        let full, window: Int32
        let number, tokens: Int
    }

    /// Looks for a block that begins as the sequence goes on after its known prefix; counts what
    /// they share as computed. The block may be taken for new content before it is copied, also by
    /// this sequence, but copies come first in a step and in order.
    private func findFork(_ sequence: inout SequenceState) -> Fork? {
        sequence.copied = 0
        let start = sequence.computed
        let end = min(start + KVBlock.size, sequence.tokens.count - 1)
        guard configuration.prefixCaching, start < end,
            let hit = index.findBeginning(of: sequence.tokens[start..<end], at: sequence.place),
            let window = windows.twin(of: hit.block)
        else { return nil }
        sequence.copied = hit.count
        sequence.computed += hit.count
        return Fork(
            full: hit.block,
            window: window,
            number: start / KVBlock.size,
            tokens: hit.count
        )
    }

    private func copy(_ fork: Fork, to sequence: SequenceState) -> [StepPlan.Copy] {
        let full = StepPlan.Copy(
            from: fork.full,
            to: sequence.blocks[fork.number],
            tokens: fork.tokens
        )
        guard fork.window != KVBlock.gone else { return [full] }
        let window = StepPlan.Copy(
            from: fork.window,
            to: sequence.windowBlocks[fork.number],
            tokens: fork.tokens,
            windowed: true
        )
        return [full, window]
    }

    /// Makes the sequence's computed full blocks available to others of its tenant.
    mutating func publish(_ sequence: inout SequenceState) {
        guard configuration.prefixCaching else { return }
        while (sequence.publishedBlocks + 1) * KVBlock.size <= sequence.computed {
            let number = sequence.publishedBlocks
            let tokens = sequence.tokens.block(number)
            let kept = index.insert(sequence.blocks[number], tokens, at: sequence.place)
            windows.link(number, of: sequence.windowBlocks, full: kept.block)
            sequence.place = kept.place
            sequence.publishedBlocks += 1
        }
    }

    /// Gives back the window blocks that the sequence no longer sees.
    mutating func slide(_ sequence: inout SequenceState) {
        windows.slide(&sequence.windowBlocks, to: sequence.computed)
    }

    /// Gives all the sequence's blocks back, the last first: a prefix is of use without its end,
    /// not the reverse.
    mutating func release(_ sequence: inout SequenceState) {
        for block in sequence.blocks.reversed() {
            pool.release(block, keepContent: index.contains(block))
        }
        sequence.blocks = []
        sequence.copied = 0
        windows.release(&sequence.windowBlocks)
    }
}

extension [TokenID] {
    /// The tokens of full block `number`.
    fileprivate func block(_ number: Int) -> ArraySlice<TokenID> {
        self[number * KVBlock.size..<(number + 1) * KVBlock.size]
    }
}
