import Core

/// Logits in blocks of 256, each known by its highest: most passes then look at few blocks only.
/// Buffers keep their size from use to use.
struct LogitBlocks {
    static let size = 256

    /// The highest logit of each block, -inf when no token in it is possible.
    private(set) var maxima: [Float] = []

    /// The highest of all, -inf when no token is possible.
    private(set) var best = -Float.infinity

    /// Starts over. NaN is no token.
    mutating func load(_ logits: Span<Float>) {
        load(logits, see: { _ in }, then: {})
    }

    /// Starts over, and adds up the weights of all tokens.
    mutating func load(_ logits: Span<Float>, _ scale: WeightScale) -> Double {
        var total = 0.0
        var sum = Lanes(repeating: 0)
        load(logits) { lanes in
            sum += scale.weights(lanes)
        } then: {
            total += Double(sum.sum())
            sum = Lanes(repeating: 0)
        }
        return total
    }

    /// - Parameters:
    ///   - see: takes in the logits of a block.
    ///   - then: comes after each block.
    @inline(__always) private mutating func load(
        _ logits: Span<Float>,
        see: (Lanes) -> Void,
        then: () -> Void
    ) {
        let blocks = (logits.count + Self.size - 1) / Self.size
        if maxima.count != blocks { maxima = Array(repeating: 0, count: blocks) }
        best = -.infinity
        for block in 0..<blocks {
            maxima[block] = Self.highest(block, logits, see)
            best = max(best, maxima[block])
            then()
        }
    }

    /// The highest of a block, -inf when there is none.
    @inline(__always) static func highest(
        _ block: Int,
        _ logits: Span<Float>,
        _ see: (Lanes) -> Void = { _ in }
    ) -> Float {
        var highest = Lanes(repeating: -.infinity)
        logits.forEachLanes(range(block, logits.count)) { _, lanes in
            highest = highest.highest(lanes)
            see(lanes)
        }
        return highest.highest
    }

    /// The ids of a block.
    static func range(_ block: Int, _ count: Int) -> Range<Int> {
        block * size..<min((block + 1) * size, count)
    }

    /// The first of the highest; nil when no token is possible.
    func firstOfBest(_ logits: Span<Float>) -> TokenID? {
        guard best > -.infinity, let block = maxima.firstIndex(of: best) else { return nil }
        for i in Self.range(block, logits.count) where logits[i] == best {
            return TokenID(truncatingIfNeeded: i)
        }
        return nil
    }

    /// Calls `body` for the possible tokens whose logits reach `bound`, in order of id.
    @inline(__always) func forEach(
        _ logits: Span<Float>,
        from bound: Float,
        _ body: (TokenID, Float) -> Void
    ) {
        let bound = max(bound, -.greatestFiniteMagnitude)
        for block in maxima.indices where maxima[block] >= bound {
            logits.forEachLanes(Self.range(block, logits.count)) { start, lanes in
                guard any(lanes .>= bound) else { return }
                for i in 0..<Lanes.scalarCount where lanes[i] >= bound {
                    body(TokenID(truncatingIfNeeded: start + i), lanes[i])
                }
            }
        }
    }

    // MARK: The highest so many

    /// A logit that at least `count` tokens reach, and most often not many more; -inf when there
    /// are not so many tokens, or it would take long to find.
    func bound(count: Int, _ logits: Span<Float>) -> Float {
        guard best > -.infinity else { return -.infinity }
        let lowest = maxima.reduce(best) { $1 > -.infinity ? min($0, $1) : $0 }
        if let bound = Self.bound(count, maxima.span, lowest, best) { return bound }
        // Not so many blocks: look at the tokens, further and further down.
        var width = max(best - lowest, 1)
        for _ in 0..<Self.widenings {
            if let bound = Self.bound(count, logits, best - width, best) { return bound }
            width *= 2
        }
        return -.infinity
    }

    /// How often to look further down, and to halve what may hold the bound.
    private static let widenings = 4
    private static let halvings = 12

    /// A value from `low` to `high` that at least `count` of the values reach, nil when they do
    /// not reach `low`.
    private static func bound(
        _ count: Int,
        _ values: Span<Float>,
        _ low: Float,
        _ high: Float
    ) -> Float? {
        var (low, high) = (low, high)
        var reached = values.count(reaching: low)
        guard reached >= count else { return nil }
        for _ in 0..<halvings where reached > 2 * count {
            let middle = low + (high - low) / 2
            let reaching = values.count(reaching: middle)
            if reaching < count { high = middle } else { (low, reached) = (middle, reaching) }
        }
        return low
    }
}
