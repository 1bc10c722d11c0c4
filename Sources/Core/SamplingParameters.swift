/// How the next token is picked from logits. Ranges are checked where requests enter.
package struct SamplingParameters: Sendable, Equatable {
    /// 0 picks the most likely token.
    package var temperature: Float = 1
    /// Keep the k most likely tokens; 0 keeps all.
    package var topK: Int = 0
    /// Keep the smallest set whose probabilities reach p.
    package var topP: Float = 1
    /// Drop tokens less likely than `minP` times the most likely.
    package var minP: Float = 0
    /// Divide positive (multiply negative) logits of tokens already in prompt or answer.
    package var repetitionPenalty: Float = 1
    /// Subtracted once from logits of tokens already generated.
    package var presencePenalty: Float = 0
    /// Subtracted per occurrence from logits of tokens already generated.
    package var frequencyPenalty: Float = 0
    /// Added to the logits of these tokens.
    package var logitBias: [TokenID: Float] = [:]
    /// Same seed, same request: same tokens. The engine draws one when the caller gives none.
    package var seed: UInt64 = 0

    package init() {}

    package static var greedy: SamplingParameters {
        var parameters = SamplingParameters()
        parameters.temperature = 0
        return parameters
    }
}

/// Log probabilities of one generated token and of the likeliest alternatives, natural log,
/// of the model's own distribution (before penalties, temperature and truncation).
package struct TokenLogprobs: Sendable, Equatable {
    package struct Alternative: Sendable, Equatable {
        package var token: TokenID
        package var logprob: Float
        package init(token: TokenID, logprob: Float) {
            self.token = token
            self.logprob = logprob
        }
    }
    package var logprob: Float
    package var top: [Alternative]
    package init(logprob: Float, top: [Alternative]) {
        self.logprob = logprob
        self.top = top
    }
}
