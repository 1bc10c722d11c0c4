import Core
import Scheduling
import Testing

/// Tenants share by tokens; nobody starves.
@Suite struct FairnessTests {
    /// A scheduler and a crowd; answers are all as long as they may be.
    private struct Crowd {
        var scheduler: Scheduler
        var random: SplitMix
        var nextID: UInt64 = 0
        /// Step of the end, by sequence.
        var ended: [SequenceID: Int] = [:]
        var tenants: [SequenceID: String] = [:]
        /// Tokens computed by applied steps, prompts and answers.
        var served: [String: Int] = [:]
        var steps = 0

        init(seed: UInt64, blocks: Int = 64, batch: Int = 64, sequences: Int = 4) {
            random = SplitMix(state: seed)
            scheduler = Scheduler(
                SchedulerConfiguration(
                    blockCount: blocks,
                    maxBatchTokens: batch,
                    maxSequences: sequences,
                    prefixCaching: false,
                    maxQueued: 10_000
                )
            )
        }

        @discardableResult
        mutating func submit(
            _ tenant: String,
            prompt: Int = 40,
            answer: Int = 20,
            weight: Double = 1
        ) -> SequenceID {
            let id = SequenceID(nextID)
            nextID += 1
            tenants[id] = tenant
            let request = SequenceRequest(
                id: id,
                tenant: TenantID(tenant),
                prompt: Array(repeating: 5, count: prompt),
                maxTokens: answer,
                weight: weight
            )
            #expect(scheduler.submit(request) == .queued)
            return id
        }

        mutating func step() {
            steps += 1
            let plan = scheduler.plan()
            guard !plan.isEmpty else { return }
            for chunk in plan.chunks {
                served[tenants[chunk.sequence] ?? "", default: 0] += chunk.tokens.count
            }
            let sampled = plan.chunks.filter(\.samples).map {
                StepResult.Sampled(sequence: $0.sequence, token: 1, isLast: false)
            }
            for id in scheduler.apply(StepResult(sampled: sampled)) { ended[id] = steps }
        }
    }

    @Test func aLateTenantDoesNotWaitForAllOfAnEarlierOne() throws {
        var crowd = Crowd(seed: 1)
        var first: [SequenceID] = []
        for _ in 0..<40 { first.append(crowd.submit("ann")) }
        for _ in 0..<5 { crowd.step() }
        let late = crowd.submit("bob")
        #expect(crowd.scheduler.position(of: late) == 1)
        while !crowd.scheduler.isIdle { crowd.step() }
        let end = try #require(crowd.ended[late])
        #expect(first.count { (crowd.ended[$0] ?? 0) < end } < 10)
        #expect(first == first.sorted { (crowd.ended[$0] ?? 0, $0) < (crowd.ended[$1] ?? 0, $1) })
    }

    /// Small against large requests: what counts is tokens.
    @Test func sharesAreOfTokensAndFollowWeights() throws {
        for weight in [1.0, 3.0] {
            var crowd = Crowd(seed: 2, blocks: 400, sequences: 40)
            for _ in 0..<900 { crowd.submit("ann", prompt: 10, answer: 5, weight: weight) }
            for _ in 0..<100 { crowd.submit("bob", prompt: 100, answer: 10) }
            for _ in 0..<150 { crowd.step() }
            let ann = Double(try #require(crowd.served["ann"]))
            let bob = Double(try #require(crowd.served["bob"]))
            #expect(abs(ann / bob - weight) < 0.25 * weight, "\(ann) and \(bob)")
        }
    }

    @Test func absenceSavesNothingUp() {
        var crowd = Crowd(seed: 3)
        for _ in 0..<400 { crowd.submit("ann") }
        crowd.submit("bob", prompt: 1, answer: 1)
        for _ in 0..<100 { crowd.step() }
        let before = crowd.served
        for _ in 0..<400 { crowd.submit("bob") }
        for _ in 0..<60 { crowd.step() }
        let ann = Double(crowd.served["ann", default: 0] - before["ann", default: 0])
        let bob = Double(crowd.served["bob", default: 0] - before["bob", default: 0])
        #expect(ann > 0.6 * bob, "\(ann) and \(bob)")
    }

    /// Someone who had much is not passed for ever by strangers that keep coming.
    @Test func newcomersPassNobodyForEver() throws {
        var crowd = Crowd(seed: 4)
        for _ in 0..<20 { crowd.submit("ann") }
        var newcomer = 0
        var left = 20
        while left > 0, crowd.steps < 3000 {
            crowd.submit("guest\(newcomer)", prompt: 10, answer: 3)
            newcomer += 1
            crowd.step()
            left = 20 - crowd.ended.keys.count { crowd.tenants[$0] == "ann" }
        }
        #expect(left == 0, "\(left) still wait after \(crowd.steps) steps")
    }

    /// Random arrivals on few blocks, so that there is preemption too: all come to their end, and
    /// no wait is out of proportion to the work that was there.
    @Test(arguments: 0..<20)
    func nobodyStarves(seed: Int) {
        var crowd = Crowd(
            seed: UInt64(seed),
            blocks: 8 + seed % 5 * 6,
            batch: 16 + seed % 3 * 40,
            sequences: 2 + seed % 7
        )
        var arrival: [SequenceID: Int] = [:]
        for _ in 0..<400 {
            if crowd.random.below(4) == 0 {
                let tenant = ["ann", "bob", "eve", "x\(crowd.nextID)"][crowd.random.below(4)]
                let prompt = 1 + crowd.random.below(100)
                let answer = 1 + crowd.random.below(50)
                arrival[crowd.submit(tenant, prompt: prompt, answer: answer)] = crowd.steps
            }
            crowd.step()
        }
        while !crowd.scheduler.isIdle, crowd.steps < 50_000 { crowd.step() }
        #expect(crowd.scheduler.isIdle)
        #expect(crowd.ended.count == arrival.count)
        #expect(crowd.scheduler.counts.blocksUsed == 0)
        let worst = arrival.map { (crowd.ended[$0.key] ?? .max) - $0.value }.max() ?? 0
        #expect(worst < 60 * arrival.count, "the longest took \(worst) steps")
    }

    @Test func theNewestOfTheTenantThatHadMostGivesWay() {
        Transcript.check(
            blocks: 4,
            batch: 128,
            """
            submit s1 bob a*4 max=60 -> queued
            submit s2 ann b*32 max=9 -> queued
            submit s3 bob c*31 max=9 -> queued
            submit s4 bob d*4 max=9 -> queued
            plan -> s1 0+4! [0] | s2 0+32! [1] | s3 0+31! [2] | s4 0+4! [3]
            apply s1:1 s2:1 s3:1 s4:1 -> nothing
            plan -> s1 4+1! [0] | s2 32+1! [1 3] | s3 31+1! [2] | preempted s4
            """
        )
    }

    @Test func positionsTakeTurns() {
        var crowd = Crowd(seed: 6, sequences: 1)
        let running = crowd.submit("ann")
        crowd.step()
        let ann = [crowd.submit("ann"), crowd.submit("ann")]
        let bob = [crowd.submit("bob"), crowd.submit("bob"), crowd.submit("bob")]
        #expect(crowd.scheduler.position(of: running) == nil)
        #expect(bob.map { crowd.scheduler.position(of: $0) } == [1, 3, 4])
        #expect(ann.map { crowd.scheduler.position(of: $0) } == [0, 2])
        let isCancelled = crowd.scheduler.cancel(bob[0])
        #expect(isCancelled)
        #expect(crowd.scheduler.position(of: bob[0]) == nil)
        #expect(crowd.scheduler.position(of: bob[1]) == 1)
    }
}
