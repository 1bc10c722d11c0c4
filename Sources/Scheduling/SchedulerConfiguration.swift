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

    package init(
        blockCount: Int,
        maxBatchTokens: Int,
        maxSequences: Int,
        prefixCaching: Bool = true,
        maxQueued: Int = Limits.queuedGenerations * Limits.choices,
        maxChunkTokens: Int = .max
    ) {
        self.blockCount = blockCount
        self.maxBatchTokens = maxBatchTokens
        self.maxSequences = maxSequences
        self.prefixCaching = prefixCaching
        self.maxQueued = maxQueued
        self.maxChunkTokens = maxChunkTokens
    }
}
