/// What a step takes, learnt from steps that were measured. A value without a clock: who has one
/// tells it what passed.
///
/// A step's size is its tokens and, at `sampledWeight` tokens each, the rows whose logits it gives.
/// Sizes fall into classes, four to each doubling; a class remembers a moving average of its steps,
/// and between two of them time grows in a straight line.
package struct StepCost: Sendable {
    private struct Point {
        var size: Double
        var seconds: Double
        /// Number of the observation that touched it last.
        var latest: Int
    }

    /// Share of a new observation in the average. Disturbances only ever make a step longer, so
    /// what is shorter is believed sooner.
    private static let weight = (shorter: 0.5, longer: 0.25)
    /// A step that takes longer than this many times what is known was disturbed.
    private static let disturbed = 2.0
    /// Observations after which a point that was not seen again is too old to be believed.
    private static let lifetime = 256
    /// The same for the floor that others are measured by.
    private static let floorLifetime = 64
    /// The same for who wants to find out: so seldom that trying costs next to nothing.
    private static let hopefulLifetime = 100
    /// How many times the largest size known is hoped to take no longer.
    private static let hope = 1.5
    private static let classes = 80

    private let sampledWeight: Double
    private var points: [Point?]
    private var observations = 0

    /// - Parameter sampledWeight: what a row of logits costs, as a share of a token: the output
    ///   head's weights over all others'.
    package init(sampledWeight: Double) {
        self.sampledWeight = sampledWeight.isFinite ? max(0, sampledWeight) : 0
        points = Array(repeating: nil, count: Self.classes)
    }

    /// Takes in a step of `tokens` of which `rows` gave logits.
    package mutating func observe(tokens: Int, rows: Int, seconds: Double) {
        guard tokens > 0, seconds > 0, seconds.isFinite else { return }
        observations += 1
        let size = size(tokens, rows)
        let place = Self.place(of: size)
        guard var point = points[place], isFresh(point, Self.lifetime) else {
            points[place] = Point(size: size, seconds: seconds, latest: observations)
            return
        }
        let believed = min(seconds, point.seconds * Self.disturbed)
        let weight = believed < point.seconds ? Self.weight.shorter : Self.weight.longer
        point.size += (size - point.size) * weight
        point.seconds += (believed - point.seconds) * weight
        point.latest = observations
        points[place] = point
    }

    /// About what such a step will take, more rather than less among the sizes seen lately; nil while
    /// nothing is known.
    package func seconds(tokens: Int, rows: Int) -> Double? {
        seconds(size: size(tokens, rows), free: 1, Self.lifetime)
    }

    /// Whether a step of about that size or a smaller one was measured; else `seconds` is too little
    /// where a step takes much the same however few its tokens are.
    package func hasFloor(tokens: Int, rows: Int) -> Bool {
        // All of its class count: else averages that lie beside it could hide it for ever.
        points[...Self.place(of: size(tokens, rows))].contains {
            isKnown($0, from: 0, to: .infinity, Self.floorLifetime)
        }
    }

    /// `seconds` for who wants to find out: as if a size somewhat larger than the largest that was
    /// seen lately took no longer.
    package func hopefulSeconds(tokens: Int, rows: Int) -> Double? {
        seconds(size: size(tokens, rows), free: Self.hope, Self.hopefulLifetime)
    }

    /// The most tokens of a step with `rows` rows of logits that takes no longer than `limit`;
    /// at most `most`.
    package func tokens(within limit: Double, rows: Int, most: Int) -> Int {
        var low = 0
        var high = most
        while low < high {
            let middle = low + (high - low + 1) / 2
            if (seconds(tokens: middle, rows: rows) ?? 0) <= limit {
                low = middle
            } else {
                high = middle - 1
            }
        }
        return low
    }

    /// - Parameter free: how many times the largest known size takes no longer than that.
    private func seconds(size: Double, free: Double, _ lifetime: Int) -> Double? {
        let place = Self.place(of: size)
        let below = points[...place].last { isKnown($0, from: 0, to: size, lifetime) } ?? nil
        let above =
            points[place...].first { isKnown($0, from: size, to: .infinity, lifetime) } ?? nil
        switch (below, above) {
        case (let below?, let above?): return Self.between(below, above, size)
        case (let below?, nil):
            let beyond = max(0, size / free - below.size)
            return below.seconds + beyond * secondsPerUnit(beyond: below)
        // Smaller steps are read off proportionally: too little makes callers careful.
        case (nil, let above?): return above.seconds * size / above.size
        case (nil, nil): return nil
        }
    }

    /// What each unit adds to a step larger than any seen lately: no more than the units of the
    /// largest took, and no more than those of larger steps did, however long ago. A few tokens wait
    /// for memory, which many share, and would hide for ever how cheap more of them are.
    private func secondsPerUnit(beyond point: Point) -> Double {
        var least = point.seconds / point.size
        for case let larger? in points where larger.size >= point.size {
            least = min(least, larger.seconds / larger.size)
        }
        return least
    }

    private static func between(_ a: Point, _ b: Point, _ size: Double) -> Double {
        guard b.size > a.size else { return a.seconds }
        let share = (size - a.size) / (b.size - a.size)
        return a.seconds + share * (b.seconds - a.seconds)
    }

    private func isKnown(
        _ point: Point?,
        from low: Double,
        to high: Double,
        _ lifetime: Int
    ) -> Bool {
        guard let point else { return false }
        return isFresh(point, lifetime) && point.size >= low && point.size <= high
    }

    private func isFresh(_ point: Point, _ lifetime: Int) -> Bool {
        observations - point.latest < lifetime
    }

    private func size(_ tokens: Int, _ rows: Int) -> Double {
        Double(tokens) + sampledWeight * Double(rows)
    }

    /// The class of a size: the exponent and the next two bits.
    private static func place(of size: Double) -> Int {
        let whole = max(1, Int(min(size, 0x1p19)))
        guard whole >= 4 else { return whole }
        let log = Int.bitWidth - 1 - whole.leadingZeroBitCount
        return min(classes - 1, log * 4 + (whole >> (log - 2) & 3))
    }
}
