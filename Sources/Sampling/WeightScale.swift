/// Turns logits into unnormalised probabilities: `exp((logit - best) / temperature)`, all
/// multiplied by the same number. No weight is 0: what is no token has the least, which is too
/// little to matter in a sum but has to be kept from being drawn.
struct WeightScale {
    private let best: Float
    /// Of a logit; the weights are powers of 2.
    private let factor: Float
    /// The weight of the best.
    private(set) var highest: Float = 0

    /// Colder is not told apart: all but the best have no weight to speak of then.
    private static let coldest: Float = 1e-6

    /// - Precondition: `best` is finite.
    init(best: Float, temperature: Float) {
        self.best = best
        factor = 1.442_695_04 / max(temperature, Self.coldest)
        highest = weight(best)
    }

    @inline(__always) func weights(_ logits: Lanes) -> Lanes {
        ((logits - best) * factor).powerOfTwo
    }

    /// Within `Lanes.roughError` of the weights once multiplied by `Lanes.roughUnit`.
    @inline(__always) func roughWeights(_ logits: Lanes) -> Lanes {
        ((logits - best) * factor).roughPowerOfTwo
    }

    func weight(_ logit: Float) -> Float {
        weights(Lanes(repeating: logit))[0]
    }
}
