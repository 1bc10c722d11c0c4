package import Core

/// Picks the tokens of one sequence.
///
/// In this order: logit bias, repetition penalty, frequency and presence penalties (vLLM's order
/// and definitions); at temperature 0 the most likely token, of equals the lowest id. Otherwise
/// temperature, top-k, top-p and min-p one after the other, as the logits warpers of Hugging Face
/// `transformers` do, each on what the former left. Of equally likely tokens at a cut the lower ids
/// stay, so that top-k keeps k tokens and not more.
///
/// The n-th pick depends on the seed, on n and on the logits, and on nothing else.
package struct Sampler: Sendable {
    package let parameters: SamplingParameters
    /// Tokens recorded so far.
    package private(set) var count = 0
    private var penalties: Penalties
    let scratch: SamplerScratch

    /// The repetition penalty counts the tokens of `prompt`, the others do not.
    /// - Parameter scratch: may be shared by samplers that one thread uses.
    package init(
        _ parameters: SamplingParameters,
        prompt: [TokenID],
        scratch: SamplerScratch = SamplerScratch()
    ) {
        self.parameters = parameters
        self.scratch = scratch
        penalties = Penalties(parameters, prompt: prompt)
    }

    /// A seed for one of several choices of one request; the first choice has the request's own.
    package static func seed(_ seed: UInt64, choice: Int) -> UInt64 {
        guard choice != 0 else { return seed }
        // Counted from the far end, where no index of a token is.
        return CounterRandom.bits(seed: seed, index: ~UInt64(truncatingIfNeeded: choice))
    }

    /// Picks the next token and records it. Logits: one per id; NaN means impossible, as -inf does.
    /// Nil when no token is possible; then nothing is recorded.
    package mutating func pick(_ logits: Span<Float>) -> TokenID? {
        guard let token = choose(logits) else { return nil }
        penalties.record(token)
        count += 1
        return token
    }

    /// What the next `pick` draws from: tokens in order of id with their probabilities.
    package mutating func distribution(
        _ logits: Span<Float>
    ) -> [(token: TokenID, probability: Float)] {
        scratch.withAdjusted(logits, penalties) { scratch.distribution($0, parameters) }
    }

    private func choose(_ logits: Span<Float>) -> TokenID? {
        let random = RandomStream(seed: parameters.seed, index: count)
        return scratch.withAdjusted(logits, penalties) { scratch.choose($0, parameters, random) }
    }
}
