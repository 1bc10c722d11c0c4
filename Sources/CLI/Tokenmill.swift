package import ArgumentParser
import Glibc

/// The `tokenmill` program.
@main
package struct Tokenmill: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "tokenmill",
        abstract: "Runs open-weight language models on CPUs and puts every token on the books.",
        discussion: """
            MODEL is a Hugging Face folder (config.json, *.safetensors, tokenizer.json), a GGUF file \
            or a pulled OWNER/NAME. Without -m a command uses the model that ships with Tokenmill.
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Generate",
                subcommands: [ChatCommand.self, GenerateCommand.self, ServeCommand.self]
            ),
            CommandGroup(
                name: "Get models",
                subcommands: [PullCommand.self, ModelsCommand.self, QuantizeCommand.self]
            ),
            CommandGroup(
                name: "Look inside",
                subcommands: [
                    TokenizeCommand.self, DetokenizeCommand.self, TemplateCommand.self,
                    LogitsCommand.self, PerplexityCommand.self, BenchCommand.self,
                    InspectCommand.self,
                ]
            ),
            CommandGroup(
                name: "Keep the books",
                subcommands: [
                    KeysCommand.self, CreditsCommand.self, PricesCommand.self, UsageCommand.self,
                    LedgerCommand.self,
                ]
            ),
        ]
    )

    package init() {}

    static func main() async {
        // A reader that goes away is an error to report from `write`, not a reason to die in the
        // middle of a generation that has to be settled.
        signal(SIGPIPE, SIG_IGN)
        Glibc.exit(await run(Array(CommandLine.arguments.dropFirst())))
    }

    /// Runs one command line, without the program's name, and returns the exit status:
    /// 0 done, 1 failed, 2 usage.
    package static func run(_ arguments: [String]) async -> Int32 {
        do {
            var command = try parseAsRoot(arguments)
            if var waiting = command as? any AsyncParsableCommand {
                try await waiting.run()
            } else {
                try command.run()
            }
            return 0
        } catch {
            return report(error, arguments)
        }
    }

    private static func report(_ error: any Error, _ arguments: [String]) -> Int32 {
        let outcome = Outcome(of: error, arguments)
        guard outcome.status == 0 else {
            Terminal.note("tokenmill: \(outcome.message)")
            return outcome.status
        }
        do {
            try Terminal.write(outcome.message + "\n")
            return 0
        } catch {
            return 1
        }
    }
}

/// What an error means to whoever started the program.
package struct Outcome: Equatable {
    package var status: Int32
    /// One line for standard error; for status 0 (`--help`) the whole text for standard output.
    package var message: String

    package init(status: Int32, message: String) {
        self.status = status
        self.message = message
    }

    package init(of error: any Error, _ arguments: [String]) {
        let parserStatus = Tokenmill.exitCode(for: error)
        if let error = error as? CLIError {
            status = error.code.rawValue
            message = Self.oneLine(error.message)
        } else if parserStatus == .success {
            status = 0
            message = Tokenmill.fullMessage(for: error)
        } else if parserStatus == .validationFailure {
            status = 2
            message = Self.oneLine(Tokenmill.message(for: error)) + Self.hint(arguments)
        } else {
            status = 1
            message = Self.oneLine(String(describing: error))
        }
    }

    /// What is wrong with a command line; nil when it can run.
    package static func parsing(_ arguments: [String]) -> Outcome? {
        do {
            _ = try Tokenmill.parseAsRoot(arguments)
            return nil
        } catch {
            return Outcome(of: error, arguments)
        }
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// Where to read more; names the subcommand if there is one.
    private static func hint(_ arguments: [String]) -> String {
        let names = Tokenmill.configuration.subcommands.compactMap { $0.configuration.commandName }
        let command = arguments.first.flatMap { names.contains($0) ? " " + $0 : nil } ?? ""
        return "; see: tokenmill\(command) --help"
    }
}
