internal import AsyncAlgorithms
internal import Core
internal import Generation

/// What an endpoint asks an engine for: one generation per prompt.
struct Job: Sendable {
    let model: ServedModel
    let prompts: [[TokenID]]
    let fields: GenerationFields
    /// Alternatives to report per token; nil reports no log probabilities.
    let topLogprobs: Int?

    /// Checks that every prompt and its answer fit the context.
    /// - Parameter param: the request's field that the prompts came from.
    init(
        model: ServedModel,
        prompts: [[TokenID]],
        fields: GenerationFields,
        topLogprobs: Int?,
        param: String
    ) throws(OpenAIError) {
        self.model = model
        self.prompts = prompts
        self.fields = fields
        self.topLogprobs = topLogprobs
        for prompt in prompts { try check(prompt.count, param) }
    }

    /// Answer tokens at most, per choice.
    func maxTokens(prompt: [TokenID]) -> Int {
        fields.maxTokens ?? min(Limits.defaultMaxTokens, model.engine.contextLength - prompt.count)
    }

    func request(
        _ prompt: [TokenID],
        id: GenerationID,
        tenant: TenantID
    ) -> GenerationRequest {
        var request = GenerationRequest(
            id: id,
            tenant: tenant,
            prompt: prompt,
            maxTokens: maxTokens(prompt: prompt)
        )
        request.choices = fields.choices
        request.sampling = fields.sampling
        request.stop = fields.stop
        request.ignoreEOS = fields.ignoreEOS
        request.topLogprobs = topLogprobs
        return request
    }

    /// Nothing is cut: what does not fit is refused, with both counts.
    private func check(_ promptTokens: Int, _ param: String) throws(OpenAIError) {
        if promptTokens == 0 {
            throw .invalid(param, "\(param) has no tokens; give at least one")
        }
        let context = model.engine.contextLength
        let answer = fields.maxTokens ?? 1
        guard promptTokens > context - min(answer, context) else { return }
        let wanted = fields.maxTokens.map { " and max_tokens asks for \($0) more" } ?? ""
        throw .invalid(
            param,
            "this model's context holds \(context) tokens, answer included; the prompt has "
                + "\(promptTokens) tokens\(wanted). Shorten the prompt or lower max_tokens",
            code: "context_length_exceeded"
        )
    }
}

/// A job whose generations the engine has accepted. It counts as running while somebody holds it.
final class RunningJob: Sendable {
    enum Item: Sendable {
        /// An event of the generation of prompt number `prompt`.
        case event(prompt: Int, GenerationEvent)
        /// Nothing came for a while.
        case quiet
        /// A generation's events are over.
        case closed
    }

    let ids: [GenerationID]
    private let engine: Engine
    private let streams: [AsyncStream<GenerationEvent>]
    private let registry: RunningGenerations

    init(
        engine: Engine,
        accepted: [(GenerationID, AsyncStream<GenerationEvent>)],
        registry: RunningGenerations
    ) {
        self.engine = engine
        self.registry = registry
        ids = accepted.map(\.0)
        streams = accepted.map(\.1)
        registry.add(ids, on: engine)
    }

    deinit { registry.remove(ids) }

    /// Names the job: its first generation.
    var id: GenerationID { ids.first ?? GenerationID("") }

    /// Ends all generations within a step. What was produced stays on the books.
    func cancel() { for id in ids { engine.cancel(id) } }

    /// Gives `body` every event, one at a time, as fast as it takes them. To be called once. When
    /// `body` throws, everything is cancelled.
    /// - Parameter quietAfter: how long nothing must come for a `quiet`.
    /// - Returns: why a generation did not complete, or nil when all did.
    func run(
        quietAfter: Duration,
        _ body: (Item) async throws -> Void
    ) async throws -> OpenAIError? {
        let items = AsyncChannel<Item>()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            for (prompt, stream) in streams.enumerated() {
                group.addTask {
                    for await event in stream { await items.send(.event(prompt: prompt, event)) }
                    await items.send(.closed)
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: quietAfter)
                    await items.send(.quiet)
                }
            }
            return try await follow(items, body)
        }
    }

    private func follow(
        _ items: AsyncChannel<Item>,
        _ body: (Item) async throws -> Void
    ) async throws -> OpenAIError? {
        var open = streams.count
        var ended = 0
        var isQuiet = true
        for await item in items {
            switch item {
            case .event(_, .ended(_, let ending)):
                try await body(item)
                ended += 1
                if let error = OpenAIError(ending) { return error }
            case .event:
                isQuiet = false
                try await body(item)
            case .quiet:
                if isQuiet { try await body(item) }
                isQuiet = true
            case .closed:
                open -= 1
                if open == 0 { return ended == streams.count ? nil : .cutOff }
            }
        }
        return .cutOff
    }
}
