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
    /// The weight of a block, and of what in it is better than `drawn`.
    /// - Parameter weigh: gives logits their weights.
    @inline(__always) static func weights(
        _ block: Int,
        betterThan drawn: Drawn,
        _ logits: Span<Float>,
        _ weigh: (Lanes) -> Lanes
    ) -> (all: Double, better: Double) {
        let range = range(block, logits.count)
        let token = Int(drawn.token)
        if range.upperBound <= token {
            return weights(range, logits, weigh) { $0 .>= drawn.logit }
        }
        var weights = weights(range, logits, weigh) { $0 .> drawn.logit }
        if range.contains(token) {
            var equals = 0
            for i in range.lowerBound..<token where logits[i] == drawn.logit { equals += 1 }
            weights.better += Double(equals) * Double(weigh(Lanes(repeating: drawn.logit))[0])
        }
        return weights
    }

    @inline(__always) private static func weights(
        _ range: Range<Int>,
        _ logits: Span<Float>,
        _ weigh: (Lanes) -> Lanes,
        better isBetter: (Lanes) -> SIMDMask<SIMD8<Int32>>
    ) -> (all: Double, better: Double) {
        var all = Lanes(repeating: 0)
        var better = Lanes(repeating: 0)
        logits.forEachLanes(range) { _, lanes in
            let weights = weigh(lanes)
            all += weights
            better += Lanes(repeating: 0).replacing(with: weights, where: isBetter(lanes))
        }
        return (Double(all.sum()), Double(better.sum()))
    }

    /// The weight of a block.
    @inline(__always) static func weight(
        _ block: Int,
        _ logits: Span<Float>,
        _ weigh: (Lanes) -> Lanes
    ) -> Double {
        var sum = Lanes(repeating: 0)
        logits.forEachLanes(range(block, logits.count)) { sum += weigh($1) }
        return Double(sum.sum())
    }
}
