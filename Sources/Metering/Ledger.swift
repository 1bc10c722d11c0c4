internal import Core
internal import GRDB
internal import Glibc
internal import Synchronization

/// The books: keys, prices, credit, and every token that was generated, in one SQLite file.
///
/// Money moves by transfers that are never changed; balances follow from them. Several processes
/// may have the same file open. Every function blocks its thread for as long as the disk needs.
///
/// What is billed: a completed, cancelled or recovered generation pays for its prompt once that is
/// computed and for every recorded token. A failed one, which is never the client's fault, pays
/// nothing.
package final class Ledger: Journal, Sendable {
    package let path: String
    let pool: DatabasePool
    /// The row of this process in `session`, once it has one.
    let session = Mutex<Int64?>(nil)

    /// Opens the ledger at `path`; a file that does not exist is made, readable by its owner only.
    package init(path: String) throws(LedgerError) {
        self.path = path
        try Self.makeFile(path)
        do {
            pool = try Self.open(path)
            try pool.write { db in try Schema.migrate(db, path: path) }
        } catch {
            throw LedgerError(error, path: path)
        }
    }

    /// Closes the file; every later call fails. Not needed: nothing is lost without it.
    package func close() throws(LedgerError) {
        do { try pool.close() } catch { throw LedgerError(error, path: path) }
    }

    /// One transaction that holds the write lock of all processes from its begin (`BEGIN
    /// IMMEDIATE`, GRDB's choice for writes), so what it reads stays true until it has written.
    func write<Value>(_ body: (Database) throws -> Value) throws(LedgerError) -> Value {
        do { return try pool.write(body) } catch { throw LedgerError(error, path: path) }
    }

    /// Reads one committed state without waiting for a writer.
    func read<Value>(_ body: (Database) throws -> Value) throws(LedgerError) -> Value {
        do { return try pool.read(body) } catch { throw LedgerError(error, path: path) }
    }
}

// MARK: opening

extension Ledger {
    private static let busySeconds: Double = 10

    private static func open(_ path: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busySeconds)
        configuration.foreignKeysEnabled = true
        configuration.label = "ledger"
        // A pool is in WAL mode. Its own default, synchronous=NORMAL, may forget the last commits
        // in a power cut.
        let pool = try patiently { try DatabasePool(path: path, configuration: configuration) }
        try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
        return pool
    }

    /// SQLite does not wait while another process turns a new file to WAL mode.
    private static func patiently<Value>(_ open: () throws -> Value) throws -> Value {
        for _ in 0..<100 {
            do {
                return try open()
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                usleep(20_000)
            }
        }
        return try open()
    }

    /// Makes the file if there is none. An existing one is not opened here: closing it again would
    /// drop the locks that SQLite holds on it elsewhere in this process.
    private static func makeFile(_ path: String) throws(LedgerError) {
        if path.isEmpty { throw LedgerError(.invalid, "the ledger's path is empty; name a file") }
        if path.utf8.contains(0) { throw LedgerError(.invalid, "the ledger's path has a NUL byte") }
        let file = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if file >= 0 {
            _ = Glibc.close(file)
            return
        }
        switch errno {
        case EEXIST: try requireFile(path)
        case ENOENT, ENOTDIR:
            throw LedgerError(
                .missingFolder,
                "the folder of ledger \(path) does not exist; make it first"
            )
        case ENOSPC, EDQUOT:
            throw LedgerError(.diskFull, "no room for ledger \(path); free some disk space")
        default: throw notWritable(path)
        }
    }

    private static func requireFile(_ path: String) throws(LedgerError) {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            throw LedgerError(.notALedger, "\(path) is not a file; name the ledger's file")
        }
        if access(path, R_OK | W_OK) != 0 { throw notWritable(path) }
    }

    private static func notWritable(_ path: String) -> LedgerError {
        LedgerError(
            .notWritable,
            "ledger \(path) cannot be written (\(String(cString: strerror(errno)))); "
                + "check the permissions of the file and its folder"
        )
    }
}

// MARK: small things

extension Ledger {
    /// Unix seconds.
    static func now() -> Int64 { Int64(time(nil)) }

    /// Names are shown in tables and kept for ever: short, and without line breaks.
    static func requireName(_ text: String, _ what: String, bytes: Int) throws(LedgerError) {
        let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
        guard isPlain, (1...bytes).contains(text.utf8.count) else {
            throw LedgerError(
                .invalid,
                "\(what) must have 1 to \(bytes) bytes and no control characters"
            )
        }
    }
}
