internal import Core
internal import Hummingbird
internal import Metering

extension Endpoint {
    /// `GET /v1/generations/{id}`: what one generation of the caller's tenant consumed and cost,
    /// also after a restart.
    static let generation = Endpoint(method: .get, path: "/v1/generations/*") { call in
        let id = GenerationID(call.rest), tenant = call.caller.tenant, ledger = call.state.ledger
        guard let record = try await call.blocking({ try ledger.generation(id, tenant: tenant) })
        else {
            throw OpenAIError(
                .notFound,
                param: "id",
                code: "generation_not_found",
                "there is no generation \(call.rest.prefix(100))"
            )
        }
        return .json(record.json)
    }
}
