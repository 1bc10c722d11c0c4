package import Core
internal import GRDB

/// How far a generation has come.
package enum GenerationStatus: String, Sendable {
    case open
    case completed
    case cancelled
    /// Our fault: nothing is billed.
    case failed
    /// Its process died; what was on the books is billed.
    case recovered
    /// Never ran: nothing is billed.
    case voided

    /// Whether recorded tokens are paid for.
    package var isBilled: Bool {
        switch self {
        case .completed, .cancelled, .recovered: true
        case .open, .failed, .voided: false
        }
    }
}

/// What one generation consumed and cost.
package struct GenerationRecord: Sendable, Equatable {
    package var id: GenerationID
    package var model: String
    package var status: GenerationStatus
    /// The key's `APIKey.id`.
    package var key: String?
    package var requestID: String?
    /// 0 until the prompt is computed.
    package var promptTokens: Int
    /// Those of `promptTokens` that came from the prefix cache.
    package var cachedTokens: Int
    /// Tokens on the books, of all choices; counts while the generation runs.
    package var outputTokens: Int
    /// Zero until the generation has ended.
    package var cost: NanoDollars
    /// The price version it was reserved at; nil when the model had no price.
    package var priceVersion: Int64?
    /// Unix seconds.
    package var created: Int64
    package var finished: Int64?
    /// By choice, where it is known.
    package var finishReasons: [FinishReason?]

    /// The record as `GET /v1/generations/{id}` shows it.
    package var json: JSON {
        [
            "id": .string(id.text), "object": "generation", "model": .string(model),
            "status": .string(status.rawValue), "created": .int(Int(created)),
            "finished": finished.map { .int(Int($0)) } ?? .null,
            "key": key.map(JSON.string) ?? .null,
            "request_id": requestID.map(JSON.string) ?? .null,
            "finish_reasons": .array(
                finishReasons.map { $0.map { .string($0.rawValue) } ?? .null }
            ),
            "usage": [
                "prompt_tokens": .int(promptTokens),
                "prompt_tokens_details": ["cached_tokens": .int(cachedTokens)],
                "completion_tokens": .int(outputTokens),
                "total_tokens": .int(promptTokens + outputTokens),
                "cost": .string(cost.description),
            ],
        ]
    }
}

extension Ledger {
    /// The tenant's generation, or nil: another tenant's ids look like ids that never were.
    package func generation(
        _ id: GenerationID,
        tenant: TenantID
    ) throws(LedgerError) -> GenerationRecord? {
        try read { db in
            let sql = "SELECT * FROM generation WHERE name = ? AND tenant = ?"
            let statement = try db.cachedStatement(sql: sql)
            guard let row = try Row.fetchOne(statement, arguments: [id.text, tenant.name]) else {
                return nil
            }
            return try GenerationRecord(row, db)
        }
    }

    /// The tokens of each choice, as recorded; nil like `generation`.
    package func tokens(
        of id: GenerationID,
        tenant: TenantID
    ) throws(LedgerError) -> [[TokenID]]? {
        try read { db in
            let sql = "SELECT id, choices FROM generation WHERE name = ? AND tenant = ?"
            let row = try Row.fetchOne(db, sql: sql, arguments: [id.text, tenant.name])
            guard let row else { return nil }
            let number: Int64 = row["id"], choices: Int = row["choices"]
            return try (0..<choices).map { choice in
                try TokenID.fetchAll(
                    db.cachedStatement(
                        sql: """
                            SELECT token FROM token WHERE generation = ? AND choice = ?
                            ORDER BY idx
                            """
                    ),
                    arguments: [number, choice]
                )
            }
        }
    }
}

extension GenerationRecord {
    fileprivate init(_ row: Row, _ db: Database) throws {
        let number: Int64 = row["id"], choices: Int = row["choices"]
        guard let status = GenerationStatus(rawValue: row["status"]) else {
            throw LedgerError(.damaged, "a generation's status is unknown; run ledger verify")
        }
        self.init(
            id: GenerationID(row["name"]),
            model: row["model"],
            status: status,
            key: row["apiKey"],
            requestID: row["requestID"],
            promptTokens: row["promptTokens"] ?? 0,
            cachedTokens: row["cachedTokens"],
            outputTokens: row["outputTokens"],
            cost: NanoDollars(row["cost"]),
            priceVersion: row["price"],
            created: row["created"],
            finished: row["finished"],
            finishReasons: Array(repeating: nil, count: choices)
        )
        if status == .open {
            let counting = try db.cachedStatement(
                sql: "SELECT COUNT(*) FROM token WHERE generation = ?"
            )
            outputTokens = try Int.fetchOne(counting, arguments: [number]) ?? 0
        }
        let ends = try db.cachedStatement(
            sql: "SELECT choice, finish FROM token WHERE generation = ? AND finish IS NOT NULL"
        )
        for end in try Row.fetchAll(ends, arguments: [number]) {
            let choice: Int = end["choice"]
            if finishReasons.indices.contains(choice) {
                finishReasons[choice] = FinishReason(rawValue: end["finish"])
            }
        }
    }
}
