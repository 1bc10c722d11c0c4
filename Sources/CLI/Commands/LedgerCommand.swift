import ArgumentParser
import Core
import Metering

/// `tokenmill ledger`: the books themselves.
struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Check the books, or write them out.",
        subcommands: [Verify.self, Export.self]
    )

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add the books up again; fails when something is wrong."
        )

        @OptionGroup var books: LedgerOptions

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            let report = try books.openExisting().verify()
            if json {
                try Terminal.write(report.json.text() + "\n")
            } else {
                try Terminal.write(report.problems.map { $0 + "\n" }.joined() + report.summary)
            }
            guard report.isClean else {
                throw CLIError(
                    .failed,
                    "the ledger has \(report.problems.count) problems; restore a backup"
                )
            }
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write every transfer as a line of JSON, in order."
        )

        @OptionGroup var books: LedgerOptions

        func run() throws {
            try books.openExisting().export { line in
                try Terminal.write(line.text() + "\n")
            }
        }
    }
}

extension VerificationReport {
    fileprivate var summary: String {
        let state = isClean ? "in order" : "NOT in order"
        return "\(state): \(transfers) transfers, \(generations) generations, \(tokens) tokens\n"
    }

    fileprivate var json: JSON {
        [
            "clean": .bool(isClean),
            "transfers": .int(transfers),
            "generations": .int(generations),
            "tokens": .int(tokens),
            "problems": .array(problems.map { .string($0) }),
        ]
    }
}
