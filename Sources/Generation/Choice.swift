internal import Core
internal import Sampling
internal import Tokenization

/// One answer in the making: picks its next token, turns tokens into text, knows when it is over.
struct Choice: Sendable {
    let generation: GenerationID
    let index: Int
    private var sampler: Sampler
    private var text: StreamingDetokenizer?
    private var stops: StopMatcher
    private let endTokens: Set<TokenID>
    private let topLogprobs: Int?
    private let maxTokens: Int
    private var produced = 0

    /// - Parameter maxTokens: the request's limit or what the context leaves.
    init(_ request: GenerationRequest, index: Int, maxTokens: Int, model: LanguageModel) {
        generation = request.id
        self.index = index
        self.maxTokens = maxTokens
        var parameters = request.sampling
        parameters.seed = Sampler.seed(parameters.seed, choice: index)
        sampler = Sampler(parameters, prompt: request.prompt)
        text = model.tokenizer?.stream()
        stops = StopMatcher(request.stop)
        endTokens = request.ignoreEOS ? [] : model.endTokens
        topLogprobs = request.topLogprobs
    }

    /// The next token from its logits, as the event that goes on the books; nil when the logits
    /// hold no number to pick by.
    mutating func next(_ logits: Span<Float>) -> TokenEvent? {
        guard let token = sampler.pick(logits) else { return nil }
        let (piece, finish) = accept(token)
        defer { produced += 1 }
        return TokenEvent(
            generation: generation,
            choice: index,
            index: produced,
            token: token,
            text: piece,
            logprobs: topLogprobs.map { Sampler.logprobs(logits, token: token, top: $0) },
            finish: finish
        )
    }

    private mutating func accept(_ token: TokenID) -> (String, FinishReason?) {
        if endTokens.contains(token) { return (rest(), .stop) }
        let (released, stopped) = stops.append(text?.append(token) ?? "")
        if stopped { return (released, .stop) }
        if produced + 1 >= maxTokens { return (released + rest(), .length) }
        return (released, nil)
    }

    /// Everything still held back, at the end. A stop string may complete only here, when the last
    /// bytes of a broken character become visible.
    private mutating func rest() -> String {
        let (released, stopped) = stops.append(text?.finish() ?? "")
        return stopped ? released : released + stops.finish()
    }
}
