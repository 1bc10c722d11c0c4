import Core

/// A token that was drawn, with its logit.
struct Drawn {
    var token: TokenID
    var logit: Float

    /// Whether it is more likely, or as likely and its id is lower.
    func isBetter(than other: Drawn) -> Bool {
        logit > other.logit || logit == other.logit && token < other.token
    }
}

extension LogitBlocks {
    /// The weight of all tokens.
    func weight(_ logits: Span<Float>, _ scale: WeightScale) -> Double {
        var total = 0.0
        for block in maxima.indices { total += weight(block, logits, scale) }
        return total
    }

    /// The weight of a block.
    func weight(_ block: Int, _ logits: Span<Float>, _ scale: WeightScale) -> Double {
        var sum = Lanes(repeating: 0)
        logits.forEachLanes(Self.range(block, logits.count)) { sum += scale.weights($1) }
        return Double(sum.sum())
    }

    /// The weight of a block, and of what in it is better than `drawn`.
    func weights(
        _ block: Int,
        betterThan drawn: Drawn,
        _ logits: Span<Float>,
        _ scale: WeightScale
    ) -> (all: Double, better: Double) {
        let range = Self.range(block, logits.count)
        let token = Int(drawn.token)
        if range.upperBound <= token {
            return weights(range, logits, scale) { $0 .>= drawn.logit }
        }
        var weights = weights(range, logits, scale) { $0 .> drawn.logit }
        if range.contains(token) {
            var equals = 0
            for i in range.lowerBound..<token where logits[i] == drawn.logit { equals += 1 }
            weights.better += Double(equals) * Double(scale.weight(drawn.logit))
        }
        return weights
    }

    @inline(__always) private func weights(
        _ range: Range<Int>,
        _ logits: Span<Float>,
        _ scale: WeightScale,
        better isBetter: (Lanes) -> SIMDMask<SIMD8<Int32>>
    ) -> (all: Double, better: Double) {
        var all = Lanes(repeating: 0)
        var better = Lanes(repeating: 0)
        logits.forEachLanes(range) { _, lanes in
            let weights = scale.weights(lanes)
            all += weights
            better += Lanes(repeating: 0).replacing(with: weights, where: isBetter(lanes))
        }
        return (Double(all.sum()), Double(better.sum()))
    }
}
