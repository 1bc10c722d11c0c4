import Core
import Foundation
import Sampling
import Testing

/// Draws, which go by rejection, against the distribution, which is listed.
@Suite struct DrawTests {
    /// More than four blocks of 256, the last one not full.
    private static let size = 1100

    private static let settings: [SamplingParameters] = [
        parameters { $0.temperature = 1 },
        parameters { $0.temperature = 0.3 },
        parameters { $0.topK = 40 },
        parameters { $0.topP = 0.9 },
        parameters { $0.topP = 0.3 },
        parameters { $0.topP = 0.02 },
        parameters { $0.minP = 0.05 },
        parameters { ($0.topK, $0.topP) = (100, 0.8) },
        parameters { ($0.topP, $0.minP) = (0.9, 0.3) },
        parameters { ($0.topP, $0.minP) = (0.5, 0.01) },
        parameters { ($0.repetitionPenalty, $0.topP) = (1.5, 0.9) },
        parameters { $0.logitBias = [3: 5, 700: 4, 1099: 3] },
    ]

    private static func parameters(
        _ change: (inout SamplingParameters) -> Void
    ) -> SamplingParameters {
        var parameters = SamplingParameters()
        change(&parameters)
        return parameters
    }

    /// A bell, so that blocks have their few high tokens among many low ones; in one case rounded,
    /// so that many are equal at any cut.
    private static func logits(rounded: Bool) -> [Float] {
        var generator = SplitMix(state: 5)
        return (0..<size).map { _ in
            let sum = (0..<12).reduce(Float(0)) { sum, _ in
                sum + Float(generator.next() >> 40) * 0x1p-24
            }
            return rounded ? (2 * (sum - 6)).rounded() : 2 * (sum - 6)
        }
    }

    /// Pearson's chi-square of 10,000 first picks, each with a seed of its own; tokens expected
    /// fewer than ten times count together.
    @Test(arguments: settings.indices, [false, true])
    func drawsFollowTheDistribution(setting: Int, rounded: Bool) {
        let logits = Self.logits(rounded: rounded)
        var parameters = Self.settings[setting]
        let scratch = SamplerScratch()
        var listing = Sampler(parameters, prompt: [1, 2, 3], scratch: scratch)
        var expected: [TokenID: Double] = [:]
        for (token, probability) in listing.distribution(logits.span) {
            expected[token] = Double(probability) * 10_000
        }
        var counts: [TokenID: Double] = [:]
        for seed in 0..<10_000 {
            parameters.seed = UInt64(seed)
            var sampler = Sampler(parameters, prompt: [1, 2, 3], scratch: scratch)
            counts[sampler.pick(logits.span) ?? -1, default: 0] += 1
        }
        #expect(counts.keys.allSatisfy { expected[$0] != nil })
        let frequent = expected.filter { $0.value >= 10 }
        var rest = (counted: 10_000.0, expected: 10_000.0)
        var statistic = 0.0
        for (token, share) in frequent {
            let counted = counts[token, default: 0]
            statistic += (counted - share) * (counted - share) / share
            rest.counted -= counted
            rest.expected -= share
        }
        if rest.expected >= 10 {
            let distance = rest.counted - rest.expected
            statistic += distance * distance / rest.expected
        }
        // The mean of chi-square is its degrees of freedom, the variance twice that.
        let degrees = Double(max(frequent.count, 1))
        #expect(statistic < degrees + 5 * (2 * degrees).squareRoot())
    }

    /// Tokens that the share only just reaches are drawn, and those that it only just does not are
    /// not: sharper than the rough weights that decide most cuts.
    @Test func cutsAreExact() {
        let logits = (0..<20).map { Float($0 * 7 % 20) * 0.0703 }
        let order = logits.indices.sorted { logits[$0] > logits[$1] }
        let weights = order.map { exp(Double(logits[$0])) }
        let total = weights.reduce(0, +)
        var before = weights[0]
        for (place, token) in order.enumerated().dropFirst() {
            for nudge in [-1e-5, 1e-5] {
                var parameters = SamplingParameters()
                parameters.topP = Float(before / total + nudge)
                var sampler = Sampler(parameters, prompt: [])
                let tokens = (0..<600).compactMap { _ in sampler.pick(logits.span) }
                let isIn = nudge > 0
                #expect(tokens.contains(TokenID(token)) == isIn)
                #expect(Set(tokens).count == (isIn ? place + 1 : place))
            }
            before += weights[place]
        }
    }

    @Test(arguments: settings.indices)
    func samplersThatShareBuffersPickAsIfAlone(setting: Int) {
        let parameters = Self.settings[setting]
        let logits = Self.logits(rounded: false)
        let others = Self.logits(rounded: true)
        let scratch = SamplerScratch()
        var shared = Sampler(parameters, prompt: [4], scratch: scratch)
        var other = Sampler(parameters, prompt: [4], scratch: scratch)
        var alone = Sampler(parameters, prompt: [4])
        for _ in 0..<20 {
            _ = other.pick(others.span)
            let token = shared.pick(logits.span)
            let same = alone.pick(logits.span)
            #expect(token == same)
        }
    }

    // MARK: 150,000 tokens

    private static let manySettings: [SamplingParameters] = settings.map {
        var parameters = $0
        parameters.logitBias = [:]
        return parameters
    }

    /// Of equals the lower ids stay, also where the cut falls far into them.
    @Test(arguments: manySettings.indices)
    func equalLogitsAreCutByID(setting: Int) {
        var parameters = Self.manySettings[setting]
        parameters.repetitionPenalty = 1
        let logits = [Float](repeating: 7.25, count: 150_000)
        var kept = parameters.topK > 0 ? parameters.topK : logits.count
        if parameters.topP < 1 {
            kept = Int((Double(parameters.topP) * Double(kept)).rounded(.up))
        }
        var sampler = Sampler(parameters, prompt: [])
        var tenths = [Double](repeating: 0, count: 10)
        for _ in 0..<100 {
            let token = Int(sampler.pick(logits.span) ?? -1)
            #expect((0..<kept).contains(token))
            if (0..<kept).contains(token) { tenths[token * 10 / kept] += 1 }
        }
        // 44 is the 99.9999 % quantile at 9 degrees.
        #expect(tenths.reduce(0) { $0 + ($1 - 10) * ($1 - 10) / 10 } < 44)
        var listing = Sampler(parameters, prompt: [])
        let listed = listing.distribution(logits.span)
        #expect(listed.count == kept)
        #expect(listed.last?.token == TokenID(kept - 1))
    }

    @Test(arguments: manySettings.indices, [0, 255, 256, 77_777, 149_999])
    func theOnlyPossibleTokenIsPicked(setting: Int, token: Int) {
        var logits = [Float](repeating: -.infinity, count: 150_000)
        logits[149_000] = .nan
        for value in [Float(-3), 0, 3e38, -1e38, .infinity] {
            logits[token] = value
            var sampler = Sampler(Self.manySettings[setting], prompt: [])
            for _ in 0..<3 {
                let picked = sampler.pick(logits.span)
                #expect(picked == TokenID(token))
            }
            let got = Sampler(SamplingParameters(), prompt: []).logprobs(
                logits.span,
                token: TokenID(token),
                top: 2
            )
            #expect(got.logprob == 0)
            #expect(got.top.map(\.token) == [TokenID(token), token == 0 ? 1 : 0])
            #expect(got.top.map(\.logprob) == [0, Sampler.lowestLogprob])
        }
    }

    /// Infinity is the largest number: it leaves nothing to the others, and equals share.
    @Test(arguments: manySettings.indices)
    func infinitiesShareAlike(setting: Int) {
        var parameters = Self.manySettings[setting]
        parameters.repetitionPenalty = 1
        var logits = [Float](repeating: 3e38, count: 150_000)
        for i in stride(from: 100, to: logits.count, by: 300) { logits[i] = .infinity }
        logits[99] = .nan
        logits[98] = -.infinity
        var sampler = Sampler(parameters, prompt: [])
        let tokens = (0..<30).compactMap { _ in sampler.pick(logits.span) }
        #expect(tokens.count == 30)
        #expect(tokens.allSatisfy { $0 % 300 == 100 })
        #expect(Set(tokens).count > 5)
        let norm = sampler.logprobs(
            logits.span,
            token: 400,
            top: 1
        )
        #expect(abs(norm.logprob + 6.214608) < 1e-5)  // ln 500
        #expect(norm.top.map(\.token) == [100])
    }
}
