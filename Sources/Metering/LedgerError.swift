internal import GRDB

/// Why the ledger refused or could not do something, in one line that says what to do.
package struct LedgerError: Error, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The file's folder does not exist.
        case missingFolder
        /// The file or its folder cannot be read and written by this user.
        case notWritable
        /// The file is something else than a ledger.
        case notALedger
        /// A newer Tokenmill has written the file.
        case newerSchema
        /// Another process kept the file locked for longer than the busy timeout.
        case locked
        case diskFull
        /// The file does not hold what it must; `verify` lists what is wrong.
        case damaged
        /// A sum of money does not fit.
        case overflow
        /// A caller's value is out of range or malformed.
        case invalid
        /// The tenant cannot pay the most that a request can cost.
        case insufficientCredit
        case unknownGeneration
        /// The generation has its final bill; nothing may be added.
        case generationEnded
        /// An event that cannot follow what is recorded: a repeated or skipped token, for instance.
        case unexpectedEvent
        case duplicateGeneration
        case unknownKey
        /// Any other failure of the storage; the message has SQLite's words.
        case storage
    }

    package var code: Code
    package var message: String
    package var description: String { message }

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension LedgerError {
    /// Puts any error that came out of the storage into the ledger's words.
    init(_ error: any Error, path: String) {
        guard let error = error as? DatabaseError else {
            self = error as? LedgerError ?? LedgerError(.storage, "ledger \(path): \(error)")
            return
        }
        let detail = error.message ?? "no details"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.locked, "ledger \(path) is locked by another process; try again")
        case .SQLITE_FULL:
            self.init(.diskFull, "no room for ledger \(path); free some disk space")
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN, .SQLITE_AUTH:
            self.init(
                .notWritable,
                "ledger \(path) cannot be opened for writing (\(detail)); "
                    + "check the permissions of the file and its folder"
            )
        case .SQLITE_NOTADB:
            self.init(.notALedger, "\(path) is not a ledger; name another file")
        case .SQLITE_CORRUPT:
            self.init(.damaged, "ledger \(path) is damaged (\(detail)); restore a copy")
        default:
            self.init(.storage, "ledger \(path): \(detail)")
        }
    }
}
