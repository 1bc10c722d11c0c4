package import Core

/// What one generation produced.
package struct Answer: Sendable {
    package let promptTokens: Int
    package private(set) var cachedTokens = 0
    package private(set) var tokens: [TokenID] = []
    package private(set) var text = ""
    package private(set) var finish: FinishReason?
    /// Whether the generation's last event has come.
    package private(set) var isOver = false
    /// Dollars, as the ledger writes them.
    package var cost = "0"
    private let started = ContinuousClock.now
    private var firstToken: ContinuousClock.Instant?
    private var lastToken: ContinuousClock.Instant?

    package init(promptTokens: Int) { self.promptTokens = promptTokens }

    /// Takes the next event in.
    /// - Returns: the text it releases.
    /// - Throws: the reason when the generation failed.
    package mutating func add(_ event: GenerationEvent) throws(CLIError) -> String {
        if case .ended = event { isOver = true }
        switch event {
        case .prefilled(_, _, let cachedTokens):
            self.cachedTokens = cachedTokens
            return ""
        case .token(let event):
            let now = ContinuousClock.now
            firstToken = firstToken ?? now
            lastToken = now
            tokens.append(event.token)
            text += event.text
            finish = event.finish ?? finish
            return event.text
        case .ended(_, .completed): return ""
        case .ended(_, .cancelled):
            finish = .cancelled
            return ""
        case .ended(_, .failed(let message)): throw CLIError(.failed, message)
        }
    }

    /// Tokens per second after the first one; nil below two tokens.
    package var tokensPerSecond: Double? {
        guard tokens.count > 1, let firstToken, let lastToken, lastToken > firstToken else {
            return nil
        }
        return Double(tokens.count - 1) / ((lastToken - firstToken) / .seconds(1))
    }

    /// What `generate --json` prints.
    package var json: JSON {
        [
            "prompt_tokens": .int(promptTokens),
            "tokens": .array(tokens.map { .int(Int($0)) }),
            "text": .string(text),
            "finish_reason": finish.map { .string($0.rawValue) } ?? .null,
            "usage": [
                "prompt_tokens": .int(promptTokens),
                "completion_tokens": .int(tokens.count),
                "total_tokens": .int(promptTokens + tokens.count),
                "prompt_tokens_details": ["cached_tokens": .int(cachedTokens)],
                "cost": .string(cost),
            ],
        ]
    }
}
