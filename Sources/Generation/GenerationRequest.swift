package import Core

/// One request, with everything the engine needs and nothing it must look up. Values are checked
/// by `Engine.submit`.
package struct GenerationRequest: Sendable {
    package var id: GenerationID
    package var tenant: TenantID
    package var prompt: [TokenID]
    /// Independent answers to the same prompt.
    package var choices = 1
    /// Tokens of each answer at most; the context may end it earlier.
    package var maxTokens: Int
    package var sampling = SamplingParameters()
    /// An answer ends before the first of these that appears in its text.
    package var stop: [String] = []
    /// How many alternatives to report per token; nil reports no log probabilities at all.
    package var topLogprobs: Int?
    /// Go on after an end-of-sequence token (benchmarks).
    package var ignoreEOS = false

    package init(
        id: GenerationID = .random(),
        tenant: TenantID = .local,
        prompt: [TokenID],
        maxTokens: Int
    ) {
        self.id = id
        self.tenant = tenant
        self.prompt = prompt
        self.maxTokens = maxTokens
    }
}

/// What became of a submitted request.
package enum Submission: Sendable {
    /// Events follow: `prefilled`, tokens, `ended`. Dropping the stream cancels the generation.
    case accepted(AsyncStream<GenerationEvent>)
    /// Nothing was computed and nothing will be.
    case rejected(SubmissionError)
}

/// Why a request cannot run.
package struct SubmissionError: Error, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        /// The prompt leaves no room for an answer in the context.
        case promptTooLong
        /// Prompt and answers do not fit the cache even alone.
        case tooLarge
        /// Too many requests wait already; try again later.
        case queueFull
        /// A field is out of range.
        case invalid
        /// The engine is ending.
        case shuttingDown
    }
    package var code: Code
    package var message: String
    /// Answers that wait, when the queue is full, and the seconds until one that came now would
    /// begin, if that can be told.
    package var waiting: Int?
    package var seconds: Double?
    package var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// - Parameters:
    ///   - open: requests that are running or waiting.
    ///   - waiting: answers that wait.
    static func queueFull(
        _ open: Int,
        waiting: Int,
        _ secondsPerPlace: Double?
    ) -> SubmissionError {
        let seconds = secondsPerPlace.map { ($0 * Double(waiting + 1)).rounded(.up) }
        let wait = seconds.map { ", about \(Int(min($0, 1e9))) seconds' work" } ?? ""
        var error = SubmissionError(
            .queueFull,
            "\(open) requests are running or waiting, \(waiting) answers in line\(wait); "
                + "try again later"
        )
        error.waiting = waiting
        error.seconds = seconds
        return error
    }
}
