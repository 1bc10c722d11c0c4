import Core

/// Draws tokens in proportion to their weights without adding the weights up: no weight in a block
/// is higher than that of the block's highest logit. A block is drawn as if all its tokens had that
/// weight, then one of its tokens, which stays with the probability that it deserves; or else all
/// is drawn again (rejection sampling, von Neumann 1951). One of 256 draws stays at the least, since
/// a block's highest always does. Buffers keep their size from use to use.
struct Envelope {
    /// What no weight in a block exceeds.
    private(set) var bounds: [Float] = []
    /// Sums of the bounds up to and with each block's, of those that may be drawn.
    private var sums: [Double] = []

    /// Starts over. Drawn are the blocks with a logit of so much weight, and of those only what may
    /// hold tokens better than `pivot`.
    mutating func load(
        _ maxima: [Float],
        _ scale: WeightScale,
        weight: Float,
        betterThan pivot: Drawn?
    ) {
        if bounds.count != maxima.count {
            bounds = Array(repeating: 0, count: maxima.count)
            sums = Array(repeating: 0, count: maxima.count)
        }
        let lowest = max(pivot?.logit ?? -.infinity, -.greatestFiniteMagnitude)
        // Of equals the lower ids are better.
        let end = pivot.map { Int($0.token) / LogitBlocks.size + 1 } ?? maxima.count
        var sum = 0.0
        maxima.span.forEachLanes(maxima.indices) { start, lanes in
            let weights = scale.weights(lanes)
            for lane in 0..<min(Lanes.scalarCount, maxima.count - start) {
                let block = start + lane
                bounds[block] = weights[lane]
                let mayBeBetter = block < end ? lanes[lane] >= lowest : lanes[lane] > lowest
                if mayBeBetter, weights[lane] >= weight { sum += Double(weights[lane]) }
                sums[block] = sum
            }
        }
    }

    /// Draws until a token of at least so much weight stays that is better than `pivot`.
    /// - Precondition: there is one, and its block is in.
    func draw(
        _ logits: Span<Float>,
        _ scale: WeightScale,
        weight: Float,
        betterThan pivot: Drawn?,
        _ random: inout RandomStream
    ) -> Drawn {
        while true {
            let block = block(at: random.uniform() * (sums.last ?? 0))
            let bits = random.next()
            let place = block * LogitBlocks.size + Int(bits % UInt64(LogitBlocks.size))
            guard place < logits.count, logits[place] > -.infinity else { continue }
            let drawn = Drawn(token: TokenID(truncatingIfNeeded: place), logit: logits[place])
            if let pivot, !drawn.isBetter(than: pivot) { continue }
            let own = scale.weight(drawn.logit)
            // The upper bits have nothing to do with the place.
            if own >= weight, Double(own) > RandomStream.uniform(bits) * Double(bounds[block]) {
                return drawn
            }
        }
    }

    /// The first block whose sum exceeds `share`.
    private func block(at share: Double) -> Int {
        var low = 0
        var high = sums.count - 1
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] > share { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
