import Core
import Scheduling
import Testing

/// Thousands of random steps against an executor that remembers what every cache position holds.
@Suite struct SimulationTests {
    @Test(arguments: 0..<24)
    func randomRunsKeepTheirPromises(seed: Int) {
        var simulation = Simulation(seed: UInt64(seed))
        for _ in 0..<250 { simulation.step(submitting: true) }
        var steps = 0
        while !simulation.isIdle, steps < 20_000 {
            simulation.step(submitting: false)
            steps += 1
        }
        #expect(simulation.isIdle, "some sequence never finished")
        #expect(simulation.scheduler.counts.blocksUsed == 0, "blocks leaked")
        #expect(simulation.finished > 5)
        #expect(simulation.problems.isEmpty)
    }

    @Test(arguments: 0..<48)
    func randomRunsKeepTheirPromisesWithWindows(seed: Int) {
        var simulation = Simulation(seed: UInt64(seed), windowed: true)
        for _ in 0..<250 { simulation.step(submitting: true) }
        var steps = 0
        while !simulation.isIdle, steps < 20_000 {
            simulation.step(submitting: false)
            steps += 1
        }
        #expect(simulation.isIdle, "some sequence never finished")
        let counts = simulation.scheduler.counts
        #expect(counts.blocksUsed == 0 && counts.windowBlocksUsed == 0, "blocks leaked")
        #expect(counts.windowBlocksTotal > 0)
        #expect(simulation.problems.isEmpty)
    }

    @Test func theWindowedRunsExerciseWhatTheyAreFor() {
        var preemptions = 0
        var hits = 0
        var gone = 0
        var forks = 0
        var drafts = (planned: 0, accepted: 0)
        for seed in 0..<48 {
            var simulation = Simulation(seed: UInt64(seed), windowed: true)
            for _ in 0..<250 { simulation.step(submitting: true) }
            preemptions += simulation.scheduler.counts.preemptions
            hits += simulation.scheduler.counts.prefixHitTokens
            gone += simulation.entriesGone
            forks += simulation.forks
            drafts.planned += simulation.draftsPlanned
            drafts.accepted += simulation.draftsAccepted
        }
        #expect(preemptions > 60)
        #expect(hits > 2000)
        #expect(gone > 2000)
        #expect(forks > 50)
        #expect(drafts.planned > 2000)
        #expect(drafts.accepted > 500)
    }

    @Test func theRunsExerciseWhatTheyAreFor() {
        var preemptions = 0
        var hits = 0
        for seed in 0..<24 {
            var simulation = Simulation(seed: UInt64(seed))
            for _ in 0..<250 { simulation.step(submitting: true) }
            preemptions += simulation.scheduler.counts.preemptions
            hits += simulation.scheduler.counts.prefixHitTokens
        }
        #expect(preemptions > 15)
        #expect(hits > 1000)
    }
}
