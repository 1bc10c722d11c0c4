import Core
import Execution
import Glibc
import Kernels

/// Negative log likelihoods, natural log.
enum Surprise {
    /// What the tokens after a step's tokens cost.
    /// - Parameters:
    ///   - position: where the step's first token is in `tokens`.
    ///   - logits: a row for each of the step's tokens, which predicts the token after it.
    static func sum(
        _ tokens: [TokenID],
        from position: Int,
        _ logits: Logits,
        _ pool: WorkerPool
    ) -> (tokens: Int, surprise: Double) {
        let count = min(logits.count, tokens.count - 1 - position)
        guard count > 0 else { return (0, 0) }
        let each = [Double](unsafeUninitializedCapacity: count) { values, initialized in
            let base = values.baseAddress
            pool.each(count) { row in
                let next = Int(tokens[position + row + 1])
                base?[row] = logits.withRow(row) { of(next, $0) }
            }
            initialized = count
        }
        return (count, each.reduce(0, +))
    }

    /// -log softmax(logits)[token].
    static func of(_ token: Int, _ logits: Span<Float>) -> Double {
        var highest = -Float.infinity
        for index in logits.indices { highest = max(highest, logits[index]) }
        var sum = 0.0
        for index in logits.indices { sum += Double(exp(logits[index] - highest)) }
        return log(sum) + Double(highest) - Double(logits[token])
    }
}
