import Core

/// Logits in blocks of 256, each known by its highest: most passes then look at few blocks only.
/// Buffers keep their size from use to use.
struct LogitBlocks {
    private static let size = 256

    /// The highest logit of each block, -inf when no token in it is possible.
    private(set) var maxima: [Float] = []
    /// Of each block, the sum of the weights.
    private var sums: [Double] = []
    /// Blocks by their highest logit.
    private var bins = [Int](repeating: 0, count: 128)

    /// The highest of all, -inf when no token is possible.
    private(set) var best = -Float.infinity

    /// Starts over. NaN is no token.
    mutating func load(_ logits: Span<Float>) {
        maxima.removeAll(keepingCapacity: true)
        best = -.infinity
        for start in stride(from: 0, to: logits.count, by: Self.size) {
            let highest = Self.highest(logits, start, min(start + Self.size, logits.count))
            maxima.append(highest)
            if highest > best { best = highest }
        }
    }

    private static func highest(_ logits: Span<Float>, _ start: Int, _ end: Int) -> Float {
        var highest = Lanes(repeating: -.infinity)
        for i in stride(from: start, to: end, by: Lanes.scalarCount) {
            let lanes = logits.lanes(from: i)
            highest.replace(with: lanes, where: lanes .> highest)
        }
        return highest.max()
    }

    /// The first of the highest; nil when no token is possible.
    func firstOfBest(_ logits: Span<Float>) -> TokenID? {
        guard best > -.infinity, let block = maxima.firstIndex(of: best) else { return nil }
        for i in range(block, logits.count) where logits[i] == best {
            return TokenID(truncatingIfNeeded: i)
        }
        return nil
    }

    /// A logit that at least `count` tokens reach, not far below the highest such; -inf when it
    /// would take long to find.
    mutating func bound(count: Int) -> Float {
        let lowest = maxima.reduce(Float.infinity) { $1 > -.infinity ? min($0, $1) : $0 }
        let width = best - lowest
        guard count > 0, count <= maxima.count, width > 0, width.isFinite else { return -.infinity }
        for bin in bins.indices { bins[bin] = 0 }
        for highest in maxima where highest > -.infinity { bins[bin(highest, lowest, width)] += 1 }
        var found = 0
        for bin in bins.indices.reversed() {
            found += bins[bin]
            if found >= count {
                return maxima.reduce(best) {
                    $1 < $0 && $1 > -.infinity && self.bin($1, lowest, width) >= bin ? $1 : $0
                }
            }
        }
        return -.infinity
    }

    private func bin(_ logit: Float, _ lowest: Float, _ width: Float) -> Int {
        Int((logit - lowest) / width * Float(bins.count - 1))
    }

    /// Calls `body` for the possible tokens whose logits reach `bound`, in order of id.
    func forEach(_ logits: Span<Float>, from bound: Float, _ body: (TokenID, Float) -> Void) {
        for block in maxima.indices where maxima[block] >= bound && maxima[block] > -.infinity {
            for i in range(block, logits.count) where logits[i] >= bound && logits[i] > -.infinity {
                body(TokenID(truncatingIfNeeded: i), logits[i])
            }
        }
    }

    // MARK: Weights

    /// Adds up the weights of all tokens.
    mutating func weigh(_ logits: Span<Float>, _ scale: WeightScale) -> Double {
        sums.removeAll(keepingCapacity: true)
        var total = 0.0
        for block in maxima.indices {
            let sum = Self.weight(logits, range(block, logits.count), scale)
            sums.append(sum)
            total += sum
        }
        return total
    }

    private static func weight(
        _ logits: Span<Float>,
        _ range: Range<Int>,
        _ scale: WeightScale
    ) -> Double {
        var sum = Lanes(repeating: 0)
        for i in stride(from: range.lowerBound, to: range.upperBound, by: Lanes.scalarCount) {
            sum += scale.weights(logits.lanes(from: i))
        }
        return Double(sum.sum())
    }

    /// The token at the share `u` (0 ..< 1) of all weight, counted in order of id.
    /// - Precondition: `weigh` came before, with the same logits and scale.
    func draw(_ u: Double, _ logits: Span<Float>, _ scale: WeightScale) -> TokenID? {
        let target = u * sums.reduce(0, +)
        var sum = 0.0
        var last: Int?
        for block in sums.indices where sums[block] > 0 {
            last = block
            if sum + sums[block] > target { break }
            sum += sums[block]
        }
        guard let last else { return nil }
        return draw(target - sum, in: range(last, logits.count), logits, scale)
    }

    /// Lanes of a block in order; rounding may leave the target just beyond the last.
    private func draw(
        _ target: Double,
        in range: Range<Int>,
        _ logits: Span<Float>,
        _ scale: WeightScale
    ) -> TokenID? {
        var sum = 0.0
        var last: TokenID?
        for i in stride(from: range.lowerBound, to: range.upperBound, by: Lanes.scalarCount) {
            let weights = scale.weights(logits.lanes(from: i))
            for lane in 0..<Lanes.scalarCount where weights[lane] > 0 {
                last = TokenID(truncatingIfNeeded: i + lane)
                sum += Double(weights[lane])
                if sum > target { return last }
            }
        }
        return last
    }

    private func range(_ block: Int, _ count: Int) -> Range<Int> {
        block * Self.size..<min((block + 1) * Self.size, count)
    }
}

/// Turns logits into unnormalised probabilities: `exp((logit - best) / temperature)`.
struct WeightScale {
    private let best: Float
    private let inverse: Float
    private let isInfinite: Bool

    /// Colder is not told apart: all but the best have no weight then.
    private static let coldest: Float = 1e-6

    init(best: Float, temperature: Float) {
        self.best = min(best, .greatestFiniteMagnitude)
        isInfinite = best == .infinity
        inverse = 1 / max(temperature, Self.coldest)
    }

    /// 0 for what is no token. Infinity counts as the largest number.
    @inline(__always) func weights(_ logits: Lanes) -> Lanes {
        if isInfinite { return ((finite(logits) - best) * inverse).exponential }
        return ((logits - best) * inverse).exponential
    }

    private func finite(_ logits: Lanes) -> Lanes {
        let largest = Lanes(repeating: .greatestFiniteMagnitude)
        return logits.replacing(with: largest, where: logits .> largest)
    }

    /// The logit at which weights are `e^-distance`; -inf where that is none.
    func logit(_ distance: Float) -> Float {
        let logit = best - distance / inverse
        return logit.isFinite ? logit : -.infinity
    }
}
