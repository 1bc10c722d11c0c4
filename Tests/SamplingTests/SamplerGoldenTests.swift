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

    @Test func logprobsEqualTheReference() throws {
        let goldens = try SamplingGoldens()
        let logits = goldens.logprobLogits
        for (token, expected) in goldens.logprobs.enumerated() {
            let got = Sampler.logprobs(logits.span, token: TokenID(token), top: 20)
            #expect(abs(got.logprob - expected) < 1e-5)
            #expect(got.top.map(\.token) == Array(goldens.logprobOrder.prefix(20)))
            for entry in got.top {
                #expect(abs(entry.logprob - goldens.logprobs[Int(entry.token)]) < 1e-5)
            }
        }
    }
}
