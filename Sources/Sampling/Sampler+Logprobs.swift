package import Core

extension Sampler {
    /// The lowest log probability reported, also for impossible tokens: JSON has no -infinity.
    package static let lowestLogprob: Float = -9999

    /// The log probability of `token` and of the `top` most likely tokens, most likely first, of
    /// equals the lower id first. From the model's own logits: before bias, penalties, temperature.
    package func logprobs(_ logits: Span<Float>, token: TokenID, top: Int) -> TokenLogprobs {
        scratch.logprobs(logits, token: token, top: top)
    }
}

extension LogitBlocks {
    /// The highest so many, of equals the lower ids first; impossible tokens come last.
    ///
    /// Insertion into a short sorted list: nearly every token fails the first comparison.
    func highest(_ count: Int, of logits: Span<Float>) -> [(token: TokenID, logit: Float)] {
        guard count > 0 else { return [] }
        var list: [(token: TokenID, logit: Float)] = []
        func see(_ token: TokenID, _ logit: Float) {
            if list.count >= count, let last = list.last, logit <= last.logit { return }
            let place = list.firstIndex { $0.logit < logit } ?? list.count
            list.insert((token, logit), at: place)
            if list.count > count { list.removeLast() }
        }
        let bound = bound(count: count, logits)
        if bound > -.infinity {
            forEach(logits, from: bound, see)
        } else {
            for i in logits.indices {
                let logit = logits[i] > -.infinity ? logits[i] : -.infinity
                see(TokenID(truncatingIfNeeded: i), logit)
            }
        }
        return list
    }
}
