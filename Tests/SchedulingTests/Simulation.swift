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
    /// Entries of tables whose window blocks were given back.
    private(set) var entriesGone = 0
    private(set) var forks = 0
    private(set) var draftsPlanned = 0
    private(set) var draftsAccepted = 0
    private let configuration: SchedulerConfiguration
    private var random: SplitMix
    private var known: [SequenceID: Known] = [:]
    private var nextID: UInt64 = 1
    /// By cache position: a digest of tenant and all tokens up to there, as keys and values are.
    private var memory: [UInt64]
    /// The same for the blocks of windowed layers.
    private var windowMemory: [UInt64]

    var isIdle: Bool { scheduler.isIdle }

    init(seed: UInt64, windowed: Bool = false) {
        random = SplitMix(state: seed)
        var configuration = SchedulerConfiguration(
            blockCount: 6 + random.below(20),
            maxBatchTokens: 1 + random.below(120),
            maxSequences: 1 + random.below(10),
            prefixCaching: random.below(4) > 0,
            maxQueued: 12,
            maxChunkTokens: 1 + random.below(80)
        )
        if windowed {
            configuration.window = 1 + random.below(90)
            if random.below(2) == 0 { configuration.windowBlockLimit = 2 + random.below(8) }
        }
        self.configuration = configuration
        scheduler = Scheduler(configuration)
        windowMemory = Array(
            repeating: 0,
            count: configuration.windowBlockCount * KVBlock.size
        )
        memory = Array(repeating: 0, count: configuration.blockCount * KVBlock.size)
    }

    mutating func step(submitting: Bool) {
        if submitting, random.below(3) == 0 { submit() }
        if random.below(12) == 0 { cancelOne() }
        draft()
        let plan = scheduler.plan()
        check(plan)
        checkCounts()
        for id in plan.preempted { known[id]?.computed = nil }
        guard !plan.isEmpty else { return }
        for copy in plan.copies { execute(copy) }
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
        let tenant = TenantID(["ann", "bob", "eve"][random.below(3)])
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
        let fits = prompt.count + maxTokens - 1 <= capacity
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

    /// Few window blocks hold a whole sequence, or no longer one.
    private var capacity: Int {
        let windows = configuration.windowBlockCount
        let slides = windows >= configuration.windowBlocksPerSequence
        return (slides ? configuration.blockCount : windows) * KVBlock.size
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

    /// Some guess, and what they guess is often right for a while: answers are 0, 1 or 2.
    private mutating func draft() {
        var decoding: [SequenceID] = []
        scheduler.forEachDecoding { id, useful in
            if useful > 0 { decoding.append(id) }
        }
        for id in decoding where random.below(2) == 0 {
            let drafts = (0..<random.below(40)).map { _ in TokenID(random.below(3)) }
            scheduler.draft(drafts, for: id)
        }
    }

    // MARK: The executor

    private mutating func check(_ plan: StepPlan) {
        expect(plan.tokenCount <= configuration.maxBatchTokens, "over the budget")
        expect(plan.chunks.count <= configuration.maxSequences, "too many sequences")
        expect(!plan.isEmpty || scheduler.isIdle, "nothing planned with work to do")
        expect(Set(plan.chunks.map(\.sequence)).count == plan.chunks.count, "planned twice")
        for table in [\StepPlan.Chunk.blocks, \.windowBlocks] {
            let written = plan.chunks.flatMap { chunk in
                let first = chunk.start / KVBlock.size
                let end = KVBlock.count(forTokens: chunk.start + chunk.tokens.count)
                return chunk[keyPath: table].prefix(end).dropFirst(first)
            }
            expect(Set(written).count == written.count, "two sequences write one block")
        }
        for chunk in plan.chunks { check(chunk, plan.copies) }
    }

    private mutating func checkCounts() {
        let counts = scheduler.counts
        let most = counts.running * configuration.windowBlocksPerSequence
        expect(counts.windowBlocksUsed <= most, "more window blocks than sequences see")
        expect(counts.windowBlocksUsed <= counts.blocksUsed, "more window blocks than blocks")
    }

    private mutating func check(_ chunk: StepPlan.Chunk, _ copies: [StepPlan.Copy]) {
        let id = chunk.sequence
        guard let sequence = known[id] else { return expect(false, "\(id) is gone") }
        let end = chunk.start + chunk.tokens.count - chunk.drafts
        expect(chunk.drafts == 0 || end == sequence.tokens.count, "\(id) drafts too early")
        let left = sequence.promptCount + sequence.maxTokens - sequence.tokens.count
        expect(chunk.drafts < left, "\(id) drafts past its end")
        draftsPlanned += chunk.drafts
        expect(1...configuration.maxChunkTokens ~= chunk.tokens.count, "\(id) chunk size")
        expect(chunk.blocks.count * KVBlock.size >= end + chunk.drafts, "\(id) has too few blocks")
        expect(Set(chunk.blocks).count == chunk.blocks.count, "\(id) has a block twice")
        let windows = chunk.windowBlocks.filter { $0 != KVBlock.gone }
        expect(windows.count <= configuration.windowBlocksPerSequence, "\(id) hoards windows")
        expect(Set(windows).count == windows.count, "\(id) has a window block twice")
        entriesGone += chunk.windowBlocks.count - windows.count
        expect(end <= sequence.tokens.count, "\(id) runs past its tokens")
        expect(chunk.samples == (end == sequence.tokens.count), "\(id) samples")
        let certain = chunk.tokens.dropLast(chunk.drafts)
        expect(sequence.tokens[chunk.start..<end].elementsEqual(certain), "\(id) tokens")
        if let computed = sequence.computed {
            expect(chunk.start == computed, "\(id) out of order")
            expect(chunk.cachedTokens == 0, "\(id) reports a hit late")
        } else {
            let within = chunk.start % KVBlock.size
            let copied = copies.contains {
                !$0.windowed && $0.to == chunk.blocks[chunk.start / KVBlock.size]
                    && $0.tokens == within
            }
            expect(within == 0 || copied, "\(id) starts inside a block")
            forks += within == 0 ? 0 : 1
            let reported = sequence.hasReportedHit ? 0 : chunk.start
            expect(chunk.cachedTokens == reported, "\(id) hit")
        }
        expect(chunk.start < sequence.promptCount || chunk.cachedTokens == 0, "\(id) hit size")
    }

    /// Reads all earlier positions, which must hold just this tenant's and text's; writes the rest.
    /// The same for what the window shows.
    private mutating func execute(_ chunk: StepPlan.Chunk) {
        guard let sequence = known[chunk.sequence] else { return }
        var digest = UInt64(sequence.tenant.name.utf8.first ?? 0)
        let firstSeen = configuration.window.map { chunk.start + 1 - $0 } ?? .max
        let tokens = sequence.tokens.prefix(chunk.start) + chunk.tokens
        for (position, token) in tokens.enumerated() {
            digest = SplitMix.mix(digest &+ UInt64(token))
            let place = Self.place(position, in: chunk.blocks)
            if position >= chunk.start { memory[place] = digest }
            expect(memory[place] == digest, "\(chunk.sequence) reads another's \(position)")
            guard position >= firstSeen else { continue }
            let windowPlace = Self.place(position, in: chunk.windowBlocks)
            guard windowPlace >= 0 else {
                expect(false, "\(chunk.sequence) lacks the window's \(position)")
                continue
            }
            if position >= chunk.start { windowMemory[windowPlace] = digest }
            let isRight = windowMemory[windowPlace] == digest
            expect(isRight, "\(chunk.sequence) sees another's \(position)")
        }
    }

    /// What lies behind the part that matters may be anything.
    private mutating func execute(_ copy: StepPlan.Copy) {
        for offset in 0..<KVBlock.size {
            let from = Int(copy.from) * KVBlock.size + offset
            let to = Int(copy.to) * KVBlock.size + offset
            let matters = offset < copy.tokens
            if copy.windowed {
                windowMemory[to] = matters ? windowMemory[from] : 0
            } else {
                memory[to] = matters ? memory[from] : 0
            }
        }
    }

    /// Negative where the block is gone.
    private static func place(_ position: Int, in table: [Int32]) -> Int {
        Int(table[position / KVBlock.size]) * KVBlock.size + position % KVBlock.size
    }

    private mutating func abandon(_ plan: StepPlan) {
        // Whatever the failed step wrote may be garbage.
        for copy in plan.copies { execute(StepPlan.Copy(copy, tokens: 0)) }
        for chunk in plan.chunks {
            for position in chunk.start..<chunk.start + chunk.tokens.count {
                memory[Self.place(position, in: chunk.blocks)] = 0
                guard configuration.window != nil else { continue }
                windowMemory[Self.place(position, in: chunk.windowBlocks)] = 0
            }
        }
        for id in scheduler.abandon() { expect(known[id] == nil, "\(id) ended by abandon") }
    }

    private mutating func apply(_ chunks: [StepPlan.Chunk], without gone: SequenceID?) {
        var result = StepResult(sampled: [])
        var over: Set<SequenceID> = []
        for chunk in chunks {
            let id = chunk.sequence
            known[id]?.computed = chunk.start + chunk.tokens.count - chunk.drafts
            known[id]?.hasReportedHit = true
            if id == gone { over.insert(id) }
            if chunk.samples, sample(chunk, &result) { over.insert(id) }
        }
        expect(Set(scheduler.apply(result)) == over, "other sequences ended")
        for id in over { known[id] = nil }
        finished += over.count
    }

    /// Picks as the engine does: the next token, and one more for each draft that was right. True
    /// when the sequence ends.
    private mutating func sample(_ chunk: StepPlan.Chunk, _ result: inout StepResult) -> Bool {
        let id = chunk.sequence
        for draft in chunk.tokens.suffix(chunk.drafts) + [-1] {
            let token = TokenID(random.below(3))
            let isLast = random.below(30) == 0
            result.sampled.append(.init(sequence: id, token: token, isLast: isLast))
            guard let sequence = known[id] else { return false }
            known[id]?.tokens.append(token)
            let generated = sequence.tokens.count + 1 - sequence.promptCount
            if isLast || generated == sequence.maxTokens { return true }
            if token != draft { return false }
            known[id]?.computed? += 1
            draftsAccepted += 1
        }
        return false
    }

    private mutating func expect(_ holds: Bool, _ problem: String) {
        if !holds, problems.count < 5 { problems.append(problem) }
    }
}

extension StepPlan.Copy {
    fileprivate init(_ other: StepPlan.Copy, tokens: Int) {
        self = other
        self.tokens = tokens
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
