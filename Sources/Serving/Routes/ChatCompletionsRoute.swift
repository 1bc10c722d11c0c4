internal import ChatTemplates
internal import Core
internal import Generation
internal import Hummingbird
internal import Tokenization

extension Endpoint {
    /// `POST /v1/chat/completions`
    static let chatCompletions = Endpoint(method: .post, path: "/v1/chat/completions") { call in
        let body = try await call.body()
        let state = call.state
        let request = try await call.blocking { try ChatCompletionRequest(body, state) }
        return try await call.answer(request.job, request.shape)
    }
}

/// The body of `POST /v1/chat/completions`, checked, rendered and tokenised.
struct ChatCompletionRequest: Sendable {
    let job: Job
    let shape: ChatShape

    init(_ body: JSON, _ state: ServerState) throws {
        var reader = try RequestReader(body)
        let model = try state.model(&reader)
        guard let tokenizer = model.language.tokenizer else {
            throw OpenAIError.noTokenizer("model")
        }
        var fields = try GenerationFields(&reader, for: model)
        fields.maxTokens = try Self.maxTokens(&reader, fields.maxTokens)
        let topLogprobs = try Self.logprobs(&reader)
        let tools = try ChatTools(&reader)
        let chat = ChatRequest(
            messages: try ChatMessages.read(&reader),
            tools: tools.offered,
            variables: try Self.variables(&reader)
        )
        try Self.refuseUnsupported(&reader)
        try reader.finish()
        job = try Job(
            model: model,
            prompts: [try Self.tokens(chat, model)],
            fields: fields,
            topLogprobs: topLogprobs,
            param: "messages"
        )
        shape = ChatShape(
            choices: fields.choices,
            tokenizer: tokenizer,
            wantsLogprobs: topLogprobs != nil,
            tools: tools.names
        )
    }

    /// The new name and the old one mean the same, reasoning included.
    private static func maxTokens(
        _ reader: inout RequestReader,
        _ old: Int?
    ) throws(OpenAIError) -> Int? {
        let new = try reader.int("max_completion_tokens", in: 1...Int(Int32.max))
        if let new, let old, new != old {
            throw .invalid("max_tokens", "max_tokens and max_completion_tokens differ; give one")
        }
        return new ?? old
    }

    private static func logprobs(_ reader: inout RequestReader) throws(OpenAIError) -> Int? {
        let wanted = try reader.bool("logprobs") ?? false
        let top = try reader.int("top_logprobs", in: 0...Limits.topLogprobs)
        if top != nil && !wanted {
            throw .invalid("top_logprobs", "top_logprobs needs logprobs: true")
        }
        return wanted ? top ?? 0 : nil
    }

    /// Further variables for the template; those that the server sets are not for callers.
    private static func variables(
        _ reader: inout RequestReader
    ) throws(OpenAIError) -> JSONObject {
        guard let object = try reader.object("chat_template_kwargs") else { return JSONObject() }
        let own = ["messages", "tools", "add_generation_prompt", "bos_token", "eos_token"]
        if let key = object.keys.first(where: own.contains) {
            throw .unsupported(
                "chat_template_kwargs.\(key)",
                "chat_template_kwargs must not set \(key)"
            )
        }
        return object
    }

    private static func refuseUnsupported(_ reader: inout RequestReader) throws(OpenAIError) {
        if let modalities = reader.value("modalities"), modalities != ["text"] {
            throw .unsupported("modalities", "only the modality \"text\" is supported")
        }
    }

    private static func tokens(_ chat: ChatRequest, _ model: ServedModel) throws -> [TokenID] {
        guard model.language.template != nil else {
            throw OpenAIError.unsupported(
                "model",
                "the model \"\(model.name)\" has no chat template; use /v1/completions"
            )
        }
        return try model.language.tokens(of: chat)
    }
}
