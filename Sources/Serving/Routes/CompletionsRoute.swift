internal import Core
internal import Generation
internal import Hummingbird
internal import Tokenization

extension Endpoint {
    /// `POST /v1/completions`
    static let completions = Endpoint(method: .post, path: "/v1/completions") { call in
        let body = try await call.body()
        let state = call.state
        let request = try await call.blocking { try CompletionRequest(body, state) }
        return try await call.answer(request.job, request.shape)
    }
}

/// The body of `POST /v1/completions`, checked and tokenised.
struct CompletionRequest: Sendable {
    let job: Job
    let shape: TextShape

    init(_ body: JSON, _ state: ServerState) throws(OpenAIError) {
        var reader = try RequestReader(body)
        let model = try state.model(&reader)
        let fields = try GenerationFields(&reader, for: model)
        let topLogprobs = try reader.int("logprobs", in: 0...Limits.topLogprobs)
        let echo = try reader.bool("echo") ?? false
        let prompts = try Self.prompts(&reader, model)
        try Self.refuseUnsupported(&reader, choices: fields.choices)
        try reader.finish()
        if echo && topLogprobs != nil {
            throw .unsupported("echo", "echo with logprobs is not supported; leave one out")
        }
        job = try Job(
            model: model,
            prompts: prompts,
            fields: fields,
            topLogprobs: topLogprobs,
            param: "prompt"
        )
        let tokenizer = model.language.tokenizer
        let texts = prompts.flatMap { prompt in
            let text = echo ? tokenizer?.decode(prompt, skipSpecial: false) ?? "" : ""
            return Array(repeating: text, count: fields.choices)
        }
        shape = TextShape(
            tokenizer: tokenizer,
            wantsLogprobs: topLogprobs != nil,
            beginnings: texts
        )
    }

    private static func refuseUnsupported(
        _ reader: inout RequestReader,
        choices: Int
    ) throws(OpenAIError) {
        if reader.value("suffix") != nil {
            throw .unsupported("suffix", "suffix is not supported; leave it out")
        }
        if let best = reader.value("best_of"), best.int != choices {
            throw .unsupported("best_of", "best_of is not supported; leave it out or make it n")
        }
    }

    // MARK: prompts

    /// A string, an array of strings, an array of tokens, or an array of arrays of tokens.
    private static func prompts(
        _ reader: inout RequestReader,
        _ model: ServedModel
    ) throws(OpenAIError) -> [[TokenID]] {
        guard let value = reader.value("prompt") else { throw reader.missing("prompt") }
        if value.string != nil { return [try prompt(value, "prompt", model)] }
        guard let array = value.array, let first = array.first else {
            throw wrongType("prompt")
        }
        if first.int != nil { return [try tokens(value, "prompt", model)] }
        guard array.count <= Limits.promptsPerRequest else {
            throw .invalid(
                "prompt",
                "prompt has \(array.count) prompts, at most \(Limits.promptsPerRequest)"
            )
        }
        var prompts: [[TokenID]] = []
        for (index, element) in array.enumerated() {
            prompts.append(try prompt(element, "prompt[\(index)]", model))
        }
        return prompts
    }

    private static func prompt(
        _ value: JSON,
        _ path: String,
        _ model: ServedModel
    ) throws(OpenAIError) -> [TokenID] {
        guard let text = value.string else { return try tokens(value, path, model) }
        guard let tokenizer = model.language.tokenizer else { throw .noTokenizer(path) }
        do throws(TokenizationError) {
            return try tokenizer.encode(RenderedPrompt.input(text), addSpecial: true)
        } catch {
            throw OpenAIError(error, at: path)
        }
    }

    private static func tokens(
        _ value: JSON,
        _ path: String,
        _ model: ServedModel
    ) throws(OpenAIError) -> [TokenID] {
        guard let array = value.array else { throw wrongType(path) }
        let size = model.language.vocabularySize
        var tokens: [TokenID] = []
        for element in array {
            guard let id = element.int else { throw wrongType(path) }
            guard (0..<size).contains(id) else {
                throw .invalid(path, "\(path): token \(id) is out of range, 0 to \(size - 1)")
            }
            tokens.append(TokenID(id))
        }
        return tokens
    }

    private static func wrongType(_ path: String) -> OpenAIError {
        .invalid(
            path,
            "\(path) must be a string, an array of strings, or arrays of tokens",
            code: "invalid_type"
        )
    }
}
