/// The smallest set of tokens that holds a share of all weight (top-p, Holtzman et al. 2020). It is
/// never listed: whether a token belongs to it follows from the weight of what is better than the
/// token.
struct Nucleus {
    /// Above 0 and below 1.
    let share: Double

    /// Whether what is better than `drawn` has less than the share.
    /// - Parameter bounds: of each block, what no weight in it exceeds.
    func contains(
        _ drawn: Drawn,
        _ logits: Span<Float>,
        _ maxima: [Float],
        _ bounds: [Float],
        _ scale: WeightScale
    ) -> Bool {
        // Most often rough weights tell, for half of the work.
        let rough = Tally(share: share, error: Lanes.roughError, unit: Lanes.roughUnit)
        let verdict = rough.verdict(drawn, logits, maxima, bounds) { scale.roughWeights($0) }
        if let verdict { return verdict }
        let exact = Tally(share: share, error: 0, unit: 1)
        return exact.verdict(drawn, logits, maxima, bounds) { scale.weights($0) } ?? false
    }
}

/// What is known of the weights, block by block.
private struct Tally {
    let share: Double
    /// How far sums may be off, relatively.
    let error: Double
    /// What sums are multiplied by.
    let unit: Double
    /// Of what is better than the token in question.
    var better = 0.0
    var weight = 0.0
    /// At most so much is in the blocks not looked at.
    var rest = 0.0

    init(share: Double, error: Double, unit: Double) {
        self.share = share
        self.error = error
        self.unit = unit
    }

    /// Nil when it is too close to call.
    private var verdict: Bool? {
        // The best always belong.
        if better == 0 || better * (1 + error) < share * weight * (1 - error) { return true }
        if better * (1 - error) >= share * (weight * (1 + error) + rest) { return false }
        return nil
    }

    /// Looks at the blocks with tokens that are better, then at the others until what they hold at
    /// most makes no difference.
    @inline(__always) func verdict(
        _ drawn: Drawn,
        _ logits: Span<Float>,
        _ maxima: [Float],
        _ bounds: [Float],
        _ weigh: (Lanes) -> Lanes
    ) -> Bool? {
        var tally = self
        for block in maxima.indices {
            if maxima[block] >= drawn.logit {
                let weights = LogitBlocks.weights(block, betterThan: drawn, logits, weigh)
                tally.better += weights.better * unit
                tally.weight += weights.all * unit
            } else {
                tally.rest += Double(bounds[block]) * Double(LogitBlocks.size)
            }
        }
        for block in maxima.indices where maxima[block] < drawn.logit {
            if let verdict = tally.verdict { return verdict }
            tally.weight += LogitBlocks.weight(block, logits, weigh) * unit
            tally.rest -= Double(bounds[block]) * Double(LogitBlocks.size)
        }
        tally.rest = 0
        return tally.verdict
    }
}
