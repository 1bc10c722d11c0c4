internal import Core
internal import HTTPTypes
internal import Hummingbird
internal import Logging

/// Finds the endpoint of a request, checks who calls, and words every failure.
struct RouteTable: HTTPResponder {
    typealias Context = CallContext

    static let all: [Endpoint] = [
        .chatCompletions,
        .completions,
        .models,
        .model,
        .generation,
        .health,
        .ready,
    ]

    let state: ServerState
    let endpoints: [Endpoint]

    func respond(to request: Request, context: CallContext) async throws -> Response {
        let requestID = "req-" + GenerationID.random().text.dropFirst(4)
        var response: Response
        do {
            response = try await answer(request, context, requestID)
        } catch {
            let error = OpenAIError(error)
            if error.status == .internalServerError {
                context.logger.error("\(requestID) \(request.uri.path): \(error.message)")
            }
            response = error.response
        }
        response.headers[.requestID] = requestID
        return request.method == .head ? response.withoutBody : response
    }

    private func answer(
        _ request: Request,
        _ context: CallContext,
        _ requestID: String
    ) async throws -> Response {
        let (endpoint, rest) = try find(request)
        let caller: Caller =
            switch endpoint.access {
            case .anybody: .nobody
            case .tenant: try await authenticate(request, channel: context.channel)
            }
        let call = Call(
            request: request,
            state: state,
            channel: context.channel,
            caller: caller,
            requestID: requestID,
            rest: rest
        )
        return try await endpoint.handle(call)
    }

    private func find(_ request: Request) throws(OpenAIError) -> (Endpoint, rest: String) {
        let path = request.uri.path
        let method = request.method == .head ? .get : request.method
        var allowed: [String] = []
        for endpoint in endpoints {
            guard let rest = endpoint.match(path) else { continue }
            if endpoint.method == method { return (endpoint, rest) }
            allowed.append(endpoint.method.rawValue)
        }
        guard allowed.isEmpty else {
            throw .methodNotAllowed(request.method.rawValue, path: path, allowed: allowed)
        }
        throw .noSuchPath(path)
    }
}

extension HTTPField.Name {
    static let requestID = named("x-request-id")
    static let generationID = named("x-generation-id")

    /// The names above are tokens; the fallback is for the type checker.
    private static func named(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .via }
}

extension Response {
    /// What answers HEAD where this answers GET.
    fileprivate var withoutBody: Response {
        var response = Response(status: status, headers: headers, body: ResponseBody())
        response.headers[.contentLength] = body.contentLength.map { String($0) }
        return response
    }
}
