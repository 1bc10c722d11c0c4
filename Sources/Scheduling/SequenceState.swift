import Core

/// One sequence inside the scheduler. Each step computes `tokens[computed...]`, or a part of it;
/// prefill, decode, prefix hit and recomputation differ only in how far `computed` lags behind.
struct SequenceState {
    let id: SequenceID
    let tenant: TenantID
    /// Unique, and more for who came later.
    let arrival: UInt64
    /// `tokens.count` at which the sequence ends at the latest.
    let maxTotal: Int
    /// The prompt, then what was generated; survives preemption.
    var tokens: [TokenID]
    /// Tokens whose keys and values are in `blocks`.
    var computed = 0
    /// Leading tokens that the tenant has been charged for; computing them again costs nothing.
    var charged = 0
    /// Tokens, of `computed`, that the plan in flight copies from another block before anything.
    var copied = 0
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
    /// What may follow `tokens`, for the next plan; while that is in flight, its drafts.
    var drafts: [TokenID] = []
    /// Tokens of the plan in flight without drafts, 0 when the sequence is not part of it.
    var scheduled = 0
    /// Has ended or was cancelled in flight: leaves when the flight ends.
    var isOver = false

    init(_ request: SequenceRequest, arrival: UInt64) {
        id = request.id
        self.arrival = arrival
        tenant = request.tenant
        tokens = request.prompt
        maxTotal = request.prompt.count + request.maxTokens
        place = .root(request.tenant)
        unreportedHit = 0
    }

    var remaining: Int { tokens.count - computed }
    var missingBlocks: Int { KVBlock.count(forTokens: tokens.count) - blocks.count }

    /// Drafts that the sequence can use: the last token it generates is never computed.
    var mostDrafts: Int { max(0, maxTotal - tokens.count - 1) }

    /// Takes memory for the sequence's whole life, so that steps take none.
    mutating func reserve() {
        tokens.reserveCapacity(maxTotal)
        blocks.reserveCapacity(KVBlock.count(forTokens: maxTotal))
    }

    /// Forgets all drafts but the first `count`.
    mutating func keepDrafts(_ count: Int) {
        drafts.removeLast(max(0, drafts.count - count))
    }

    /// Plans the next `count` tokens, and after the last of all the drafts.
    /// - Parameter chunk: has no tokens; its memory is used.
    mutating func schedule(_ count: Int, in chunk: inout StepPlan.Chunk) {
        scheduled = count
        let samples = count == remaining
        if !samples { keepDrafts(0) }
        chunk.sequence = id
        chunk.tokens.append(contentsOf: tokens[computed..<computed + count])
        chunk.tokens.append(contentsOf: drafts)
        chunk.start = computed
        chunk.blocks = blocks
        chunk.windowBlocks = windowBlocks
        chunk.samples = samples
        chunk.drafts = drafts.count
        chunk.cachedTokens = unreportedHit ?? 0
    }

    /// Planned tokens that were never planned before. Drafts count when they turn out right.
    mutating func takeUncharged() -> Int {
        let end = computed + scheduled
        defer { charged = max(charged, end) }
        return max(0, end - charged)
    }

    /// Takes in what was computed and sampled: the first of `sampled` follows the last token, and
    /// each further one holds if the draft before it was what had been sampled. Rejected drafts
    /// count as never computed: their places in the cache will be written again.
    mutating func take(_ sampled: some Sequence<StepResult.Sampled>) {
        let samples = scheduled == remaining
        computed += scheduled
        guard samples else { return }
        var taken = 0
        for next in sampled where !isOver && taken <= drafts.count {
            if taken > 0 {
                guard drafts[taken - 1] == tokens[tokens.count - 1] else { break }
                computed += 1
            }
            tokens.append(next.token)
            taken += 1
            isOver = next.isLast || tokens.count >= maxTotal
        }
        if taken == 0 { isOver = true }
    }
}
