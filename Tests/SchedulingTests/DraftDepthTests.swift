import Core
import Scheduling
import Testing

@Suite struct DraftDepthTests {
    /// Costs of a machine on which a step takes `fixed` and, from `free` rows on, `perRow` more.
    private func cost(_ fixed: Double, _ perRow: Double, free: Int = 0) -> StepCost {
        var cost = StepCost(sampledWeight: 0)
        for rows in 1...64 {
            cost.observe(
                tokens: rows,
                rows: rows,
                seconds: fixed + perRow * Double(max(0, rows - free))
            )
        }
        return cost
    }

    private func depths(
        _ cost: StepCost,
        acceptances: [Double],
        available: Int = 16,
        most: Int = 32
    ) -> [Int] {
        var candidates = acceptances.enumerated().map {
            DraftDepth.Candidate(
                sequence: SequenceID(UInt64($0.offset)),
                available: available,
                acceptance: $0.element
            )
        }
        DraftDepth.choose(&candidates, cost, most: most)
        return candidates.map(\.depth)
    }

    @Test func rowsThatCostNothingAreTaken() {
        #expect(depths(cost(1, 0), acceptances: [0.9]) == [16])
        #expect(depths(cost(1, 0), acceptances: [0.9], available: 5) == [5])
        #expect(depths(cost(1, 0), acceptances: [0.9, 0.9, 0.9], most: 6) == [2, 2, 2])
    }

    @Test func rowsThatCostWhatTheyAreWorthAreNot() {
        // Each row takes as long as a row alone: no draft is better than a sure token.
        #expect(depths(cost(0, 1), acceptances: [0.99]) == [0])
        #expect(depths(cost(0, 1), acceptances: Array(repeating: 0.99, count: 32)).max() == 0)
    }

    @Test func theFullerTheBatchTheFewer() {
        let machine = cost(1, 0.1, free: 8)
        let alone = depths(machine, acceptances: [0.8])[0]
        let eight = depths(machine, acceptances: Array(repeating: 0.8, count: 8))
        let many = depths(machine, acceptances: Array(repeating: 0.8, count: 32))
        #expect(alone >= 6)
        #expect(eight.reduce(0, +) < 8 * alone)
        #expect(many.max() == 0)
    }

    @Test func whoIsRightMoreOftenGuessesMore() {
        let both = depths(cost(1, 0.1), acceptances: [0.9, 0.2])
        #expect(both[0] > both[1])
    }

    @Test func withoutMeasurementsNobodyGuesses() {
        #expect(depths(StepCost(sampledWeight: 0), acceptances: [0.9]) == [0])
        #expect(depths(cost(1, 0), acceptances: []) == [])
    }

    /// The chosen depth never gives fewer tokens per second than none, on any machine.
    @Test func throughputIsNeverLower() {
        var random = SplitMix(state: 3)
        for _ in 0..<300 {
            let cost = cost(
                Double(random.below(100)) / 100 + 0.01,
                Double(random.below(100)) / 1000,
                free: random.below(20)
            )
            let chances = (0..<1 + random.below(12)).map { _ in Double(random.below(100)) / 100 }
            let depths = depths(cost, acceptances: chances)
            let plain = Double(chances.count) / seconds(cost, chances.count)
            let tokens = zip(chances, depths).reduce(0.0) { sum, pair in
                sum + (0...pair.1).reduce(0) { $0 + power(pair.0, $1) }
            }
            let rows = chances.count + depths.reduce(0, +)
            #expect(tokens / seconds(cost, rows) >= plain * 0.999)
        }
    }

    private func seconds(_ cost: StepCost, _ rows: Int) -> Double {
        cost.seconds(tokens: rows, rows: rows) ?? .infinity
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { product, _ in product * base }
    }

    // MARK: History

    @Test func successRaisesAndFailureLowersTheChance() {
        var history = DraftHistory()
        #expect(history.acceptance == 0.5)
        for _ in 0..<5 { history.observe(drafted: 8, accepted: 8) }
        #expect(history.acceptance > 0.85)
        for _ in 0..<20 { history.observe(drafted: 8, accepted: 0) }
        let low = history.acceptance
        #expect(low < 0.2)
        for _ in 0..<200 { history.observe(drafted: 0, accepted: 0) }
        #expect(history.acceptance > 0.4, "it is tried again")
        #expect(history.acceptance < 0.5)
    }
}
