import ArgumentParser
import Generation
import Serving

/// `tokenmill serve`: the OpenAI-compatible HTTP server.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve models over HTTP, as OpenAI's API does.",
        discussion: """
            While the ledger holds no keys, the server answers on this machine only, as tenant \
            'local'. Create a key with: tokenmill keys create
            """
    )

    @Option(name: [.short, .long], help: "A model folder; may be repeated.")
    var model: [String] = []

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(parsing: .unconditional, help: "The port to listen on; 0 takes a free one.")
    var port = 8080

    @Option(help: "A PEM file with the certificate chain.")
    var tlsCert: String?

    @Option(help: "A PEM file with the certificate's key.")
    var tlsKey: String?

    @Option(parsing: .unconditional, help: "Sequences computed at the same time.")
    var maxSequences: Int?

    @Option(
        parsing: .unconditional,
        help: "Tokens the cache holds, all sequences together. (default: by free memory)"
    )
    var cacheTokens: Int?

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var drafts: DraftOptions
    @OptionGroup var books: LedgerOptions

    func validate() throws {
        try Check.range(port, 0...65535, "--port")
        try Check.range(maxSequences, 1...4096, "--max-sequences")
        try Check.atLeastOne(cacheTokens, "--cache-tokens")
        guard (tlsCert == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-cert and --tls-key go together")
        }
    }

    func run() async throws {
        let ledger = try books.open()
        let given: [String?] = model.isEmpty ? [nil] : model
        var configuration = ServerConfiguration(
            host: host,
            port: port,
            models: try given.map { name in
                let engine = try Engine(
                    model: compute.load(name),
                    options: engineOptions,
                    journal: ledger
                )
                return ServedModel(engine: engine)
            },
            ledger: ledger
        )
        if let tlsCert, let tlsKey {
            configuration.tls = .init(certificateFile: tlsCert, keyFile: tlsKey)
        }
        let address = (tlsCert == nil ? "http://" : "https://") + urlHost
        try await Server(configuration).run { port in
            Terminal.note("listening on \(address):\(port)")
        }
    }

    private var engineOptions: EngineOptions {
        var options = EngineOptions()
        options.contextLength = compute.context
        options.cacheTokens = cacheTokens
        options.draftTokens = drafts.draftTokens
        if let maxSequences { options.maxSequences = maxSequences }
        return options
    }

    /// IPv6 addresses stand in brackets (RFC 3986, section 3.2.2).
    private var urlHost: String { host.contains(":") ? "[\(host)]" : host }
}
