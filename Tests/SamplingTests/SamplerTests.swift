import Core
import Sampling
import Testing

@Suite struct SamplerTests {
    /// Parameters that differ from the defaults in what `change` sets.
    private func parameters(_ change: (inout SamplingParameters) -> Void) -> SamplingParameters {
        var parameters = SamplingParameters()
        change(&parameters)
        return parameters
    }

    private func picks(
        _ count: Int,
        _ parameters: SamplingParameters,
        prompt: [TokenID] = [],
        _ logits: [Float]
    ) -> [TokenID?] {
        var sampler = Sampler(parameters, prompt: prompt)
        return (0..<count).map { _ in sampler.pick(logits.span) }
    }

    private func survivors(_ parameters: SamplingParameters, _ logits: [Float]) -> [TokenID] {
        var sampler = Sampler(parameters, prompt: [])
        return sampler.distribution(logits.span).map(\.token)
    }

    // MARK: Greedy and ties

    @Test func greedyTakesTheLowestOfEquals() {
        #expect(picks(2, .greedy, [1, 4, -2, 4, 4]) == [1, 1])
        #expect(picks(1, .greedy, [-0.0, 0.0]) == [0])
    }

    @Test func cutsKeepTheLowestOfEquals() {
        let logits: [Float] = [0, 2, 2, 1, 2, 2, 1]
        #expect(survivors(parameters { $0.topK = 3 }, logits) == [1, 2, 4])
        #expect(survivors(parameters { $0.topK = 5 }, logits) == [1, 2, 3, 4, 5])
        #expect(survivors(parameters { $0.topP = 0.3 }, [5, 5, 5, 5, 5]) == [0, 1])
        #expect(survivors(parameters { $0.topK = 1 }, [-0.0, 0.0]) == [0])
        #expect(survivors(parameters { $0.minP = 1 }, logits) == [1, 2, 4, 5])
    }

    @Test func cutsKeepAtLeastOne() {
        let logits: [Float] = [0, 3, 1]
        #expect(survivors(parameters { $0.topP = 0 }, logits) == [1])
        #expect(survivors(parameters { $0.minP = 7 }, logits) == [1])
        #expect(survivors(parameters { $0.topK = 1 }, logits) == [1])
    }

    /// Selection against sorting, on rounded values so that ties abound, of both signs.
    @Test func cutsEqualSorting() {
        var generator = SplitMix(state: 7)
        for round in 0..<200 {
            let size = 1 + round % 90
            let logits = (0..<size).map { _ in Float(Int(generator.next() % 41)) / 4 - 5 }
            let order = logits.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }
            let k = 1 + round % (size + 2)
            let best = order.prefix(k).sorted().map { TokenID($0) }
            #expect(survivors(parameters { $0.topK = k }, logits) == best)
        }
    }

    // MARK: Randomness

    @Test func sameSeedSameTokens() {
        let logits = (0..<50).map { Float($0 % 7) }
        let first = picks(40, parameters { $0.seed = 11 }, logits)
        #expect(first == picks(40, parameters { $0.seed = 11 }, logits))
        #expect(first != picks(40, parameters { $0.seed = 12 }, logits))
        #expect(Set(first).count > 5)
    }

    @Test func aPickDependsOnItsIndexAndNotOnEarlierLogits() {
        let flat = [Float](repeating: 0, count: 1000)
        let peaked = (0..<1000).map { Float($0) }
        var a = Sampler(parameters { $0.seed = 3 }, prompt: [])
        var b = Sampler(parameters { $0.seed = 3 }, prompt: [])
        _ = a.pick(flat.span)
        _ = b.pick(peaked.span)
        #expect(a.pick(flat.span) == b.pick(flat.span))
    }

    @Test func choicesHaveSeedsOfTheirOwn() {
        let seeds = (0..<8).map { Sampler.seed(5, choice: $0) }
        #expect(seeds[0] == 5)
        #expect(Set(seeds).count == 8)
        #expect(Sampler.seed(.max, choice: -1) != .max)
    }

    /// Pearson's chi-square over 20,000 draws; 29.9 is the 99.99 % quantile at 7 degrees.
    @Test(arguments: [UInt64(0), 1, .max])
    func drawsFollowTheDistribution(seed: UInt64) {
        let logits: [Float] = [0, 1, 2, 0.5, -1, 1.5, -2, 0.25]
        var sampler = Sampler(
            parameters {
                $0.seed = seed; $0.temperature = 0.8
            },
            prompt: []
        )
        let expected = sampler.distribution(logits.span).map { Double($0.probability) * 20_000 }
        var counts = [Double](repeating: 0, count: 8)
        for _ in 0..<20_000 {
            if let token = sampler.pick(logits.span) { counts[Int(token)] += 1 }
        }
        let statistic = zip(counts, expected).reduce(0) {
            $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / $1.1
        }
        #expect(statistic < 29.9)
        #expect(counts.reduce(0, +) == 20_000)
    }

    // MARK: Bias and penalties

    @Test func biasForcesAndForbids() {
        let logits: [Float] = [9, 0, 1]
        #expect(picks(3, parameters { $0.logitBias = [1: 100] }, logits) == [1, 1, 1])
        let without = picks(200, parameters { $0.logitBias = [0: -100] }, logits)
        #expect(!without.contains(0))
        #expect(without.contains(1) && without.contains(2))
    }

    @Test func idsOutsideTheVocabularyAreOfNoConsequence() {
        let strange = parameters {
            $0.logitBias = [-1: 100, 3: 100, .max: 100]
            $0.repetitionPenalty = 2
            $0.temperature = 0
        }
        #expect(picks(1, strange, prompt: [-5, 3, .max, .min], [0, 1, 0]) == [1])
    }

    @Test func repetitionPenaltyCountsThePrompt() {
        let penalty = parameters {
            $0.repetitionPenalty = 2; $0.temperature = 0
        }
        #expect(picks(1, penalty, prompt: [0], [3, 2]) == [1])
        #expect(picks(1, penalty, prompt: [0], [-1, -1.5]) == [1])
        #expect(picks(3, penalty, [3, 2]) == [0, 1, 0])
    }

    @Test func presenceIsSubtractedOnceFrequencyEachTime() {
        let presence = parameters {
            $0.presencePenalty = 1; $0.temperature = 0
        }
        #expect(picks(4, presence, prompt: [0], [2.5, 2, 0]) == [0, 1, 0, 0])
        let frequency = parameters {
            $0.frequencyPenalty = 1; $0.temperature = 0
        }
        #expect(picks(5, frequency, prompt: [0], [2.5, 2, 0]) == [0, 1, 0, 1, 0])
    }

    @Test func penaltiesApplyInOrder() {
        // (1 + 3) / 2 - 0.5 - 0.25 = 1.25; any other order gives another number.
        let all = parameters {
            $0.logitBias = [0: 3]
            $0.repetitionPenalty = 2
            $0.frequencyPenalty = 0.5
            $0.presencePenalty = 0.25
            $0.temperature = 0
        }
        #expect(picks(2, all, [1, 1.24]) == [0, 0])
        #expect(picks(2, all, [1, 1.26]) == [0, 1])
    }

    // MARK: Bad numbers

    @Test(arguments: [
        [Float.nan, .nan], [-.infinity, -.infinity], [.nan, -.infinity], [],
    ])
    func nothingPossibleIsNilAndNotRecorded(_ logits: [Float]) {
        for temperature in [Float(0), 1] {
            var sampler = Sampler(parameters { $0.temperature = temperature }, prompt: [])
            #expect(sampler.pick(logits.span) == nil)
            #expect(sampler.count == 0)
            #expect(sampler.distribution(logits.span).isEmpty)
        }
    }

    @Test func nanIsNeverPicked() {
        let logits: [Float] = [.nan, 1, -.nan, 1, -.infinity]
        #expect(picks(1, .greedy, logits) == [1])
        #expect(Set(picks(100, SamplingParameters(), logits)) == [1, 3])
    }

    @Test func infinityIsCertain() {
        let logits: [Float] = [3e38, .infinity, 5]
        #expect(picks(1, .greedy, logits) == [1])
        #expect(Set(picks(20, SamplingParameters(), logits)) == [1])
    }

    @Test func extremeTemperaturesAreDefined() {
        let logits: [Float] = [1, 1.5, -3e38, 3]
        #expect(
            Set(picks(50, parameters { $0.temperature = .leastNonzeroMagnitude }, logits)) == [3]
        )
        let hot = picks(200, parameters { $0.temperature = .greatestFiniteMagnitude }, logits)
        #expect(Set(hot).count == 4)
        #expect(picks(1, parameters { $0.temperature = .nan }, logits) == [3])
        #expect(picks(1, parameters { $0.temperature = -1 }, logits) == [3])
    }

    @Test func extremeParametersDoNotCrash() {
        let extremes: [Float] = [.nan, .infinity, -.infinity, 0, -1, 3e38]
        for value in extremes {
            let strange = parameters {
                $0.topP = value
                $0.minP = value
                $0.repetitionPenalty = value
                $0.presencePenalty = value
                $0.frequencyPenalty = value
                $0.logitBias = [1: value]
                $0.topK = .max
            }
            _ = picks(5, strange, prompt: [0, 1], [1, 2, 3])
        }
    }
}

/// A small generator, so that tests see the same numbers every time.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}
