import Core
import Scheduling
import Testing

/// A long prompt among readers of answers, on machines that exist as formulas.
@Suite struct StepBudgetTests {
    /// Seconds of a step: weights are read once, tokens computed, logits made, earlier tokens
    /// looked at; and a disturbance now and then.
    struct Machine {
        var reading = 0.017
        var perToken = 0.0014
        var perRow = 0.0003
        var perEarlier = 1e-8
        var noise = 0.05
        var random = SplitMix(state: 9)

        mutating func seconds(_ plan: StepPlan) -> Double {
            let rows = plan.chunks.reduce(0) { $0 + $1.sampledRows }
            let looks = plan.chunks.reduce(0) { $0 + $1.tokens.count * $1.start }
            let computing = perToken * Double(plan.tokenCount) + perRow * Double(rows)
            let seconds = max(reading, computing) + perEarlier * Double(looks)
            return seconds * (1 + noise * Double(random.below(100)) / 100)
        }
    }

    struct Run {
        var quiet = 0.0
        var worst = 0.0
        var prompt = 0.0
        var steps = 0
    }

    /// Readers decode for a while; then a prompt of 4,000 tokens comes.
    private func run(_ machine: Machine, readers: Int) -> Run {
        var machine = machine
        var scheduler = Scheduler(
            SchedulerConfiguration(blockCount: 1000, maxBatchTokens: 512, maxSequences: 64)
        )
        var cost = StepCost(sampledWeight: machine.perRow / machine.perToken)
        var run = Run()
        for id in 0..<readers { submit(&scheduler, id, prompt: 20 + id, maxTokens: 2000) }
        for step in 0..<60 {
            let seconds = Self.step(&scheduler, &cost, &machine)
            if step >= 30 { run.quiet = max(run.quiet, seconds) }
        }
        submit(&scheduler, 900, prompt: 4000, maxTokens: 5)
        while scheduler.counts.waiting > 0 || !scheduler.isOnlyDecoding {
            let seconds = Self.step(&scheduler, &cost, &machine)
            run.worst = max(run.worst, seconds)
            run.prompt += seconds
            run.steps += 1
        }
        return run
    }

    private func submit(_ scheduler: inout Scheduler, _ id: Int, prompt: Int, maxTokens: Int) {
        _ = scheduler.submit(
            SequenceRequest(
                id: SequenceID(UInt64(id)),
                tenant: TenantID("ann"),
                prompt: (0..<prompt).map { TokenID(id * 10_000 + $0) },
                maxTokens: maxTokens
            )
        )
    }

    private static func step(
        _ scheduler: inout Scheduler,
        _ cost: inout StepCost,
        _ machine: inout Machine
    ) -> Double {
        let budget = StepBudget.tokens(decoding: scheduler.decodingCount, cost, most: 512)
        let plan = scheduler.plan(atMost: budget)
        guard !plan.isEmpty else { return 0 }
        let seconds = machine.seconds(plan)
        let rows = plan.chunks.reduce(0) { $0 + $1.sampledRows }
        cost.observe(tokens: plan.tokenCount, rows: rows, seconds: seconds)
        scheduler.apply(
            StepResult(
                sampled: plan.chunks.filter(\.samples).map {
                    .init(sequence: $0.sequence, token: 1, isLast: false)
                }
            )
        )
        return seconds
    }

    @Test(arguments: [1, 2, 4, 8, 16, 32])
    func aLongPromptAtMostDoublesOthersWaits(readers: Int) {
        for perEarlier in [0, 1e-8, 5e-8] {
            for reading in [0.008, 0.017, 0.1] {
                var machine = Machine()
                machine.perEarlier = perEarlier
                machine.reading = reading
                let run = run(machine, readers: readers)
                #expect(run.worst <= 2 * run.quiet, "\(readers), \(perEarlier), \(reading)")
            }
        }
    }

    @Test func thePromptIsNotHeldBackMoreThanThat() {
        let alone = run(Machine(), readers: 0)
        let amongEight = run(Machine(), readers: 8)
        #expect(alone.steps <= 9, "nobody waits: full steps")
        #expect(amongEight.prompt < 2.5 * alone.prompt)
        #expect(amongEight.worst > 1.25 * amongEight.quiet, "the allowance is used")
    }

    /// Before any quiet step was seen, prompts must not be cut into crumbs.
    @Test func promptsThatComeTogetherAreSoonComputed() {
        var machine = Machine()
        var scheduler = Scheduler(
            SchedulerConfiguration(blockCount: 1000, maxBatchTokens: 512, maxSequences: 64)
        )
        var cost = StepCost(sampledWeight: 0.2)
        submit(&scheduler, 0, prompt: 150, maxTokens: 500)
        _ = Self.step(&scheduler, &cost, &machine)
        for id in 1...8 { submit(&scheduler, id, prompt: 150, maxTokens: 500) }
        var seconds = 0.0
        while scheduler.counts.waiting > 0 || !scheduler.isOnlyDecoding {
            seconds += Self.step(&scheduler, &cost, &machine)
        }
        // Alone, 1,200 tokens take 1.7 seconds.
        #expect(seconds < 4.3)
    }

    @Test func withoutReadersOrKnowledgeStepsAreFull() {
        var cost = StepCost(sampledWeight: 0)
        #expect(StepBudget.tokens(decoding: 3, cost, most: 512) == 512)
        cost.observe(tokens: 512, rows: 0, seconds: 1)
        #expect(StepBudget.tokens(decoding: 0, cost, most: 512) == 512)
        #expect(StepBudget.tokens(decoding: 3, cost, most: 512) == 3, "a quiet step is measured")
        cost.observe(tokens: 3, rows: 3, seconds: 0.006)
        #expect(StepBudget.tokens(decoding: 3, cost, most: 512) == 7)
        #expect(StepBudget.tokens(decoding: 3, cost, most: 5) == 5)
    }
}
