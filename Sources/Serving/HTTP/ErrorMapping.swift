internal import ChatTemplates
internal import Core
internal import Generation
internal import Hummingbird
internal import Metering
internal import Tokenization

// Every failure's HTTP status and OpenAI words are chosen here.

extension OpenAIError {
    init(_ error: any Error) {
        switch error {
        case let error as OpenAIError: self = error
        case let error as JSONError:
            self = .invalid(nil, "the body is not JSON: \(error)", code: "invalid_json")
        case let error as TemplateError: self.init(error)
        case let error as TokenizationError: self.init(error, at: "messages")
        case let error as SubmissionError: self.init(error)
        case let error as LedgerError: self.init(error)
        default: self = .internalError("\(error)")
        }
    }

    init(_ error: TemplateError) {
        let reason = error.code == .raised ? error.message : error.description
        self = .invalid(
            "messages",
            "the chat template refused the messages: \(reason)",
            code: "invalid_messages"
        )
    }

    /// - Parameter param: the field that holds the text.
    init(_ error: TokenizationError, at param: String) {
        self = .invalid(param, error.message, code: "text_too_complex")
    }

    init(_ error: SubmissionError) {
        switch error.code {
        case .promptTooLong:
            self = .invalid("prompt", error.message, code: "context_length_exceeded")
        case .tooLarge: self = .invalid("n", error.message, code: "request_too_large")
        case .invalid: self = .invalid(nil, error.message)
        case .queueFull:
            self = .overloaded(error.message)
            retryAfterSeconds = error.seconds.map { Int(min(max($0, 1), 3600)) } ?? 5
        case .shuttingDown: self = .shuttingDown
        }
    }

    init(_ error: LedgerError) {
        switch error.code {
        case .insufficientCredit:
            self.init(
                .tooManyRequests,
                type: "insufficient_quota",
                code: "credit_balance_exhausted",
                error.message
            )
        case .locked: self = .overloaded(error.message)
        case .invalid, .overflow: self = .invalid(nil, error.message)
        default: self = .internalError(error.message)
        }
    }

    /// Nil for a generation that completed.
    init?(_ ending: GenerationEvent.Ending) {
        switch ending {
        case .completed: return nil
        case .cancelled:
            self.init(
                .serviceUnavailable,
                type: "server_error",
                code: "generation_cancelled",
                "the generation was cancelled before its end; what it produced is billed"
            )
        case .failed(let message):
            self.init(
                .internalServerError,
                type: "server_error",
                code: "generation_failed",
                message
            )
        }
    }

    // MARK: refusals by name

    static let bodyTooLarge = OpenAIError(
        .contentTooLarge,
        code: "request_too_large",
        "the body has more than \(Limits.requestBodyBytes) bytes"
    )

    static func bodyBroken(_ reason: String) -> OpenAIError {
        OpenAIError(.badRequest, code: "invalid_body", "the body could not be read: \(reason)")
    }

    static let bodyTooSlow = OpenAIError(
        .requestTimeout,
        code: "request_timeout",
        "the body did not arrive in time; send it faster"
    )

    static let invalidKey = OpenAIError(
        .unauthorized,
        code: "invalid_api_key",
        "a valid API key is needed, as the header Authorization: Bearer KEY"
    )

    static let shuttingDown = OpenAIError(
        .serviceUnavailable,
        type: "server_error",
        code: "server_is_overloaded",
        "the server is shutting down; try again in a moment",
        retryAfterSeconds: 5
    )

    static let cutOff = OpenAIError(
        .internalServerError,
        type: "server_error",
        code: "generation_failed",
        "the answer's events ended too early; try again"
    )

    static func overloaded(_ message: String) -> OpenAIError {
        OpenAIError(
            .serviceUnavailable,
            type: "server_error",
            code: "server_is_overloaded",
            message,
            retryAfterSeconds: 5
        )
    }

    static func internalError(_ message: String) -> OpenAIError {
        OpenAIError(
            .internalServerError,
            type: "server_error",
            code: "internal_error",
            message
        )
    }

    static func noTokenizer(_ param: String) -> OpenAIError {
        .unsupported(param, "this model has no tokenizer; send token ids to /v1/completions")
    }

    static func noSuchPath(_ path: String) -> OpenAIError {
        OpenAIError(
            .notFound,
            code: "unknown_url",
            "there is nothing at \(path.prefix(200))"
        )
    }

    static func methodNotAllowed(
        _ method: String,
        path: String,
        allowed: [String]
    ) -> OpenAIError {
        OpenAIError(
            .methodNotAllowed,
            code: "method_not_allowed",
            "\(method) is not allowed for \(path); use \(allowed.joined(separator: " or "))"
        )
    }
}
