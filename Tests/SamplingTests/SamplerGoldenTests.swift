import Core
import Sampling
import Testing

/// Against the logits warpers of Hugging Face `transformers`.
@Suite struct SamplerGoldenTests {
    @Test func survivorsAndProbabilitiesEqualTheReference() throws {
        let goldens = try SamplingGoldens()
        #expect(goldens.cases.count == 48)
        for golden in goldens.cases {
            var sampler = Sampler(golden.parameters, prompt: golden.prompt)
            let left = sampler.distribution(golden.logits.span)
            #expect(left.map(\.token) == golden.tokens, "\(golden.parameters)")
            let distance = zip(left, golden.probabilities).map { abs($0.probability - $1) }.max()
            #expect(distance ?? 1 < 1e-6, "\(golden.parameters)")
        }
    }

    /// What is listed and what is drawn, which nothing lists.
    @Test func cutsOfManyTokensEqualTheReference() throws {
        let goldens = try SamplingGoldens()
        #expect(goldens.wide.count == 22)
        for golden in goldens.wide {
            let logits = SamplingGoldens.wideLogits(golden.shape)
            var sampler = Sampler(golden.parameters, prompt: [])
            let ranks = sampler.distribution(logits.span).map {
                SamplingGoldens.wideRanks[Int($0.token)]
            }
            #expect(ranks.count == golden.count, "\(golden)")
            #expect(ranks.min() == golden.lowest, "\(golden)")
            for _ in 0..<100 {
                let token = sampler.pick(logits.span) ?? 0
                #expect(SamplingGoldens.wideRanks[Int(token)] >= golden.lowest, "\(golden)")
            }
        }
    }

    @Test func logprobsOfManyTokensEqualTheReference() throws {
        let goldens = try SamplingGoldens()
        #expect(goldens.wideLogprobs.count == 2)
        for golden in goldens.wideLogprobs {
            let logits = SamplingGoldens.wideLogits(golden.shape)
            for (token, expected) in zip(golden.tokens, golden.logprobs) {
                let got = Sampler(SamplingParameters(), prompt: []).logprobs(
                    logits.span,
                    token: token,
                    top: 5
                )
                #expect(abs(got.logprob - expected) < 1e-5)
                #expect(got.top.map(\.token) == golden.top)
            }
        }
    }

    @Test func logprobsEqualTheReference() throws {
        let goldens = try SamplingGoldens()
        let logits = goldens.logprobLogits
        for (token, expected) in goldens.logprobs.enumerated() {
            let got = Sampler(SamplingParameters(), prompt: []).logprobs(
                logits.span,
                token: TokenID(token),
                top: 20
            )
            #expect(abs(got.logprob - expected) < 1e-5)
            #expect(got.top.map(\.token) == Array(goldens.logprobOrder.prefix(20)))
            for entry in got.top {
                #expect(abs(entry.logprob - goldens.logprobs[Int(entry.token)]) < 1e-5)
            }
        }
    }
}
