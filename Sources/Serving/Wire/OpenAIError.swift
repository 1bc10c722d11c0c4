internal import Core
internal import HTTPTypes
internal import Hummingbird

/// A refusal as the client sees it: an HTTP status and OpenAI's error object.
struct OpenAIError: Error, Equatable {
    var status: HTTPResponse.Status
    /// OpenAI's family of the error, such as `invalid_request_error`.
    var type: String
    /// The request field that is wrong, as a path: `messages[0].content`.
    var param: String?
    var code: String?
    /// What is wrong and what to do.
    var message: String
    var retryAfterSeconds: Int?

    init(
        _ status: HTTPResponse.Status,
        type: String = "invalid_request_error",
        param: String? = nil,
        code: String? = nil,
        _ message: String,
        retryAfterSeconds: Int? = nil
    ) {
        self.status = status
        self.type = type
        self.param = param
        self.code = code
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// A field with a value that cannot be used.
    static func invalid(
        _ param: String?,
        _ message: String,
        code: String? = "invalid_value"
    ) -> OpenAIError {
        OpenAIError(.badRequest, param: param, code: code, message)
    }

    /// A field, or a value of it, that this server does not honour. Nothing is silently ignored.
    static func unsupported(_ param: String, _ message: String) -> OpenAIError {
        invalid(param, message, code: "unsupported_parameter")
    }

    /// The body of the response, or the data of a stream's last event.
    var json: JSON {
        [
            "error": [
                "message": .string(message),
                "type": .string(type),
                "param": param.map(JSON.string) ?? .null,
                "code": code.map(JSON.string) ?? .null,
            ]
        ]
    }

    var response: Response {
        var response = Response.json(json, status: status)
        if let retryAfterSeconds {
            response.headers[.retryAfter] = String(retryAfterSeconds)
        }
        if status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }
}

extension Response {
    static func json(_ json: JSON, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes()))
        )
    }
}
