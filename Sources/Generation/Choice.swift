internal import Core
internal import Sampling
internal import Scheduling
internal import Tokenization

/// One answer in the making: picks its next token, turns tokens into text, knows when it is over.
final class Choice {  // of the engine's thread
    let generation: GenerationID
    let index: Int
    /// When it was first part of a step.
    private(set) var started: ContinuousClock.Instant?
    private(set) var draftHistory = DraftHistory()
    private let prompt: [TokenID]
    private let speculates: Bool
    /// Made with the first token: a request that waits needs none.
    private var lookup: PromptLookup?
    private var sampler: Sampler
    private var text: StreamingDetokenizer?
    private var stops: StopMatcher
    private let endTokens: Set<TokenID>
    private let topLogprobs: Int?
    private let maxTokens: Int
    private var produced = 0

    /// - Parameters:
    ///   - maxTokens: the request's limit or what the context leaves.
    ///   - speculates: whether drafts will be asked for.
    ///   - scratch: the engine thread's.
    init(
        _ request: GenerationRequest,
        index: Int,
        maxTokens: Int,
        model: LanguageModel,
        speculates: Bool,
        scratch: SamplerScratch
    ) {
        generation = request.id
        self.index = index
        self.maxTokens = maxTokens
        self.speculates = speculates
        prompt = request.prompt
        var parameters = request.sampling
        parameters.seed = Sampler.seed(parameters.seed, choice: index)
        sampler = Sampler(parameters, prompt: request.prompt, scratch: scratch)
        text = model.tokenizer?.stream()
        stops = StopMatcher(request.stop)
        endTokens = request.ignoreEOS ? [] : model.endTokens
        topLogprobs = request.topLogprobs
    }

    func start(at now: ContinuousClock.Instant) {
        if started == nil { started = now }
    }

    /// The next token from its logits, as the event that goes on the books; nil when the logits
    /// hold no number to pick by.
    func next(_ logits: Span<Float>) -> TokenEvent? {
        guard let token = sampler.pick(logits) else { return nil }
        let (piece, finish) = accept(token)
        learn(token)
        defer { produced += 1 }
        return TokenEvent(
            generation: generation,
            choice: index,
            index: produced,
            token: token,
            text: piece,
            logprobs: topLogprobs.map { sampler.logprobs(logits, token: token, top: $0) },
            finish: finish
        )
    }

    // MARK: Drafts

    /// How many tokens, at most `most`, can be guessed to follow what there is.
    func draftsAvailable(_ most: Int) -> Int {
        lookup?.available(most) ?? 0
    }

    func draft(_ count: Int, into drafts: inout [TokenID]) {
        lookup?.draft(count, into: &drafts)
    }

    /// Takes in what became of a step's drafts.
    func note(drafted: Int, accepted: Int) {
        draftHistory.observe(drafted: drafted, accepted: accepted)
    }

    private func learn(_ token: TokenID) {
        guard speculates else { return }
        if lookup == nil { lookup = PromptLookup(prompt, room: maxTokens) }
        lookup?.append(token)
    }

    // MARK: Text

    private func accept(_ token: TokenID) -> (String, FinishReason?) {
        if endTokens.contains(token) { return (rest(), .stop) }
        let (released, stopped) = stops.append(text?.append(token) ?? "")
        if stopped { return (released, .stop) }
        if produced + 1 >= maxTokens { return (released + rest(), .length) }
        return (released, nil)
    }

    /// Everything still held back, at the end. A stop string may complete only here, when the last
    /// bytes of a broken character become visible.
    private func rest() -> String {
        let (released, stopped) = stops.append(text?.finish() ?? "")
        return stopped ? released : released + stops.finish()
    }
}
