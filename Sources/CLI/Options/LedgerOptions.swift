import ArgumentParser
import Metering

/// Where the books are kept.
struct LedgerOptions: ParsableArguments {
    @Option(help: "The ledger's file. (default: tokenmill/ledger.sqlite in the user's data folder)")
    var ledger: String?

    /// Opens the ledger, and creates the default one where there is none yet.
    func open() throws -> Ledger {
        if let ledger { return try Ledger(path: ledger) }
        let path = try Paths.current.ledger()
        Files.makeFolder(path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 })
        return try Ledger(path: path)
    }
}
