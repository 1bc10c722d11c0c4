import Core

/// Logit bias, and what a token costs because it was there before. Without any of them nothing is
/// remembered.
struct Penalties {
    private struct Seen {
        let token: TokenID
        /// Occurrences in the answer; the prompt's count for the repetition penalty alone.
        var generated: Int
    }

    private let parameters: SamplingParameters
    private let remembers: Bool
    private var seen: [Seen] = []
    /// Where in `seen` a token is.
    private var places: [TokenID: Int] = [:]

    init(_ parameters: SamplingParameters, prompt: [TokenID]) {
        self.parameters = parameters
        remembers =
            parameters.repetitionPenalty != 1 || parameters.presencePenalty != 0
            || parameters.frequencyPenalty != 0
        if parameters.repetitionPenalty != 1 {
            for token in prompt { _ = place(of: token) }
        }
    }

    /// Whether no logit would change.
    var areNone: Bool { !remembers && parameters.logitBias.isEmpty }

    mutating func record(_ token: TokenID) {
        guard remembers else { return }
        seen[place(of: token)].generated += 1
    }

    private mutating func place(of token: TokenID) -> Int {
        if let place = places[token] { return place }
        places[token] = seen.count
        seen.append(Seen(token: token, generated: 0))
        return seen.count - 1
    }

    /// Bias first, then repetition, then frequency and presence, as in vLLM. Ids outside the
    /// vocabulary are passed over.
    func apply(to logits: inout [Float]) {
        for (token, bias) in parameters.logitBias where logits.indices.contains(Int(token)) {
            logits[Int(token)] += bias
        }
        for entry in seen where logits.indices.contains(Int(entry.token)) {
            logits[Int(entry.token)] = penalised(logits[Int(entry.token)], entry.generated)
        }
    }

    private func penalised(_ logit: Float, _ generated: Int) -> Float {
        let penalty = parameters.repetitionPenalty
        let repeated = logit < 0 ? logit * penalty : logit / penalty
        guard generated > 0 else { return repeated }
        return repeated - parameters.frequencyPenalty * Float(generated)
            - parameters.presencePenalty
    }
}
