/// The smallest set of tokens that holds a share of all weight (top-p, Holtzman et al. 2020). It is
/// never listed: whether a token belongs to it follows from the weight of what is better than the
/// token.
struct Nucleus {
    private let share: Double

    init(share: Float) { self.share = Double(share) }

    /// Whether what is better than `drawn` has less than the share. Looks at the blocks with such
    /// tokens, and at the others until what they hold at most makes no difference.
    func contains(
        _ drawn: Drawn,
        _ blocks: LogitBlocks,
        _ bounds: [Float],
        _ logits: Span<Float>,
        _ scale: WeightScale
    ) -> Bool {
        var better = 0.0
        var weight = 0.0
        var rest = 0.0
        for block in blocks.maxima.indices {
            if blocks.maxima[block] >= drawn.logit {
                let weights = blocks.weights(block, betterThan: drawn, logits, scale)
                better += weights.better
                weight += weights.all
            } else {
                rest += Double(bounds[block]) * Double(LogitBlocks.size)
            }
        }
        for block in blocks.maxima.indices where blocks.maxima[block] < drawn.logit {
            if better < share * weight { return true }
            if better >= share * (weight + rest) { return false }
            weight += blocks.weight(block, logits, scale)
            rest -= Double(bounds[block]) * Double(LogitBlocks.size)
        }
        return better < share * weight
    }
}
