package import Core

/// A sequence to run: its prompt and how many tokens may follow.
package struct SequenceRequest: Sendable {
    package var id: SequenceID
    /// Prefixes are shared inside one tenant only.
    package var tenant: TenantID
    package var prompt: [TokenID]
    /// Tokens to generate at most, at least 1.
    package var maxTokens: Int
    /// The tenant's share of the engine, beside others'; above 0. The latest request's counts.
    package var weight: Double

    package init(
        id: SequenceID,
        tenant: TenantID,
        prompt: [TokenID],
        maxTokens: Int,
        weight: Double = 1
    ) {
        self.id = id
        self.tenant = tenant
        self.prompt = prompt
        self.maxTokens = maxTokens
        self.weight = weight > 0 && weight.isFinite ? weight : 1
    }
}

/// What `Scheduler.submit` answers. A rejected sequence leaves no trace.
package enum Admission: Sendable, Equatable {
    case queued
    case rejected(Rejection)

    /// Checked in this order; the first that applies is the answer.
    package enum Rejection: Sendable, Equatable {
        /// There is nothing to compute logits from.
        case emptyPrompt
        /// `maxTokens` is below 1.
        case noTokensWanted
        /// Prompt and answer exceed the whole cache, which holds `capacity` tokens.
        case tooLarge(capacity: Int)
        /// The id is that of a sequence still here.
        case duplicate
        /// `limit` sequences wait already; later there may be room.
        case queueFull(limit: Int)
    }
}
