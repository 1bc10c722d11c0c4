internal import GRDB

/// The tables, as a list of named steps to which later versions only append.
enum Schema {
    struct Migration {
        let name: String
        let sql: String
    }

    static let migrations = [Migration(name: "ledger", sql: ledger)]

    /// Brings the file up to date. One write transaction, so that processes which open a new file
    /// together do it once.
    static func migrate(_ db: Database, path: String) throws {
        try requireLedger(db, path: path)
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS migration (
                    position INTEGER PRIMARY KEY,
                    name TEXT NOT NULL UNIQUE
                ) STRICT
                """
        )
        let done = try String.fetchAll(db, sql: "SELECT name FROM migration ORDER BY position")
        guard migrations.map(\.name).starts(with: done) else {
            throw LedgerError(
                .newerSchema,
                "a newer Tokenmill has written ledger \(path); update this one"
            )
        }
        for migration in migrations.dropFirst(done.count) {
            try db.execute(sql: migration.sql)
            try db.execute(
                sql: "INSERT INTO migration (name) VALUES (?)",
                arguments: [migration.name]
            )
        }
    }

    /// Another program's database is left untouched.
    private static func requireLedger(_ db: Database, path: String) throws {
        let tables = try String.fetchAll(db, sql: "SELECT name FROM sqlite_master")
        if !tables.isEmpty && !tables.contains("migration") {
            throw LedgerError(
                .notALedger,
                "\(path) is another program's database; name another file"
            )
        }
    }

    // Times are Unix seconds; amounts and prices are nano-dollars. STRICT tables hold no value of
    // a wrong type.
    private static let ledger = """
        CREATE TABLE session (
            id INTEGER PRIMARY KEY,
            pid INTEGER NOT NULL,
            startTicks INTEGER NOT NULL,
            bootID TEXT NOT NULL,
            created INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE apiKey (
            id TEXT PRIMARY KEY NOT NULL,
            tenant TEXT NOT NULL,
            name TEXT NOT NULL,
            prefix TEXT NOT NULL,
            hash BLOB NOT NULL UNIQUE,
            created INTEGER NOT NULL,
            expires INTEGER,
            revoked INTEGER
        ) STRICT;

        -- One row per version; the highest id of a model is in force.
        CREATE TABLE price (
            id INTEGER PRIMARY KEY,
            model TEXT NOT NULL,
            input INTEGER NOT NULL CHECK (input >= 0),
            cachedInput INTEGER NOT NULL CHECK (cachedInput >= 0),
            output INTEGER NOT NULL CHECK (output >= 0),
            created INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX priceByModel ON price (model);

        CREATE TABLE generation (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            tenant TEXT NOT NULL,
            apiKey TEXT REFERENCES apiKey,
            session INTEGER NOT NULL REFERENCES session,
            model TEXT NOT NULL,
            price INTEGER REFERENCES price,
            requestID TEXT,
            promptLimit INTEGER NOT NULL,
            tokenLimit INTEGER NOT NULL,
            choices INTEGER NOT NULL,
            reserved INTEGER NOT NULL,
            created INTEGER NOT NULL,
            status TEXT NOT NULL DEFAULT 'open',
            promptTokens INTEGER,
            cachedTokens INTEGER NOT NULL DEFAULT 0,
            outputTokens INTEGER NOT NULL DEFAULT 0,
            cost INTEGER NOT NULL DEFAULT 0,
            finished INTEGER
        ) STRICT;
        CREATE INDEX generationOpen ON generation (session) WHERE status = 'open';
        CREATE INDEX generationByCreated ON generation (created);

        CREATE TABLE token (
            generation INTEGER NOT NULL REFERENCES generation,
            choice INTEGER NOT NULL,
            idx INTEGER NOT NULL,
            token INTEGER NOT NULL,
            finish TEXT,
            PRIMARY KEY (generation, choice, idx)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE account (
            id INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('funding', 'credit', 'reserved', 'revenue')),
            UNIQUE (tenant, kind)
        ) STRICT;

        CREATE TABLE transfer (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('credit', 'reserve', 'settle')),
            generation INTEGER REFERENCES generation,
            note TEXT NOT NULL,
            created INTEGER NOT NULL,
            hash BLOB NOT NULL
        ) STRICT;
        CREATE INDEX transferByGeneration ON transfer (generation);

        -- `balance` is the account's sum up to and with this row, so that the newest row tells it.
        CREATE TABLE posting (
            account INTEGER NOT NULL REFERENCES account,
            transfer INTEGER NOT NULL REFERENCES transfer,
            amount INTEGER NOT NULL,
            balance INTEGER NOT NULL,
            PRIMARY KEY (account, transfer)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX postingByTransfer ON posting (transfer);

        CREATE TRIGGER transferKeep BEFORE UPDATE ON transfer
            BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;
        CREATE TRIGGER transferStay BEFORE DELETE ON transfer
            BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;
        CREATE TRIGGER postingKeep BEFORE UPDATE ON posting
            BEGIN SELECT RAISE(ABORT, 'postings are append-only'); END;
        CREATE TRIGGER postingStay BEFORE DELETE ON posting
            BEGIN SELECT RAISE(ABORT, 'postings are append-only'); END;
        CREATE TRIGGER priceKeep BEFORE UPDATE ON price
            BEGIN SELECT RAISE(ABORT, 'prices are append-only'); END;
        CREATE TRIGGER priceStay BEFORE DELETE ON price
            BEGIN SELECT RAISE(ABORT, 'prices are append-only'); END;
        CREATE TRIGGER tokenKeep BEFORE UPDATE ON token
            BEGIN SELECT RAISE(ABORT, 'tokens are append-only'); END;
        CREATE TRIGGER tokenStay BEFORE DELETE ON token
            BEGIN SELECT RAISE(ABORT, 'tokens are append-only'); END;
        """
}
