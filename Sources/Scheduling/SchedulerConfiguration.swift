import Core

/// What bounds the scheduler. Every number is at least 1; who reads them from a user checks that.
package struct SchedulerConfiguration: Sendable, Equatable {
    /// Blocks of the paged cache, numbered `0 ..< blockCount`.
    package var blockCount: Int
    /// Tokens one step may compute, all sequences together.
    package var maxBatchTokens: Int
    /// Sequences that hold blocks at once.
    package var maxSequences: Int
    /// Whether computed full blocks are kept and shared inside their tenant.
    package var prefixCaching: Bool
    /// Sequences that may wait; `submit` rejects beyond it. Preempted ones wait without counting.
    package var maxQueued: Int
    /// Tokens of one sequence per step; no more than `maxBatchTokens` has effect.
    package var maxChunkTokens: Int
    /// Positions that the model's windowed layers see; nil when it has none.
    package var window: Int?
    /// Blocks to have for windowed layers at most; nil sets no limit of its own.
    package var windowBlockLimit: Int?

    package init(
        blockCount: Int,
        maxBatchTokens: Int,
        maxSequences: Int,
        prefixCaching: Bool = true,
        maxQueued: Int = Limits.queuedGenerations * Limits.choices,
        maxChunkTokens: Int = .max,
        window: Int? = nil,
        windowBlockLimit: Int? = nil
    ) {
        self.blockCount = blockCount
        self.maxBatchTokens = maxBatchTokens
        self.maxSequences = maxSequences
        self.prefixCaching = prefixCaching
        self.maxQueued = maxQueued
        self.maxChunkTokens = maxChunkTokens
        self.window = window
        self.windowBlockLimit = windowBlockLimit
    }

    /// Tokens of one sequence per step, whatever sets the limit.
    var chunkLimit: Int { min(maxChunkTokens, maxBatchTokens) }

    /// Window blocks that one sequence holds at most; 0 without a window.
    package var windowBlocksPerSequence: Int {
        guard let window else { return 0 }
        let longest = blockCount * KVBlock.size
        let most = KVBlock.most(forChunk: min(chunkLimit, longest), window: min(window, longest))
        return min(most, blockCount)
    }

    /// Blocks of the windowed layers' part of the cache, numbered `0 ..< windowBlockCount`. Unless
    /// `windowBlockLimit` makes it less, no sequence ever waits for one: there are as many as all
    /// can hold together, or as many as there are blocks, and each in use belongs to a block in use.
    package var windowBlockCount: Int {
        let all = min(maxSequences, blockCount) * windowBlocksPerSequence
        return min(windowBlockLimit ?? .max, blockCount, all)
    }
}
