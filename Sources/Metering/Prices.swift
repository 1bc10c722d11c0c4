internal import GRDB

/// What one token of a model costs. Prices are versions: a new one never changes what was bought.
package struct Price: Sendable, Equatable {
    /// The version's number in the ledger.
    package var version: Int64
    package var model: String
    /// Per prompt token that was computed.
    package var input: NanoDollars
    /// Per prompt token that came from the prefix cache.
    package var cachedInput: NanoDollars
    /// Per generated token.
    package var output: NanoDollars
    /// Unix seconds.
    package var created: Int64
}

extension Ledger {
    /// Puts a price in force for generations reserved from now on. Amounts are per token.
    @discardableResult
    package func setPrice(
        model: String,
        input: NanoDollars,
        cachedInput: NanoDollars,
        output: NanoDollars
    ) throws(LedgerError) -> Price {
        try Self.requireName(model, "the model's name", bytes: 500)
        guard min(input, cachedInput, output) >= .zero else {
            throw LedgerError(.invalid, "a price is negative; give zero or more")
        }
        let now = Self.now()
        return try write { db in
            try db.execute(
                sql: """
                    INSERT INTO price (model, input, cachedInput, output, created)
                    VALUES (?, ?, ?, ?, ?)
                    """,
                arguments: [model, input.nanos, cachedInput.nanos, output.nanos, now]
            )
            return Price(
                version: db.lastInsertedRowID,
                model: model,
                input: input,
                cachedInput: cachedInput,
                output: output,
                created: now
            )
        }
    }

    /// The price in force; nil when none was ever set, and then the model's tokens cost nothing.
    package func price(model: String) throws(LedgerError) -> Price? {
        try read { db in try db.price(model: model) }
    }

    /// The prices in force, by model.
    package func prices() throws(LedgerError) -> [Price] {
        try read { db in
            let sql = """
                SELECT * FROM price
                WHERE id IN (SELECT MAX(id) FROM price GROUP BY model) ORDER BY model
                """
            return try Row.fetchAll(db, sql: sql).map(Price.init)
        }
    }
}

extension Database {
    func price(model: String) throws -> Price? {
        let sql = "SELECT * FROM price WHERE model = ? ORDER BY id DESC LIMIT 1"
        return try Row.fetchOne(cachedStatement(sql: sql), arguments: [model]).map(Price.init)
    }

    func price(version: Int64?) throws -> Price? {
        guard let version else { return nil }
        let statement = try cachedStatement(sql: "SELECT * FROM price WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [version]).map(Price.init)
    }
}

extension Price {
    init(_ row: Row) {
        self.init(
            version: row["id"],
            model: row["model"],
            input: NanoDollars(row["input"]),
            cachedInput: NanoDollars(row["cachedInput"]),
            output: NanoDollars(row["output"]),
            created: row["created"]
        )
    }

    /// What these tokens cost.
    func cost(prompt: Int, cached: Int, output count: Int) throws(LedgerError) -> NanoDollars {
        try input * (prompt - cached) + cachedInput * cached + output * count
    }

    /// The most that a request can cost, whatever the cache holds.
    func worstCost(prompt: Int, maxTokens: Int, choices: Int) throws(LedgerError) -> NanoDollars {
        let (tokens, overflow) = maxTokens.multipliedReportingOverflow(by: choices)
        if overflow { throw LedgerError(.overflow, "the request's tokens cannot be counted") }
        return try max(input, cachedInput) * prompt + output * tokens
    }
}
