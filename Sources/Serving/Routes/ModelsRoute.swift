internal import Core
internal import Generation
internal import Hummingbird

extension Endpoint {
    /// `GET /v1/models`
    static let models = Endpoint(method: .get, path: "/v1/models") { call in
        let data = call.state.models.map { $0.json(created: call.state.started) }
        return .json(["object": "list", "data": .array(data)])
    }

    /// `GET /v1/models/{id}`
    static let model = Endpoint(method: .get, path: "/v1/models/*") { call in
        let model = try call.state.model(named: call.rest)
        return .json(model.json(created: call.state.started))
    }
}

extension ServedModel {
    fileprivate func json(created: Int) -> JSON {
        [
            "id": .string(name),
            "object": "model",
            "created": .int(created),
            "owned_by": "tokenmill",
            "context_length": .int(engine.contextLength),
        ]
    }
}
