import Core
import Glibc

/// The buffers of a pick and what is done in them. Nothing of a pick matters to the next.
package final class SamplerScratch: @unchecked Sendable {  // used by one thread at a time
    /// Logits after bias and penalties.
    private var adjusted: [Float] = []
    private var blocks = LogitBlocks()
    private var candidates = Candidates()

    package init() {}

    /// Calls `body` with the logits that penalties leave.
    func withAdjusted<R>(
        _ logits: Span<Float>,
        _ penalties: Penalties,
        _ body: (Span<Float>) -> R
    ) -> R {
        if penalties.areNone { return body(logits) }
        if adjusted.count != logits.count {
            adjusted = Array(repeating: 0, count: logits.count)
        }
        logits.withUnsafeBufferPointer { source in
            adjusted.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: source) }
        }
        penalties.apply(to: &adjusted)
        let values = adjusted  // a reference, as `body` uses the other buffers
        return body(values.span)
    }

    /// - Parameter u: 0 ..< 1, where in the distribution to look.
    func choose(_ logits: Span<Float>, _ parameters: SamplingParameters, _ u: Double) -> TokenID? {
        blocks.load(logits)
        guard parameters.temperature > 0 else { return blocks.firstOfBest(logits) }
        let scale = WeightScale(best: blocks.best, temperature: parameters.temperature)
        if narrow(logits, parameters, scale) { return candidates.draw(u) }
        _ = blocks.weigh(logits, scale)
        return blocks.draw(u, logits, scale)
    }

    func distribution(
        _ logits: Span<Float>,
        _ parameters: SamplingParameters
    ) -> [(token: TokenID, probability: Float)] {
        blocks.load(logits)
        guard parameters.temperature > 0 else {
            return blocks.firstOfBest(logits).map { [(token: $0, probability: Float(1))] } ?? []
        }
        let scale = WeightScale(best: blocks.best, temperature: parameters.temperature)
        if !narrow(logits, parameters, scale) { load(logits, from: -.infinity, scale) }
        let total = candidates.totalWeight
        return zip(candidates.tokens, candidates.weights).map { ($0, Float(Double($1) / total)) }
    }

    /// Leaves in `candidates` what the parameters allow, with weights; false, and nothing there,
    /// when they allow everything.
    private func narrow(
        _ logits: Span<Float>,
        _ parameters: SamplingParameters,
        _ scale: WeightScale
    ) -> Bool {
        if parameters.topK > 0 {
            // Dividing by a temperature does not change who is among the k.
            candidates.load(logits, blocks, from: blocks.bound(count: parameters.topK))
            candidates.keepTop(parameters.topK)
            candidates.weigh(scale)
            if parameters.topP < 1 {
                candidates.keepMass(Double(parameters.topP) * candidates.totalWeight)
            }
        } else if parameters.topP < 1 {
            keepMass(parameters.topP, logits, scale)
        } else if parameters.minP > 0 {
            // A little further down than needed: `keepRatio` decides.
            let distance = 0.01 - logf(min(parameters.minP, 1))
            load(logits, from: scale.logit(distance), scale)
        } else {
            return false
        }
        if parameters.minP > 0 { candidates.keepRatio(parameters.minP) }
        return true
    }

    /// Looks further and further down, until there is enough.
    private func keepMass(_ p: Float, _ logits: Span<Float>, _ scale: WeightScale) {
        let mass = Double(p) * blocks.weigh(logits, scale)
        var distance: Float = 8
        while true {
            let isAll = distance > 64  // further down there is no weight
            load(logits, from: isAll ? -.infinity : scale.logit(distance), scale)
            if isAll || candidates.totalWeight > mass { return candidates.keepMass(mass) }
            distance *= 2
        }
    }

    private func load(_ logits: Span<Float>, from bound: Float, _ scale: WeightScale) {
        candidates.load(logits, blocks, from: bound)
        candidates.weigh(scale)
    }
}
