internal import Generation
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import Logging
package import Metering
internal import NIOCore
internal import NIOSSL
internal import ServiceLifecycle
internal import UnixSignals

/// What a server serves, and where.
package struct ServerConfiguration: Sendable {
    /// PEM files.
    package struct TLS: Sendable {
        package var certificateFile: String
        package var keyFile: String

        package init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// An address of this machine, or a name of one.
    package var host: String
    /// 0 takes a free port.
    package var port: Int
    package var models: [ServedModel]
    package var ledger: Ledger
    package var tls: TLS?
    package var limits = ServerLimits()

    package init(
        host: String = "127.0.0.1",
        port: Int = 8080,
        models: [ServedModel],
        ledger: Ledger,
        tls: TLS? = nil
    ) {
        self.host = host
        self.port = port
        self.models = models
        self.ledger = ledger
        self.tls = tls
    }
}

/// Why a server does not start.
package struct ServerError: Error, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        /// The address is open to others but nobody needs a key.
        case noKeys
        case noModels
        /// Two models have one name.
        case duplicateModel
        /// A TLS file cannot be used.
        case badTLS
        /// The address cannot be listened on.
        case cannotListen
    }
    package var code: Code
    package var message: String
    package var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// The OpenAI-compatible HTTP server.
package struct Server: Sendable {
    private let configuration: ServerConfiguration
    private let state: ServerState

    /// Checks what can be checked before listening.
    package init(_ configuration: ServerConfiguration) throws {
        self.configuration = configuration
        state = ServerState(
            models: configuration.models,
            ledger: configuration.ledger,
            limits: configuration.limits
        )
        if configuration.models.isEmpty { throw ServerError(.noModels, "no model to serve") }
        let names = configuration.models.map(\.name)
        for name in names where names.count(where: { $0 == name }) > 1 {
            throw ServerError(
                .duplicateModel,
                "two models are named \"\(name)\"; serve each name once"
            )
        }
        guard try Loopback.contains(host: configuration.host) || configuration.ledger.hasKeys()
        else {
            throw ServerError(
                .noKeys,
                "\(configuration.host) can be reached by others, but the ledger has no keys; "
                    + "create one with `tokenmill keys create` or listen on 127.0.0.1"
            )
        }
    }

    /// Serves until SIGTERM or SIGINT, or until the surrounding task is cancelled. Answers in
    /// progress may then go on for a while, and are cancelled at last. The engines end with the
    /// server, so that everything they did is on the books.
    /// - Parameter listening: called once with the port, as soon as clients can connect.
    package func run(listening: @escaping @Sendable (Int) -> Void = { _ in }) async throws {
        let logger = self.logger
        let service = DrainingService(
            state: state,
            application: try application(logger, listening: listening)
        )
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [service],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        defer { for model in configuration.models { model.engine.shutdown() } }
        do {
            try configuration.ledger.recover()
            try await Self.run(group)
        } catch let error as IOError {
            throw ServerError(
                .cannotListen,
                "cannot listen on \(configuration.host):\(configuration.port): \(error)"
            )
        }
    }

    /// In a task of its own, for cancellation is to let answers finish, too.
    private static func run(_ group: ServiceGroup) async throws {
        try await withTaskCancellationHandler {
            try await Task { try await group.run() }.value
        } onCancel: {
            Task { await group.triggerGracefulShutdown() }
        }
    }

    private var logger: Logger {
        var logger = Logger(label: "tokenmill") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        return logger
    }

    private func application(
        _ logger: Logger,
        listening: @escaping @Sendable (Int) -> Void
    ) throws -> some Service {
        Application(
            responder: RouteTable(state: state, endpoints: RouteTable.all),
            server: try builder(),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                serverName: "tokenmill",
                availableConnectionsDelegate: .maximum(
                    configuration.limits.connections,
                    logger: logger
                )
            ),
            onServerRunning: { channel in
                listening(channel.localAddress?.port ?? configuration.port)
            },
            logger: logger
        )
    }

    private func builder() throws -> HTTPServerBuilder {
        let limits = configuration.limits
        let plain = HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [ConnectionWatch(limits: limits)],
                idleTimeout: TimeAmount(limits.idle),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerFieldBytes,
                    maxHeaderListSize: limits.headerBytes,
                    maxHeaderFieldCount: limits.headerFields
                )
            )
        )
        guard let tls = configuration.tls else { return plain }
        do {
            return try .tls(plain, tlsConfiguration: Self.configuration(tls))
        } catch {
            throw ServerError(
                .badTLS,
                "cannot use \(tls.certificateFile) with \(tls.keyFile) for TLS: \(error)"
            )
        }
    }

    private static func configuration(
        _ tls: ServerConfiguration.TLS
    ) throws -> TLSConfiguration {
        let certificates = try NIOSSLCertificate.fromPEMFile(tls.certificateFile)
        let key = try NIOSSLPrivateKey(file: tls.keyFile, format: .pem)
        return .makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
    }
}

/// Runs the application; when the signal to end comes, gives answers in progress some time.
private struct DrainingService<Application: Service>: Service {
    let state: ServerState
    let application: Application

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await application.run()
        } onGracefulShutdown: {
            state.running.beginDraining()
            Task {
                try? await Task.sleep(for: state.limits.drain)
                state.running.cancelAll()
            }
        }
    }
}
