internal import Core
internal import Metering

/// What a request consumed, as its events tell.
struct Usage: Equatable {
    var promptTokens = 0
    /// Part of `promptTokens`.
    var cachedTokens = 0
    var completionTokens = 0
    /// Nil until the ledger has settled it.
    var cost: NanoDollars?

    mutating func count(_ event: GenerationEvent) {
        switch event {
        case .prefilled(_, let prompt, let cached):
            promptTokens += prompt
            cachedTokens += cached
        case .token: completionTokens += 1
        case .ended: break
        }
    }

    /// OpenAI's names, and `cost` in dollars.
    var json: JSON {
        var object: JSONObject = [
            "prompt_tokens": .int(promptTokens),
            "completion_tokens": .int(completionTokens),
            "total_tokens": .int(promptTokens + completionTokens),
            "prompt_tokens_details": ["cached_tokens": .int(cachedTokens)],
        ]
        if let cost { object["cost"] = .string(cost.description) }
        return .object(object)
    }
}
