internal import Core
package import Generation
internal import HTTPTypes
internal import Metering
internal import Synchronization

/// A model under the name that clients ask for.
package struct ServedModel: Sendable {
    package let name: String
    package let engine: Engine

    /// - Parameter name: nil takes the model's own.
    package init(name: String? = nil, engine: Engine) {
        self.name = name ?? engine.model.name
        self.engine = engine
    }

    var language: LanguageModel { engine.model }
}

/// What all requests share.
final class ServerState: Sendable {
    let models: [ServedModel]
    let ledger: Ledger
    let limits: ServerLimits
    let running = RunningGenerations()
    /// Seconds since 1970.
    let started = UnixTime.now()

    init(models: [ServedModel], ledger: Ledger, limits: ServerLimits) {
        self.models = models
        self.ledger = ledger
        self.limits = limits
    }

    func model(named name: String) throws(OpenAIError) -> ServedModel {
        if let model = models.first(where: { $0.name == name }) { return model }
        throw OpenAIError(
            .notFound,
            param: "model",
            code: "model_not_found",
            "the model \"\(name.prefix(100))\" does not exist; GET /v1/models lists the models"
        )
    }
}

/// The generations in progress, so that a server that ends can end them.
final class RunningGenerations: Sendable {
    private struct State {
        var engines: [GenerationID: Engine] = [:]
        var draining = false
    }
    private let state = Mutex(State())

    /// Whether the server is ending and takes no new work.
    var isDraining: Bool { state.withLock { $0.draining } }

    func beginDraining() { state.withLock { $0.draining = true } }

    func add(_ ids: [GenerationID], on engine: Engine) {
        state.withLock { state in
            for id in ids { state.engines[id] = engine }
        }
    }

    func remove(_ ids: [GenerationID]) {
        state.withLock { state in
            for id in ids { state.engines[id] = nil }
        }
    }

    /// Cancels what still runs; each client gets an error as the end of its answer.
    func cancelAll() {
        let engines = state.withLock { $0.engines }
        for (id, engine) in engines { engine.cancel(id) }
    }
}
