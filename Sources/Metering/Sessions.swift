internal import Core
internal import GRDB
internal import Synchronization

extension Ledger {
    /// Registers this process as the owner of the generations that it reserves, once; `reserve`
    /// does so by itself. `process` is another one in tests only.
    @discardableResult
    package func openSession(as process: ProcessIdentity = .current) throws(LedgerError) -> Int64 {
        if let known = session.withLock({ $0 }) { return known }
        let opened = try write { db in
            try db.execute(
                sql: """
                    INSERT INTO session (pid, startTicks, bootID, created) VALUES (?, ?, ?, ?)
                    """,
                arguments: [process.pid, process.startTicks, process.bootID, Self.now()]
            )
            return db.lastInsertedRowID
        }
        return session.withLock { stored in
            // Two threads may both have registered; either row is this process.
            if stored == nil { stored = opened }
            return stored ?? opened
        }
    }

    /// Settles the generations whose process is gone, for what is on the books: that is all that
    /// anybody received. Those of live processes are left alone.
    /// - Returns: how many were settled.
    @discardableResult
    package func recover() throws(LedgerError) -> Int {
        try write { db in
            let sql = """
                SELECT name, pid, startTicks, bootID FROM generation
                JOIN session ON session.id = generation.session
                WHERE status = 'open' ORDER BY generation.id
                """
            var isAlive: [ProcessIdentity: Bool] = [:]
            var count = 0
            for row in try Row.fetchAll(db, sql: sql) {
                let owner = ProcessIdentity(
                    pid: row["pid"],
                    startTicks: row["startTicks"],
                    bootID: row["bootID"]
                )
                let lives = isAlive[owner] ?? owner.isAlive
                isAlive[owner] = lives
                if lives { continue }
                try OpenGeneration(db, GenerationID(row["name"])).settle(db, as: .recovered)
                count += 1
            }
            return count
        }
    }
}
