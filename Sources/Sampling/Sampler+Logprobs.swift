package import Core
import Glibc

extension Sampler {
    /// The lowest log probability reported, also for impossible tokens: JSON has no -infinity.
    package static let lowestLogprob: Float = -9999

    /// The log probability of `token` and of the `top` most likely tokens, most likely first, of
    /// equals the lower id first. From the model's own logits: before bias, penalties, temperature.
    package static func logprobs(
        _ logits: Span<Float>,
        token: TokenID,
        top: Int
    ) -> TokenLogprobs {
        var blocks = LogitBlocks()
        blocks.load(logits)
        let norm = logSumExp(logits, &blocks)
        let own = logits.indices.contains(Int(token)) ? usable(logits[Int(token)]) : -.infinity
        return TokenLogprobs(
            logprob: logprob(own, norm),
            top: highest(top, of: logits, &blocks).map {
                .init(token: $0.token, logprob: logprob($0.logit, norm))
            }
        )
    }

    private static func logprob(_ logit: Float, _ norm: Double) -> Float {
        // Also catches -inf - -inf, when no token is possible.
        let value = Float(Double(logit) - norm)
        return value > lowestLogprob ? min(value, 0) : lowestLogprob
    }

    /// NaN is impossible, infinity the largest number.
    private static func usable(_ logit: Float) -> Float {
        logit > -.infinity ? min(logit, .greatestFiniteMagnitude) : -.infinity
    }

    private static func logSumExp(_ logits: Span<Float>, _ blocks: inout LogitBlocks) -> Double {
        let best = usable(blocks.best)
        guard best > -.infinity else { return -.infinity }
        let scale = WeightScale(best: blocks.best, temperature: 1)
        return Double(best) + log(blocks.weigh(logits, scale))
    }

    /// Insertion into a short sorted list: nearly every token fails the first comparison.
    private static func highest(
        _ count: Int,
        of logits: Span<Float>,
        _ blocks: inout LogitBlocks
    ) -> [(token: TokenID, logit: Float)] {
        var list: [(token: TokenID, logit: Float)] = []
        guard count > 0 else { return list }
        func see(_ token: TokenID, _ logit: Float) {
            if list.count >= count, let last = list.last, logit <= last.logit { return }
            let place = list.firstIndex { $0.logit < logit } ?? list.count
            list.insert((token, logit), at: place)
            if list.count > count { list.removeLast() }
        }
        let bound = blocks.bound(count: count)
        if bound > -.infinity {
            blocks.forEach(logits, from: bound) { see($0, usable($1)) }
        } else {
            for i in logits.indices { see(TokenID(truncatingIfNeeded: i), usable(logits[i])) }
        }
        return list
    }
}
