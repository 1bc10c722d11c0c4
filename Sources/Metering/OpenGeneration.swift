internal import Core
internal import GRDB

/// A generation that is not settled yet, inside one write transaction.
struct OpenGeneration {
    let row: Int64
    let id: GenerationID
    let tenant: TenantID
    let priceVersion: Int64?
    let reserved: NanoDollars
    let promptLimit: Int
    let tokenLimit: Int
    let choices: Int
    private(set) var promptTokens: Int?
    private(set) var cachedTokens: Int
    /// The index of each choice's next token, for the choices seen in this transaction.
    private var nextIndex: [Int: Int] = [:]

    /// - Throws: `unknownGeneration`, `generationEnded`.
    init(_ db: Database, _ id: GenerationID) throws {
        let statement = try db.cachedStatement(sql: "SELECT * FROM generation WHERE name = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id.text]) else {
            throw LedgerError(.unknownGeneration, "generation \(id) was never reserved")
        }
        let status: String = row["status"]
        guard status == GenerationStatus.open.rawValue else {
            throw LedgerError(.generationEnded, "generation \(id) has ended (\(status))")
        }
        self.row = row["id"]
        self.id = id
        tenant = TenantID(row["tenant"])
        priceVersion = row["price"]
        reserved = NanoDollars(row["reserved"])
        promptLimit = row["promptLimit"]
        tokenLimit = row["tokenLimit"]
        choices = row["choices"]
        promptTokens = row["promptTokens"]
        cachedTokens = row["cachedTokens"]
    }

    /// Bills the prompt.
    mutating func prefill(_ db: Database, prompt: Int, cached: Int) throws {
        guard promptTokens == nil else { throw unexpected("its prompt is recorded already") }
        guard (0...promptLimit).contains(prompt), (0...prompt).contains(cached) else {
            throw unexpected(
                "\(prompt) prompt tokens, \(cached) of them cached, where \(promptLimit) "
                    + "are reserved"
            )
        }
        let sql = "UPDATE generation SET promptTokens = ?, cachedTokens = ? WHERE id = ?"
        try db.cachedStatement(sql: sql).execute(arguments: [prompt, cached, row])
        promptTokens = prompt
        cachedTokens = cached
    }

    /// Records one token; each choice's tokens come in order, without gaps or repeats.
    mutating func append(_ db: Database, _ event: TokenEvent) throws {
        guard promptTokens != nil else { throw unexpected("a token came before its prompt") }
        guard (0..<choices).contains(event.choice), (0..<tokenLimit).contains(event.index) else {
            throw unexpected(
                "token \(event.index) of choice \(event.choice), where \(choices) times "
                    + "\(tokenLimit) tokens are reserved"
            )
        }
        let next = try nextIndex[event.choice] ?? storedCount(db, choice: event.choice)
        guard event.index == next else {
            throw unexpected(
                "token \(event.index) of choice \(event.choice) came where \(next) is next"
            )
        }
        nextIndex[event.choice] = next + 1
        let sql = """
            INSERT INTO token (generation, choice, idx, token, finish) VALUES (?, ?, ?, ?, ?)
            """
        try db.cachedStatement(sql: sql).execute(arguments: [
            row, event.choice, event.index, event.token, event.finish?.rawValue,
        ])
    }

    private func storedCount(_ db: Database, choice: Int) throws -> Int {
        let sql = "SELECT MAX(idx) + 1 FROM token WHERE generation = ? AND choice = ?"
        return try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [row, choice]) ?? 0
    }

    private func unexpected(_ what: String) -> LedgerError {
        LedgerError(.unexpectedEvent, "generation \(id): \(what)")
    }

    /// Posts what the generation cost, gives the rest of the reservation back and closes it.
    func settle(_ db: Database, as status: GenerationStatus) throws {
        let counting = try db.cachedStatement(
            sql: "SELECT COUNT(*) FROM token WHERE generation = ?"
        )
        let output = try Int.fetchOne(counting, arguments: [row]) ?? 0
        let prompt = promptTokens ?? 0
        let cost =
            status.isBilled
            ? try db.price(version: priceVersion)?
                .cost(prompt: prompt, cached: cachedTokens, output: output) ?? .zero
            : .zero
        try db.transfer(
            .settle,
            generation: row,
            note: Self.note(status.rawValue, prompt: prompt, cached: cachedTokens, output: output),
            [
                Posting(account: db.account(.reserved, of: tenant), amount: .zero - reserved),
                Posting(account: db.account(.revenue, of: tenant), amount: cost),
                Posting(account: db.account(.credit, of: tenant), amount: reserved - cost),
            ]
        )
        let sql = """
            UPDATE generation SET status = ?, outputTokens = ?, cost = ?, finished = ? WHERE id = ?
            """
        try db.cachedStatement(sql: sql)
            .execute(arguments: [status.rawValue, output, cost.nanos, Ledger.now(), row])
    }

    /// What a settlement says of its generation, under the hash chain.
    static func note(_ status: String, prompt: Int, cached: Int, output: Int) -> String {
        "\(status) prompt=\(prompt) cached=\(cached) output=\(output)"
    }
}
