package import Core
internal import GRDB

/// What a request may at most consume, put aside before any of it is computed.
package struct Reservation: Sendable {
    package var generation: GenerationID
    package var tenant: TenantID
    /// The key's `APIKey.id`; nil for `local`.
    package var key: String?
    package var model: String
    package var promptTokens: Int
    package var maxTokensPerChoice: Int
    package var choices: Int
    /// The caller's own name for the request, kept beside the generation.
    package var requestID: String?

    package init(
        generation: GenerationID,
        tenant: TenantID = .local,
        key: String? = nil,
        model: String,
        promptTokens: Int,
        maxTokensPerChoice: Int,
        choices: Int = 1,
        requestID: String? = nil
    ) {
        self.generation = generation
        self.tenant = tenant
        self.key = key
        self.model = model
        self.promptTokens = promptTokens
        self.maxTokensPerChoice = maxTokensPerChoice
        self.choices = choices
        self.requestID = requestID
    }
}

extension Ledger {
    /// Opens a generation and holds the most it can cost at the price in force. Reservations of
    /// all processes happen one after the other, so together they never exceed the credit.
    /// Tenant `local` has no limit.
    package func reserve(_ reservation: Reservation) throws(LedgerError) {
        try reserve([reservation])
    }

    /// All of them or none.
    package func reserve(_ reservations: [Reservation]) throws(LedgerError) {
        for reservation in reservations { try reservation.check() }
        let session = try openSession()
        try write { db in
            for reservation in reservations {
                try Self.reserve(db, reservation, session: session)
            }
        }
    }

    /// Ends a generation that never ran: the whole reservation is given back.
    package func void(_ id: GenerationID) throws(LedgerError) {
        try write { db in
            let generation = try OpenGeneration(db, id)
            guard generation.promptTokens == nil else {
                throw LedgerError(
                    .unexpectedEvent,
                    "generation \(id) has begun; end it instead of voiding it"
                )
            }
            try generation.settle(db, as: .voided)
        }
    }

    private static func reserve(
        _ db: Database,
        _ reservation: Reservation,
        session: Int64
    ) throws {
        let tenant = reservation.tenant
        let price = try db.price(model: reservation.model)
        let needed =
            try price?.worstCost(
                prompt: reservation.promptTokens,
                maxTokens: reservation.maxTokensPerChoice,
                choices: reservation.choices
            ) ?? .zero
        let available = try db.balance(.credit, of: tenant)
        if tenant != .local && available < needed {
            throw LedgerError(
                .insufficientCredit,
                "the request may cost $\(needed) and tenant \(tenant) has $\(available); "
                    + "add credit or ask for fewer tokens"
            )
        }
        let row = try insert(db, reservation, price: price, needed: needed, session: session)
        try db.transfer(
            .reserve,
            generation: row,
            note: "\(reservation.generation) \(reservation.model)",
            [
                Posting(account: db.account(.credit, of: tenant), amount: .zero - needed),
                Posting(account: db.account(.reserved, of: tenant), amount: needed),
            ]
        )
    }

    private static func insert(
        _ db: Database,
        _ reservation: Reservation,
        price: Price?,
        needed: NanoDollars,
        session: Int64
    ) throws -> Int64 {
        let name = reservation.generation.text
        let known = try db.cachedStatement(sql: "SELECT 1 FROM generation WHERE name = ?")
        if try Int.fetchOne(known, arguments: [name]) != nil {
            throw LedgerError(.duplicateGeneration, "generation \(name) exists; use a fresh id")
        }
        let sql = """
            INSERT INTO generation (name, tenant, apiKey, session, model, price, requestID,
                promptLimit, tokenLimit, choices, reserved, created)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        try db.cachedStatement(sql: sql).execute(arguments: [
            name, reservation.tenant.name, reservation.key, session, reservation.model,
            price?.version, reservation.requestID, reservation.promptTokens,
            reservation.maxTokensPerChoice, reservation.choices, needed.nanos, now(),
        ])
        return db.lastInsertedRowID
    }
}

extension Reservation {
    fileprivate func check() throws(LedgerError) {
        try Ledger.requireName(generation.text, "the generation's id", bytes: 200)
        try Ledger.requireName(tenant.name, "the tenant's name", bytes: 100)
        try Ledger.requireName(model, "the model's name", bytes: 500)
        if let requestID { try Ledger.requireName(requestID, "the request id", bytes: 500) }
        guard promptTokens >= 0, maxTokensPerChoice >= 0, choices >= 1 else {
            throw LedgerError(
                .invalid,
                "a reservation counts 0 tokens or more and 1 choice or more"
            )
        }
    }
}
