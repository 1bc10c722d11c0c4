import Scheduling
import Testing

@Suite struct StepCostTests {
    @Test func whatWasMeasuredIsKnown() {
        var cost = StepCost(sampledWeight: 0.5)
        #expect(cost.seconds(tokens: 4, rows: 0) == nil)
        cost.observe(tokens: 4, rows: 0, seconds: 2)
        #expect(cost.seconds(tokens: 4, rows: 0) == 2)
        #expect(cost.seconds(tokens: 3, rows: 2) == 2, "two rows of logits are as one token")
    }

    @Test func betweenTwoItIsALine() {
        var cost = StepCost(sampledWeight: 0)
        cost.observe(tokens: 10, rows: 1, seconds: 1)
        cost.observe(tokens: 110, rows: 1, seconds: 3)
        #expect(cost.seconds(tokens: 60, rows: 1) == 2)
        #expect(cost.seconds(tokens: 5, rows: 1) == 0.5)
        #expect(cost.seconds(tokens: 220, rows: 1) == 6)
        #expect(cost.hopefulSeconds(tokens: 160, rows: 1) == 3, "half as many more may be free")
        #expect(cost.hopefulSeconds(tokens: 330, rows: 1) == 6)
    }

    @Test func oneDisturbedStepCountsLittleAndALastingChangeIsLearnt() throws {
        var cost = StepCost(sampledWeight: 0)
        cost.observe(tokens: 1, rows: 1, seconds: 1)
        cost.observe(tokens: 1, rows: 1, seconds: 1000)
        #expect(try #require(cost.seconds(tokens: 1, rows: 1)) <= 1.25)
        for _ in 0..<80 { cost.observe(tokens: 1, rows: 1, seconds: 3) }
        #expect(abs(try #require(cost.seconds(tokens: 1, rows: 1)) - 3) < 0.01)
    }

    @Test func whatWasNotSeenForLongIsForgotten() {
        var cost = StepCost(sampledWeight: 0)
        cost.observe(tokens: 2, rows: 1, seconds: 50)
        for _ in 0..<120 { cost.observe(tokens: 1, rows: 1, seconds: 1) }
        #expect(cost.seconds(tokens: 2, rows: 1) == 50)
        #expect(cost.hopefulSeconds(tokens: 2, rows: 1) == 2 / 1.5)
        for _ in 0..<1200 { cost.observe(tokens: 1, rows: 1, seconds: 1) }
        #expect(cost.seconds(tokens: 2, rows: 1) == 2)
    }

    /// Else a few tokens that wait for memory would look as if each of them were dear.
    @Test func largerStepsOfLongAgoStillTellWhatATokenAdds() {
        var cost = StepCost(sampledWeight: 0)
        cost.observe(tokens: 500, rows: 0, seconds: 5)
        for _ in 0..<1100 { cost.observe(tokens: 8, rows: 1, seconds: 1) }
        #expect(cost.seconds(tokens: 18, rows: 1) == 1.1)
        #expect(cost.seconds(tokens: 8, rows: 1) == 1)
    }

    @Test func aStepGivesAFloorToItsOwnSizeAtOnce() {
        var cost = StepCost(sampledWeight: 0.3)
        cost.observe(tokens: 11, rows: 8, seconds: 1)
        #expect(!cost.hasFloor(tokens: 8, rows: 8))
        for rows in [8, 20, 33] {
            cost.observe(tokens: rows + 1, rows: rows, seconds: 1)
            cost.observe(tokens: rows, rows: rows, seconds: 1)
            #expect(cost.hasFloor(tokens: rows, rows: rows))
            #expect(cost.hasFloor(tokens: rows + 30, rows: rows))
        }
        #expect(!cost.hasFloor(tokens: 1, rows: 1))
    }

    @Test func nonsenseIsPassedOver() {
        var cost = StepCost(sampledWeight: .nan)
        cost.observe(tokens: 0, rows: 0, seconds: 1)
        cost.observe(tokens: 1, rows: 1, seconds: 0)
        cost.observe(tokens: 1, rows: 1, seconds: .infinity)
        cost.observe(tokens: 1, rows: 1, seconds: .nan)
        #expect(cost.seconds(tokens: 1, rows: 1) == nil)
        cost.observe(tokens: .max, rows: 0, seconds: 1)
        #expect(cost.seconds(tokens: .max, rows: 0) == 1)
        #expect(cost.seconds(tokens: .min, rows: .min) != nil)
    }
}
