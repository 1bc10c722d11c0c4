import ChatTemplates
import Core
import Generation
import Metering
import Tokenization

/// A model on this machine whose tokens go on the books of tenant `local`: what `chat` and
/// `generate` run on.
struct LocalEngine {
    let model: LanguageModel
    private let engine: Engine
    private let ledger: Ledger

    init(
        model name: String?,
        compute: ComputeOptions,
        drafts: DraftOptions,
        ledger: Ledger
    ) throws {
        model = try compute.load(name)
        self.ledger = ledger
        var options = EngineOptions()
        options.contextLength = compute.context
        options.maxSequences = 1
        options.draftTokens = drafts.draftTokens
        engine = try Engine(model: model, options: options, journal: ledger)
    }

    /// Positions that prompt and answer share.
    var contextLength: Int { engine.contextLength }

    /// Generates one answer, giving its text to `show` piece by piece.
    /// - Throws: a refusal that says what to change, or what stopped the generation.
    func answer(
        to prompt: [TokenID],
        maxTokens: Int,
        sampling: SamplingParameters,
        stop: [String] = [],
        interrupts: Interrupts,
        show: (String) throws -> Void
    ) async throws -> Answer {
        var request = GenerationRequest(prompt: prompt, maxTokens: maxTokens)
        request.sampling = sampling
        request.stop = stop
        let id = request.id
        let events = try submit(request)
        interrupts.onInterrupt { [engine] in engine.cancel(id) }
        var answer = Answer(promptTokens: prompt.count)
        do {
            for await event in events {
                try show(answer.add(event))
            }
        } catch {
            engine.cancel(id)
            for await _ in events {}
            throw error
        }
        guard answer.isOver else {
            throw CLIError(.failed, "the generation was cut off; try again")
        }
        answer.cost = try ledger.generation(id, tenant: .local)?.cost.description ?? "0"
        return answer
    }

    /// The ids of a plain prompt, with what the model puts before every text (such as BOS).
    func encode(text: String) throws -> [TokenID] {
        try tokenizer().encode(.input(text), addSpecial: true)
    }

    /// The ids of a conversation, ready for the assistant's answer.
    func encode(messages: [JSON]) throws -> [TokenID] {
        _ = try tokenizer()
        guard model.template != nil else {
            throw CLIError(.failed, "\(model.name) has no chat template; leave --chat out")
        }
        return try model.tokens(of: ChatRequest(messages: messages))
    }

    private func tokenizer() throws(CLIError) -> Tokenizer {
        guard let tokenizer = model.tokenizer else {
            throw CLIError(
                .failed,
                "\(model.name) has no tokenizer.json; give the prompt with --tokens"
            )
        }
        return tokenizer
    }

    /// Tokens that fit after a prompt, at least 1 so that the engine can refuse what does not fit.
    func room(after promptTokens: Int, atMost limit: Int) -> Int {
        max(1, min(limit, contextLength - promptTokens))
    }

    private func submit(_ request: GenerationRequest) throws -> AsyncStream<GenerationEvent> {
        try ledger.reserve(
            Reservation(
                generation: request.id,
                model: model.name,
                promptTokens: request.prompt.count,
                maxTokensPerChoice: request.maxTokens
            )
        )
        switch engine.submit(request) {
        case .accepted(let events): return events
        case .rejected(let error):
            try ledger.void(request.id)
            throw CLIError(.failed, error.message)
        }
    }

    /// Waits until nothing runs any more.
    func shutdown() { engine.shutdown() }
}
