internal import Core
internal import HTTPTypes
internal import Hummingbird
internal import Metering
internal import NIOCore
internal import NIOPosix

/// What Hummingbird makes for each request: we keep its channel.
struct CallContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}

/// One request on its way through an endpoint.
struct Call: Sendable {
    let request: Request
    let state: ServerState
    let channel: any Channel
    /// Whoever the key belongs to.
    let caller: Caller
    /// Names this request in headers, logs and the ledger.
    let requestID: String
    /// What the endpoint's `*` stands for in the path, or empty.
    let rest: String

    /// The request's body, read and parsed within the limits.
    func body() async throws -> JSON {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }),
            length > Limits.requestBodyBytes
        {
            throw OpenAIError.bodyTooLarge
        }
        let buffer = try await received(within: state.limits.body)
        return try JSON(
            parsing: buffer.readableBytesView,
            maxDepth: Limits.jsonDepth,
            maxNodes: Limits.requestJSONNodes
        )
    }

    private func received(within limit: Duration) async throws -> ByteBuffer {
        let body = request.body
        return try await withThrowingTaskGroup(of: ByteBuffer.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                do {
                    return try await body.collect(upTo: Limits.requestBodyBytes)
                } catch is NIOTooManyBytesError {
                    throw OpenAIError.bodyTooLarge
                } catch {
                    throw OpenAIError.bodyBroken("\(error)")
                }
            }
            group.addTask {
                try await Task.sleep(for: limit)
                throw OpenAIError.bodyTooSlow
            }
            return try await group.next() ?? ByteBuffer()
        }
    }

    /// Runs work that computes or waits for the disk on a thread that may do so.
    func blocking<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(work)
    }

    /// Calls `handler` once when the client goes away, or at once if it is gone; nil ends that.
    func onClose(_ handler: (@Sendable () -> Void)?) async {
        let watch = try? await channel.pipeline.handler(type: ConnectionWatch.self).get()
        // A closed channel has no handlers left.
        guard let watch else { return handler?() ?? () }
        watch.onClose(handler)
    }
}
