import ArgumentParser
import Core
import Generation

/// `tokenmill chat`: a conversation at the terminal.
struct ChatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Talk with a model."
    )

    @OptionGroup var model: ModelOptions
    @OptionGroup var compute: ComputeOptions
    @OptionGroup var drafts: DraftOptions
    @OptionGroup var books: LedgerOptions
    @OptionGroup var sampling: SamplingOptions

    @Option(help: "The system message.")
    var system: String?

    func run() async throws {
        let engine = try LocalEngine(
            model: model.model,
            compute: compute,
            drafts: drafts,
            ledger: books.open()
        )
        defer { engine.shutdown() }
        var session = try ChatSession(
            engine: engine,
            settings: ChatSettings(
                sampling: sampling.applied(to: engine.model.defaults),
                maxTokens: Limits.defaultMaxTokens
            ),
            stop: sampling.stop,
            system: system
        )
        try await session.run()
    }
}
