import Core
import Foundation
import Sampling
import Testing

@Suite struct LogprobsTests {
    @Test func tiesComeInOrderOfID() {
        let logits: [Float] = [1, 3, 3, 0, 3, 1]
        let got = Sampler(SamplingParameters(), prompt: []).logprobs(logits.span, token: 0, top: 5)
        #expect(got.top.map(\.token) == [1, 2, 4, 0, 5])
    }

    @Test func asksForMoreThanThereAre() {
        let logits: [Float] = [0, 1]
        #expect(
            Sampler(SamplingParameters(), prompt: []).logprobs(logits.span, token: 0, top: 20).top
                .map(\.token) == [1, 0]
        )
        #expect(
            Sampler(SamplingParameters(), prompt: []).logprobs(logits.span, token: 0, top: 0).top
                .isEmpty
        )
        #expect(
            Sampler(SamplingParameters(), prompt: []).logprobs(logits.span, token: 0, top: -1).top
                .isEmpty
        )
    }

    @Test func certaintyIsZero() {
        let logits: [Float] = [-.infinity, 5, -.infinity]
        let got = Sampler(SamplingParameters(), prompt: []).logprobs(logits.span, token: 1, top: 2)
        #expect(got.logprob == 0)
        #expect(got.top.map(\.logprob) == [0, Sampler.lowestLogprob])
    }

    /// Near the best, far below it, and so far that weights measured by the token would overflow.
    @Test(arguments: [Float(1), 19, 21, 90, 130, 5000])
    func distanceFromTheBestIsExact(_ best: Float) {
        var logits = [Float](repeating: 0, count: 1000)
        logits[700] = best
        let norm = Double(best) + log(1 + 999 * exp(-Double(best)))
        for token in [0, 255, 256, 700, 999] {
            let got = Sampler(SamplingParameters(), prompt: []).logprobs(
                logits.span,
                token: TokenID(token),
                top: 1
            )
            let expected = Float(Double(logits[token]) - norm)
            #expect(abs(got.logprob - expected) <= 1e-6 * max(1, -expected))
            #expect(got.top.map(\.token) == [700])
        }
    }

    @Test(arguments: [
        [Float.nan, .nan], [-.infinity, -.infinity], [.infinity, .infinity], [.nan, .infinity],
        [3e38, -3e38], [],
    ])
    func extremesStayWithinWhatJSONCanSay(_ logits: [Float]) {
        for token in [-1, 0, 1, 2, TokenID.max] {
            let got = Sampler(SamplingParameters(), prompt: []).logprobs(
                logits.span,
                token: token,
                top: 2
            )
            for value in [got.logprob] + got.top.map(\.logprob) {
                #expect(value <= 0 && value >= Sampler.lowestLogprob)
            }
        }
    }
}
