import Core
import Scheduling

/// A scheduler, a fake executor and a crowd of clients, all driven by one seed. Breaches of what
/// the scheduler promises are collected in `problems`.
struct Simulation {
    /// What the fake executor and the clients know of a sequence.
    private struct Known {
        var tenant: TenantID
        var tokens: [TokenID]
        let promptCount: Int
        let maxTokens: Int
        /// Tokens computed by applied steps, since the last preemption.
        var computed: Int?
        var hasReportedHit = false
    }

    private(set) var scheduler: Scheduler
    private(set) var problems: [String] = []
    private(set) var finished = 0
    private let configuration: SchedulerConfiguration
    private var random: SplitMix
    private var known: [SequenceID: Known] = [:]
    private var nextID: UInt64 = 1
    /// By cache position: a digest of tenant and all tokens up to there, as keys and values are.
    private var memory: [UInt64]

    var isIdle: Bool { scheduler.isIdle }

    init(seed: UInt64) {
        random = SplitMix(state: seed)
        configuration = SchedulerConfiguration(
            blockCount: 6 + random.below(20),
            maxBatchTokens: 1 + random.below(120),
            maxSequences: 1 + random.below(10),
            prefixCaching: random.below(4) > 0,
            maxQueued: 12,
            maxChunkTokens: 1 + random.below(80)
        )
        scheduler = Scheduler(configuration)
        memory = Array(repeating: 0, count: configuration.blockCount * KVBlock.size)
    }

    mutating func step(submitting: Bool) {
        if submitting, random.below(3) == 0 { submit() }
        if random.below(12) == 0 { cancelOne() }
        let plan = scheduler.plan()
        check(plan)
        for id in plan.preempted { known[id]?.computed = nil }
        guard !plan.isEmpty else { return }
        let computed = plan.chunks.map { ($0, execute($0)) }
        let gone = random.below(8) == 0 ? cancelOne() : nil
        if submitting, random.below(6) == 0 { submit() }
        if random.below(15) == 0 {
            abandon(plan)
        } else {
            apply(computed.map(\.0), without: gone)
        }
    }

    // MARK: Clients

    private mutating func submit() {
        let id = SequenceID(nextID)
        nextID += 1
        let tenant = TenantID(["ann", "bob"][random.below(2)])
        // Few texts, so that prefixes coincide, also across tenants.
        let text = TokenID(random.below(3)) * 1000
        var prompt = (0..<TokenID(1 + random.below(150))).map { text + $0 }
        if random.below(2) == 0 { prompt.append(TokenID(9000 + random.below(9))) }
        let maxTokens = 1 + random.below(60)
        let request = SequenceRequest(
            id: id,
            tenant: tenant,
            prompt: prompt,
            maxTokens: maxTokens
        )
        let fits = prompt.count + maxTokens - 1 <= configuration.blockCount * KVBlock.size
        switch scheduler.submit(request) {
        case .queued:
            expect(fits, "\(id) was queued and cannot fit")
            known[id] = Known(
                tenant: tenant,
                tokens: prompt,
                promptCount: prompt.count,
                maxTokens: maxTokens
            )
        case .rejected(.tooLarge): expect(!fits, "\(id) was rejected and fits")
        case .rejected(let reason):
            expect(reason == .queueFull(limit: 12), "\(id) was rejected as \(reason)")
        }
    }

    @discardableResult
    private mutating func cancelOne() -> SequenceID? {
        let ids = known.keys.sorted()
        guard !ids.isEmpty else { return nil }
        let id = ids[random.below(ids.count)]
        expect(scheduler.cancel(id), "\(id) could not be cancelled")
        known[id] = nil
        return id
    }

    // MARK: The executor

    private mutating func check(_ plan: StepPlan) {
        expect(plan.tokenCount <= configuration.maxBatchTokens, "over the budget")
        expect(plan.chunks.count <= configuration.maxSequences, "too many sequences")
        expect(!plan.isEmpty || scheduler.isIdle, "nothing planned with work to do")
        expect(Set(plan.chunks.map(\.sequence)).count == plan.chunks.count, "planned twice")
        let written = plan.chunks.flatMap { chunk in
            let first = chunk.start / KVBlock.size
            let end = KVBlock.count(forTokens: chunk.start + chunk.tokens.count)
            return chunk.blocks[first..<end]
        }
        expect(Set(written).count == written.count, "two sequences write one block")
        for chunk in plan.chunks { check(chunk) }
    }

    private mutating func check(_ chunk: StepPlan.Chunk) {
        let id = chunk.sequence
        guard let sequence = known[id] else { return expect(false, "\(id) is gone") }
        let end = chunk.start + chunk.tokens.count
        expect(1...configuration.maxChunkTokens ~= chunk.tokens.count, "\(id) chunk size")
        expect(chunk.blocks.count * KVBlock.size >= end, "\(id) has too few blocks")
        expect(Set(chunk.blocks).count == chunk.blocks.count, "\(id) has a block twice")
        expect(end <= sequence.tokens.count, "\(id) runs past its tokens")
        expect(chunk.samples == (end == sequence.tokens.count), "\(id) samples")
        expect(Array(sequence.tokens[chunk.start..<end]) == chunk.tokens, "\(id) tokens")
        if let computed = sequence.computed {
            expect(chunk.start == computed, "\(id) out of order")
            expect(chunk.cachedTokens == 0, "\(id) reports a hit late")
        } else {
            expect(chunk.start % KVBlock.size == 0, "\(id) starts inside a block")
            let reported = sequence.hasReportedHit ? 0 : chunk.start
            expect(chunk.cachedTokens == reported, "\(id) hit")
        }
        expect(chunk.start < sequence.promptCount || chunk.cachedTokens == 0, "\(id) hit size")
    }

    /// Reads all earlier positions, which must hold just this tenant's and text's; writes the rest.
    private mutating func execute(_ chunk: StepPlan.Chunk) {
        guard let sequence = known[chunk.sequence] else { return }
        var digest = UInt64(sequence.tenant.name.utf8.first ?? 0)
        for (position, token) in sequence.tokens.prefix(chunk.start + chunk.tokens.count)
            .enumerated()
        {
            digest = SplitMix.mix(digest &+ UInt64(token))
            let block = Int(chunk.blocks[position / KVBlock.size])
            let place = block * KVBlock.size + position % KVBlock.size
            if position >= chunk.start { memory[place] = digest }
            expect(memory[place] == digest, "\(chunk.sequence) reads another's \(position)")
        }
    }

    private mutating func abandon(_ plan: StepPlan) {
        // Whatever the failed step wrote may be garbage.
        for chunk in plan.chunks {
            for position in chunk.start..<chunk.start + chunk.tokens.count {
                let block = Int(chunk.blocks[position / KVBlock.size])
                memory[block * KVBlock.size + position % KVBlock.size] = 0
            }
        }
        for id in scheduler.abandon() { expect(known[id] == nil, "\(id) ended by abandon") }
    }

    private mutating func apply(_ chunks: [StepPlan.Chunk], without gone: SequenceID?) {
        var result = StepResult(sampled: [])
        var over: Set<SequenceID> = []
        for chunk in chunks {
            let id = chunk.sequence
            known[id]?.computed = chunk.start + chunk.tokens.count
            known[id]?.hasReportedHit = true
            if id == gone { over.insert(id) }
            guard chunk.samples else { continue }
            let token = TokenID(random.below(3))
            let isLast = random.below(30) == 0
            result.sampled.append(.init(sequence: id, token: token, isLast: isLast))
            guard let sequence = known[id] else { continue }
            known[id]?.tokens.append(token)
            let generated = sequence.tokens.count + 1 - sequence.promptCount
            if isLast || generated == sequence.maxTokens { over.insert(id) }
        }
        expect(Set(scheduler.apply(result)) == over, "other sequences ended")
        for id in over { known[id] = nil }
        finished += over.count
    }

    private mutating func expect(_ holds: Bool, _ problem: String) {
        if !holds, problems.count < 5 { problems.append(problem) }
    }
}

/// A small generator, so that a seed means the same run every time.
struct SplitMix {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Int(Self.mix(state) % UInt64(bound))
    }

    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}
