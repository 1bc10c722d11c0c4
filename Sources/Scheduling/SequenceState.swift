import Core

/// One sequence inside the scheduler. Each step computes `tokens[computed...]`, or a part of it;
/// prefill, decode, prefix hit and recomputation differ only in how far `computed` lags behind.
struct SequenceState {
    let id: SequenceID
    let tenant: TenantID
    /// `tokens.count` at which the sequence ends at the latest.
    let maxTotal: Int
    /// The prompt, then what was generated; survives preemption.
    var tokens: [TokenID]
    /// Tokens whose keys and values are in `blocks`.
    var computed = 0
    /// Block table. While the sequence runs it covers all of `tokens`.
    var blocks: [Int32] = []
    /// Table of window blocks: those that `computed` still sees, up to the end of the next chunk.
    var windowBlocks: [Int32] = []
    /// Leading blocks that are in the prefix index, and the place in it after the last of them.
    var publishedBlocks = 0
    var place: PrefixIndex.Place
    /// Tokens the prefix cache gave at the first admission; nil once that was reported in a step
    /// that was applied, so that it is reported once and not again after a preemption.
    var unreportedHit: Int?
    /// Tokens of the plan in flight, 0 when the sequence is not part of it.
    var scheduled = 0
    /// Has ended or was cancelled in flight: leaves when the flight ends.
    var isOver = false

    init(_ request: SequenceRequest) {
        id = request.id
        tenant = request.tenant
        tokens = request.prompt
        maxTotal = request.prompt.count + request.maxTokens
        place = .root(request.tenant)
        unreportedHit = 0
    }

    var remaining: Int { tokens.count - computed }
    var missingBlocks: Int { KVBlock.count(forTokens: tokens.count) - blocks.count }

    /// Plans the next `count` tokens.
    mutating func schedule(_ count: Int) -> StepPlan.Chunk {
        scheduled = count
        return StepPlan.Chunk(
            sequence: id,
            tokens: Array(tokens[computed..<computed + count]),
            start: computed,
            blocks: blocks,
            windowBlocks: windowBlocks,
            samples: count == remaining,
            cachedTokens: unreportedHit ?? 0
        )
    }
}
