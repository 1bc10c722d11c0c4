/// The scheduler's state in numbers, for metrics and tests.
package struct SchedulerCounts: Sendable, Equatable {
    /// Sequences that hold blocks.
    package var running = 0
    /// Sequences that wait for blocks, a place or their first step.
    package var waiting = 0
    package var blocksTotal = 0
    /// Blocks in some sequence's table.
    package var blocksUsed = 0
    /// The same for the blocks of windowed layers.
    package var windowBlocksTotal = 0
    package var windowBlocksUsed = 0
    /// Blocks a prefix look-up can find, in use or free.
    package var blocksCached = 0
    /// Since the start: how often a sequence lost its blocks.
    package var preemptions = 0
    /// Since the start: tokens of admitted sequences looked up in the prefix cache, and found.
    package var prefixQueryTokens = 0
    package var prefixHitTokens = 0

    package init() {}
}
