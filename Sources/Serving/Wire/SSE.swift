internal import Core
internal import Hummingbird

/// Server-sent events, as OpenAI's clients read them.
enum SSE {
    /// Sent when nothing else was for a while, so that proxies keep the connection open.
    static let keepAlive = ByteBuffer(string: ": keep-alive\n\n")
    /// Says that the stream is complete.
    static let done = ByteBuffer(string: "data: [DONE]\n\n")

    /// One event. Compact JSON holds no line break, so one `data` line is enough.
    static func event(_ json: JSON) -> ByteBuffer {
        var buffer = ByteBuffer(string: "data: ")
        buffer.writeBytes(json.bytes())
        buffer.writeString("\n\n")
        return buffer
    }

    static func response(
        _ write: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Void
    ) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream; charset=utf-8",
                .cacheControl: "no-cache",
            ],
            body: ResponseBody(write)
        )
    }
}
