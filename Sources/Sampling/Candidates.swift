import Core

/// The tokens that may still be picked, in order of id, each with its logit and its weight: 1 until
/// `weigh` makes it the unnormalised probability. Buffers keep their size from pick to pick.
struct Candidates {
    private(set) var tokens: [TokenID] = []
    private(set) var logits: [Float] = []
    private(set) var weights: [Float] = []
    private var selection = Selection()

    /// Starts over with the tokens that reach `bound`; NaN and -inf do not.
    mutating func load(_ logits: Span<Float>, _ blocks: LogitBlocks, from bound: Float) {
        truncate(to: 0)
        blocks.forEach(logits, from: bound) { token, logit in
            tokens.append(token)
            // Adding zero turns -0 into 0: the same number must have the same bits.
            self.logits.append(logit + 0)
            weights.append(1)
        }
    }

    /// Keeps the `k` most likely; of equals, the lower ids.
    mutating func keepTop(_ k: Int) {
        guard k < tokens.count else { return }
        keep(selection.cut(of: logits, weights, reaching: Double(k)))
    }

    /// Gives every candidate its weight.
    mutating func weigh(_ scale: WeightScale) {
        let logits = logits  // a reference; the elements stay where they are
        logits.span.forEachLanes(logits.indices) { start, lanes in
            let lanes = scale.weights(lanes)
            for lane in 0..<min(Lanes.scalarCount, logits.count - start) {
                weights[start + lane] = lanes[lane]
            }
        }
    }

    /// Keeps the fewest candidates that hold so much weight, at least one; of equals, the lower
    /// ids.
    mutating func keepMass(_ mass: Double) {
        keep(selection.cut(of: logits, weights, reaching: mass))
    }

    /// Keeps what has at least so much weight.
    mutating func keep(weight: Float) {
        var kept = 0
        for i in tokens.indices where weights[i] >= weight {
            move(i, to: kept)
            kept += 1
        }
        truncate(to: kept)
    }

    var totalWeight: Double { weights.reduce(0) { $0 + Double($1) } }

    /// The candidate at the share `u` (0 ..< 1) of the weight, counted in order of id.
    func draw(_ u: Double) -> TokenID? {
        let target = u * totalWeight
        var sum = 0.0
        var last: TokenID?
        for i in tokens.indices {
            sum += Double(weights[i])
            last = tokens[i]
            if sum > target { break }
        }
        return last
    }

    private mutating func keep(_ cut: Selection.Cut) {
        var kept = 0
        var equals = cut.equals
        for i in tokens.indices where logits[i].sortKey >= cut.key {
            if logits[i].sortKey == cut.key {
                equals -= 1
                if equals < 0 { continue }
            }
            move(i, to: kept)
            kept += 1
        }
        truncate(to: kept)
    }

    private mutating func move(_ i: Int, to kept: Int) {
        tokens[kept] = tokens[i]
        logits[kept] = logits[i]
        weights[kept] = weights[i]
    }

    private mutating func truncate(to count: Int) {
        tokens.removeLast(tokens.count - count)
        logits.removeLast(logits.count - count)
        weights.removeLast(weights.count - count)
    }
}
