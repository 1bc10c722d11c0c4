import Core
import Glibc

/// The buffers of a pick and what is done in them. Nothing of a pick matters to the next.
package final class SamplerScratch: @unchecked Sendable {  // used by one thread at a time
    /// Logits after bias and penalties.
    private var adjusted: [Float] = []
    private var blocks = LogitBlocks()
    private var envelope = Envelope()
    private var candidates = Candidates()

    package init() {}

    /// Calls `body` with the logits that penalties leave.
    func withAdjusted<R>(
        _ logits: Span<Float>,
        _ penalties: Penalties,
        _ body: (Span<Float>) -> R
    ) -> R {
        if penalties.areNone { return body(logits) }
        copy(logits)
        penalties.apply(to: &adjusted)
        let values = adjusted  // a reference, as `body` uses the other buffers
        return body(values.span)
    }

    private func copy(_ logits: Span<Float>) {
        if adjusted.count != logits.count {
            adjusted = Array(repeating: 0, count: logits.count)
        }
        logits.withUnsafeBufferPointer { source in
            adjusted.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: source) }
        }
    }

    /// Calls `body` with the logits in blocks, and infinity made the largest number there is.
    private func withBlocks<R>(_ logits: Span<Float>, _ body: (Span<Float>) -> R) -> R {
        blocks.load(logits)
        guard blocks.best == .infinity else { return body(logits) }
        copy(logits)
        for i in adjusted.indices where adjusted[i] == .infinity {
            adjusted[i] = .greatestFiniteMagnitude
        }
        let values = adjusted
        blocks.load(values.span)
        return body(values.span)
    }

    // MARK: Picks

    /// - Parameter random: where in the distribution to look.
    func choose(
        _ logits: Span<Float>,
        _ parameters: SamplingParameters,
        _ random: RandomStream
    ) -> TokenID? {
        withBlocks(logits) { logits in
            guard let scale = scale(parameters) else { return blocks.firstOfBest(logits) }
            var random = random
            guard (1..<logits.count).contains(parameters.topK) else {
                return draw(logits, parameters, scale, &random)
            }
            narrow(logits, parameters, scale)
            return candidates.draw(random.uniform())
        }
    }

    func distribution(
        _ logits: Span<Float>,
        _ parameters: SamplingParameters
    ) -> [(token: TokenID, probability: Float)] {
        withBlocks(logits) { logits in
            guard let scale = scale(parameters) else {
                return blocks.firstOfBest(logits).map { [(token: $0, probability: Float(1))] } ?? []
            }
            narrow(logits, parameters, scale)
            let total = candidates.totalWeight
            return zip(candidates.tokens, candidates.weights).map {
                ($0, Float(Double($1) / total))
            }
        }
    }

    /// Nil when there is nothing to draw: only the most likely token is allowed, or none.
    private func scale(_ parameters: SamplingParameters) -> WeightScale? {
        let isGreedy = !(parameters.temperature > 0) || parameters.topP <= 0
        if isGreedy || blocks.best == -.infinity { return nil }
        return WeightScale(best: blocks.best, temperature: parameters.temperature)
    }

    /// The least weight that min-p allows.
    private func lowestWeight(_ parameters: SamplingParameters, _ scale: WeightScale) -> Float {
        parameters.minP > 0 ? min(parameters.minP, 1) * scale.highest : 0
    }

    /// Draws until a token is allowed. Each that is not narrows what may be drawn next to what is
    /// better, and so leaves the proportions of all that is allowed.
    private func draw(
        _ logits: Span<Float>,
        _ parameters: SamplingParameters,
        _ scale: WeightScale,
        _ random: inout RandomStream
    ) -> TokenID {
        let weight = lowestWeight(parameters, scale)
        let nucleus = parameters.topP < 1 ? Nucleus(share: Double(parameters.topP)) : nil
        var refused: Drawn?
        while true {
            envelope.load(blocks.maxima, scale, weight: weight, betterThan: refused)
            let drawn = envelope.draw(logits, scale, weight: weight, betterThan: refused, &random)
            let isIn = nucleus?.contains(drawn, logits, blocks.maxima, envelope.bounds, scale)
            if isIn ?? true { return drawn.token }
            refused = drawn
        }
    }

    /// Leaves in `candidates` what the parameters allow, with weights.
    private func narrow(
        _ logits: Span<Float>,
        _ parameters: SamplingParameters,
        _ scale: WeightScale
    ) {
        let isTop = (1..<logits.count).contains(parameters.topK)
        let bound = isTop ? blocks.bound(count: parameters.topK, logits) : -.infinity
        candidates.load(logits, blocks, from: bound)
        // Dividing by a temperature does not change who is among the k.
        if isTop { candidates.keepTop(parameters.topK) }
        candidates.weigh(scale)
        if parameters.topP < 1 {
            candidates.keepMass(Double(parameters.topP) * candidates.totalWeight)
        }
        candidates.keep(weight: lowestWeight(parameters, scale))
    }

    // MARK: Log probabilities

    /// See `Sampler.logprobs`.
    func logprobs(_ logits: Span<Float>, token: TokenID, top: Int) -> TokenLogprobs {
        let own = logits.indices.contains(Int(token)) ? logits[Int(token)] : -.infinity
        // What was picked is near the best, or else what is in the first block may be. Weights can
        // be measured by it before the best is known: one pass instead of two.
        let first = LogitBlocks.highest(0, logits)
        let guess = own > first ? own : first
        if guess.isFinite {
            let norm = norm(logits, measuredBy: guess)
            if blocks.best - guess < Self.near { return logprobs(logits, own, top, norm) }
        }
        return withBlocks(logits) { logits in
            let norm = blocks.best > -.infinity ? norm(logits, measuredBy: blocks.best) : Norm()
            return logprobs(logits, min(own, .greatestFiniteMagnitude), top, norm)
        }
    }

    /// With the best no further up, weights are as exact and sums of them do not overflow.
    private static let near: Float = 20

    /// Loads the blocks and adds up.
    private func norm(_ logits: Span<Float>, measuredBy logit: Float) -> Norm {
        let scale = WeightScale(best: logit, temperature: 1)
        let weight = blocks.load(logits, scale)
        return Norm(logit: Double(logit), excess: log(weight / Double(scale.highest)))
    }

    private func logprobs(
        _ logits: Span<Float>,
        _ own: Float,
        _ top: Int,
        _ norm: Norm
    ) -> TokenLogprobs {
        TokenLogprobs(
            logprob: norm.logprob(own),
            top: blocks.highest(top, of: logits).map {
                .init(token: $0.token, logprob: norm.logprob($0.logit))
            }
        )
    }
}

/// The logarithm of the sum of the exponentials, in two parts: their sum would lose the lesser.
private struct Norm {
    var logit = 0.0
    var excess = 0.0

    /// The lowest there is for what is no token.
    func logprob(_ own: Float) -> Float {
        let value = Float(Double(own) - logit - excess)
        return value > Sampler.lowestLogprob ? min(value, 0) : Sampler.lowestLogprob
    }
}
