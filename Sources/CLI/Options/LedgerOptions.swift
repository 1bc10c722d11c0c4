import ArgumentParser
import Metering

/// Where the books are kept.
struct LedgerOptions: ParsableArguments {
    @Option(
        help: "The ledger's file. (default: tokenmill/ledger.sqlite in the user's data folder)"
    )
    var ledger: String?

    /// Opens the ledger, and makes one where there is none yet. Generations of processes that died
    /// are settled on the way.
    func open() throws -> Ledger {
        if ledger == nil {
            Files.makeFolder(of: try Paths.current.ledger())
        }
        let ledger = try Ledger(path: path())
        try ledger.recover()
        return ledger
    }

    /// The same, but a ledger that is not there is an error: nothing could be read from it.
    func openExisting() throws -> Ledger {
        let path = try path()
        guard Files.exists(path) else {
            throw CLIError(.failed, "there is no ledger \(path); name it with --ledger PATH")
        }
        return try open()
    }

    private func path() throws(CLIError) -> String {
        if let ledger { return ledger }
        return try Paths.current.ledger()
    }
}
