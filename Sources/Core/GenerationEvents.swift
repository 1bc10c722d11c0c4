/// Why a choice ended.
package enum FinishReason: String, Sendable {
    /// An end-of-sequence token or a stop string.
    case stop
    /// The token limit or the context's end.
    case length
    /// The client went away or asked to stop.
    case cancelled
    /// The engine could not go on; the event's generation carries the message.
    case failed
}

/// One generated token, as it goes on the books and then to the client.
package struct TokenEvent: Sendable {
    package var generation: GenerationID
    /// Which of the generation's `n` choices.
    package var choice: Int
    /// Position in the choice's output, from 0. (generation, choice, index) is unique for ever.
    package var index: Int
    package var token: TokenID
    /// Text this token releases: whole characters only, never part of a possible stop string.
    package var text: String
    package var logprobs: TokenLogprobs?
    /// Set on a choice's last token.
    package var finish: FinishReason?

    package init(
        generation: GenerationID,
        choice: Int,
        index: Int,
        token: TokenID,
        text: String,
        logprobs: TokenLogprobs? = nil,
        finish: FinishReason? = nil
    ) {
        self.generation = generation
        self.choice = choice
        self.index = index
        self.token = token
        self.text = text
        self.logprobs = logprobs
        self.finish = finish
    }
}

/// What happens to a generation, in order: `prefilled` once, tokens of its choices, `ended` once.
/// A generation cancelled or failed early may lack the first two.
package enum GenerationEvent: Sendable {
    /// The prompt is computed: from now on it is billed. `cachedTokens` of it were reused.
    case prefilled(GenerationID, promptTokens: Int, cachedTokens: Int)
    case token(TokenEvent)
    /// Every choice is over. Nothing follows.
    case ended(GenerationID, Ending)

    package enum Ending: Sendable, Equatable {
        case completed
        case cancelled
        /// Our fault or the machine's; the message is for the client.
        case failed(String)
    }

    package var generation: GenerationID {
        switch self {
        case .prefilled(let id, _, _): id
        case .token(let event): event.generation
        case .ended(let id, _): id
        }
    }
}

/// Where events become durable before anybody sees them (promise 2).
package protocol Journal: Sendable {
    /// Commits the events of one or more steps, in order, in one transaction. On return they are
    /// durable; on a throw none of them is, and the engine delivers none of them.
    func commit(_ events: [GenerationEvent]) throws
}
