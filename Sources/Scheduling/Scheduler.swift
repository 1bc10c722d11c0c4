package import Core

/// Who computes what in each step (continuous batching with chunked prefill).
///
/// A value: integers in, a plan out; no clock, thread or randomness, so every run can be replayed.
/// There are no phases: each sequence has tokens, of which `computed` are in the cache, and a step
/// lets computed catch up. Use it in turn: `plan`, run it, then `apply` or, when the run failed,
/// `abandon`. `submit` and `cancel` may come at any time in between.
package struct Scheduler: Sendable {
    package let configuration: SchedulerConfiguration
    /// In order of arrival.
    private var running: [SequenceState] = []
    private var queue = FairQueue()
    private var arrivals: UInt64 = 0
    private var cache: BlockCache
    private var isInFlight = false
    private var totals = SchedulerCounts()

    package init(_ configuration: SchedulerConfiguration) {
        precondition(
            configuration.maxBatchTokens >= 1 && configuration.maxSequences >= 1
                && configuration.maxChunkTokens >= 1 && configuration.maxQueued >= 1
                && configuration.blockCount >= 1 && configuration.window ?? 1 >= 1
                && configuration.windowBlockLimit ?? 1 >= 1,
            "a scheduler needs room for one token of one sequence"
        )
        self.configuration = configuration
        cache = BlockCache(configuration)
    }

    /// Whether there is nothing to plan and nothing in flight.
    package var isIdle: Bool { running.isEmpty && queue.isEmpty }

    package var counts: SchedulerCounts {
        var counts = totals
        counts.running = running.count
        counts.waiting = queue.count
        counts.blocksTotal = cache.pool.count
        counts.blocksUsed = cache.pool.count - cache.pool.freeCount
        counts.windowBlocksTotal = cache.windows.pool.count
        counts.windowBlocksUsed = cache.windows.pool.count - cache.windows.pool.freeCount
        counts.blocksCached = cache.index.count
        return counts
    }

    // MARK: Sequences come and go

    /// Queues a sequence. Tenants share what the engine can do by the tokens they get; within a
    /// tenant it is first come, first served.
    package mutating func submit(_ request: SequenceRequest) -> Admission {
        if let reason = rejection(of: request) { return .rejected(reason) }
        queue.append(SequenceState(request, arrival: arrivals), weight: request.weight)
        arrivals += 1
        return .queued
    }

    private func rejection(of request: SequenceRequest) -> Admission.Rejection? {
        if request.prompt.isEmpty { return .emptyPrompt }
        if request.maxTokens < 1 { return .noTokensWanted }
        let capacity = cache.capacity
        // The last token generated is never computed, so it needs no room.
        let room = capacity - request.prompt.count
        if room < 0 || request.maxTokens - 1 > room { return .tooLarge(capacity: capacity) }
        if holds(request.id) { return .duplicate }
        let limit = configuration.maxQueued
        return queue.count >= limit ? .queueFull(limit: limit) : nil
    }

    private func holds(_ id: SequenceID) -> Bool {
        running.contains { $0.id == id } || queue.contains(id)
    }

    /// How many sequences will start to run before this one if nobody else comes; nil when it does
    /// not wait.
    package func position(of id: SequenceID) -> Int? { queue.position(of: id) }

    /// Ends a sequence. It is not planned again and its blocks are free at once, or at `apply`
    /// when the plan in flight uses them; its token there is ignored. False when it is not here.
    @discardableResult
    package mutating func cancel(_ id: SequenceID) -> Bool {
        if queue.remove(id) { return true }
        guard let i = running.firstIndex(where: { $0.id == id }), !running[i].isOver else {
            return false
        }
        if running[i].scheduled > 0 {
            running[i].isOver = true
        } else {
            var sequence = running.remove(at: i)
            cache.release(&sequence)
            queue.ended(sequence.tenant)
        }
        return true
    }

    // MARK: A step

    /// Running sequences with one token to go.
    package var decodingCount: Int { running.count { $0.remaining == 1 } }

    /// Whether a step would compute one token of each running sequence and no prompt of any.
    package var isOnlyDecoding: Bool {
        !running.isEmpty && running.allSatisfy { $0.remaining == 1 }
    }

    /// Calls `body` for each running sequence with one token to go, the oldest first, with the
    /// number of drafts it has use for.
    package func forEachDecoding(_ body: (SequenceID, _ mostDrafts: Int) -> Void) {
        for sequence in running where sequence.remaining == 1 {
            body(sequence.id, min(sequence.mostDrafts, configuration.chunkLimit - 1))
        }
    }

    /// Guesses what a sequence says next. The next plan computes the drafts behind its last token,
    /// if it has one token to go and there is room, or as many as there is room for; whatever that
    /// plan does not take is forgotten.
    package mutating func draft(_ tokens: some Collection<TokenID>, for id: SequenceID) {
        precondition(!isInFlight, "draft() while a plan is in flight")
        guard let i = running.firstIndex(where: { $0.id == id }) else { return }
        running[i].drafts.removeAll(keepingCapacity: true)
        running[i].drafts.append(contentsOf: tokens)
    }

    /// The next step: sequences with one token to go first, then prompts, those of the tenant that
    /// had least first, then who waits, within the token budget. Empty when there is nothing to do; an empty plan needs
    /// no `apply`. The previous plan must have been applied or abandoned.
    /// - Parameter limit: tokens of this step, if fewer than the configuration allows; at least 1.
    package mutating func plan(atMost limit: Int = .max) -> StepPlan {
        var plan = StepPlan()
        self.plan(into: &plan, atMost: limit)
        return plan
    }

    /// The same, in the memory of an earlier plan.
    package mutating func plan(into plan: inout StepPlan, atMost limit: Int = .max) {
        precondition(!isInFlight, "plan() before the last plan was applied or abandoned")
        plan.removeAll()
        var budget = min(max(1, limit), configuration.maxBatchTokens)
        makeRoom(&plan)
        limitDrafts(to: budget - decodingCount)
        for i in running.indices where running[i].remaining == 1 {
            schedule(i, &plan, &budget)
        }
        while budget > 0, let i = nextPrompt() { schedule(i, &plan, &budget) }
        // Who just lost blocks may be first in line and would take them straight back.
        while plan.preempted.isEmpty, budget > 0, let i = admitNext(&plan) {
            schedule(i, &plan, &budget)
        }
        isInFlight = !plan.isEmpty
    }

    private mutating func schedule(_ i: Int, _ plan: inout StepPlan, _ budget: inout Int) {
        let count = min(running[i].remaining, budget, configuration.chunkLimit)
        guard count > 0 else { return }
        plan.appendEmpty()
        running[i].schedule(count, in: &plan.chunks[plan.chunks.count - 1])
        budget -= count + running[i].drafts.count
        queue.charge(running[i].tenant, tokens: running[i].takeUncharged())
    }

    /// The running prompt to go on with: of the tenant that had least, the oldest.
    private func nextPrompt() -> Int? {
        var found: Int?
        for i in running.indices where running[i].remaining > 1 && running[i].scheduled == 0 {
            let served = queue.served(running[i].tenant)
            if let best = found, queue.served(running[best].tenant) <= served { continue }
            found = i
        }
        return found
    }

    /// Keeps the drafts that are of use and have room, no more than `most` together: never at the
    /// expense of a token that is certain.
    private mutating func limitDrafts(to most: Int) {
        var left = max(0, most)
        for i in running.indices where !running[i].drafts.isEmpty {
            let isDecoding = running[i].remaining == 1
            let useful = min(running[i].mostDrafts, configuration.chunkLimit - 1)
            running[i].keepDrafts(isDecoding ? min(useful, left) : 0)
            cache.growForDrafts(&running[i])
            left -= running[i].drafts.count
        }
    }

    /// Gives every running sequence blocks for all its tokens, and window blocks for its next
    /// chunk, the oldest first, at the expense of others. The oldest always gets them: alone it
    /// fits, or it would have been rejected. So it comes to its end, whatever the others do.
    private mutating func makeRoom(_ plan: inout StepPlan) {
        var i = 0
        while i < running.count {
            if cache.grow(&running[i]) {
                i += 1
            } else {
                let victim = leastEntitled()
                plan.preempted.append(preempt(victim))
                if victim < i { i -= 1 }
            }
        }
    }

    /// The newest sequence of the tenant that had most, the oldest of all apart.
    private func leastEntitled() -> Int {
        var found = running.count - 1
        for i in running.indices.dropFirst().reversed()
        where queue.served(running[i].tenant) > queue.served(running[found].tenant) {
            found = i
        }
        return found
    }

    /// Sends a running sequence back to its place in line. Its tokens stay.
    private mutating func preempt(_ i: Int) -> SequenceID {
        var sequence = running.remove(at: i)
        cache.release(&sequence)
        sequence.keepDrafts(0)
        sequence.scheduled = 0
        sequence.computed = 0
        queue.putBack(sequence)
        totals.preemptions += 1
        return sequence.id
    }

    /// Lets the first in line run if there is a place, and blocks for all it has to compute;
    /// returns where it runs.
    private mutating func admitNext(_ plan: inout StepPlan) -> Int? {
        guard !queue.isEmpty, running.count < configuration.maxSequences,
            var sequence = queue.first,
            cache.admit(&sequence, &plan.copies)
        else { return nil }
        countHit(&sequence)
        queue.removeFirst()
        let place = running.firstIndex { $0.arrival > sequence.arrival } ?? running.count
        running.insert(sequence, at: place)
        return place
    }

    private mutating func countHit(_ sequence: inout SequenceState) {
        guard configuration.prefixCaching else { return }
        totals.prefixQueryTokens += sequence.tokens.count
        totals.prefixHitTokens += sequence.computed
        sequence.charged = max(sequence.charged, sequence.computed)
        if sequence.unreportedHit != nil { sequence.unreportedHit = sequence.computed }
    }

    /// Takes in what the plan in flight produced; returns the sequences that ended. A sequence ends
    /// with the token marked last, at its `maxTokens`, when it was cancelled, or when it was to
    /// sample and the result has no token for it. Tokens for anything else are ignored, as are
    /// those after a draft that was wrong.
    @discardableResult
    package mutating func apply(_ result: StepResult) -> [SequenceID] {
        precondition(isInFlight, "apply() without a plan in flight")
        for i in running.indices where running[i].scheduled > 0 {
            let id = running[i].id
            running[i].take(result.sampled.lazy.filter { $0.sequence == id })
            cache.publish(&running[i])
            cache.slide(&running[i])
            cache.trim(&running[i])
            running[i].unreportedHit = nil
            running[i].copied = 0
        }
        return land()
    }

    /// Drops the plan in flight, whose run failed: nothing of it counts as computed, and what was
    /// in it will be planned again unless cancelled. Returns the sequences that had been cancelled.
    @discardableResult
    package mutating func abandon() -> [SequenceID] {
        precondition(isInFlight, "abandon() without a plan in flight")
        // What was to be copied may be gone by the next plan: such a sequence starts over.
        for i in running.indices.reversed() where running[i].copied > 0 && !running[i].isOver {
            _ = preempt(i)
        }
        return land()
    }

    /// Ends the flight: nothing is scheduled any more, and who is over leaves with its blocks.
    private mutating func land() -> [SequenceID] {
        isInFlight = false
        var ended: [SequenceID] = []
        for i in running.indices {
            running[i].scheduled = 0
            running[i].keepDrafts(0)
            guard running[i].isOver else { continue }
            ended.append(running[i].id)
            cache.release(&running[i])
            queue.ended(running[i].tenant)
        }
        running.removeAll(where: \.isOver)
        return ended
    }
}
