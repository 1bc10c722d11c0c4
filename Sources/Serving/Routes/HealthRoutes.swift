internal import Core
internal import Hummingbird

extension Endpoint {
    /// `GET /healthz`: the process answers.
    static let health = Endpoint(method: .get, path: "/healthz", access: .anybody) { _ in
        .json(["status": "ok"])
    }

    /// `GET /readyz`: new requests are welcome.
    static let ready = Endpoint(method: .get, path: "/readyz", access: .anybody) { call in
        if call.state.running.isDraining { throw OpenAIError.shuttingDown }
        return .json(["status": "ready"])
    }
}
