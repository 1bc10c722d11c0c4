package import Core
internal import GRDB

/// How `Ledger.usage` groups generations.
package enum UsageGrouping: String, Sendable, CaseIterable {
    case key
    case model
    /// By the UTC day of the reservation.
    case day
    case none
}

/// The sums of one group of generations.
package struct UsageRow: Sendable, Equatable {
    /// A key's id, a model's name, a day as `2026-01-31`, or empty; `-` for requests without a key.
    package var group: String
    /// Settled generations, and of them also failed ones; voided ones never ran.
    package var requests: Int
    package var promptTokens: Int
    package var cachedTokens: Int
    package var completionTokens: Int
    package var cost: NanoDollars
    /// Generations that still run. Their tokens count once they have ended.
    package var open: Int
}

extension Ledger {
    /// Usage in groups, ordered by group. Only what is billed counts as tokens: those of a failed
    /// generation do not.
    /// - Parameters:
    ///   - since: Unix seconds; earlier reservations are left out.
    ///   - tenant: only this tenant's; nil for everybody's.
    package func usage(
        by grouping: UsageGrouping,
        since: Int64? = nil,
        tenant: TenantID? = nil
    ) throws(LedgerError) -> [UsageRow] {
        let sql = """
            SELECT \(grouping.column) AS bucket, SUM(status = 'open') AS open,
                SUM(status <> 'open') AS requests,
                SUM(billed * IFNULL(promptTokens, 0)) AS promptTokens,
                SUM(billed * cachedTokens) AS cachedTokens,
                SUM(billed * outputTokens) AS outputTokens, SUM(cost) AS cost
            FROM (SELECT *, status IN ('completed', 'cancelled', 'recovered') AS billed
                FROM generation WHERE created >= ? AND (? IS NULL OR tenant = ?)
                AND status <> 'voided')
            GROUP BY bucket ORDER BY bucket
            """
        return try read { db in
            try Row.fetchAll(db, sql: sql, arguments: [since ?? 0, tenant?.name, tenant?.name])
                .map(UsageRow.init)
        }
    }
}

extension UsageGrouping {
    fileprivate var column: String {
        switch self {
        case .key: "IFNULL(apiKey, '-')"
        case .model: "model"
        case .day: "date(created, 'unixepoch')"
        case .none: "''"
        }
    }
}

extension UsageRow {
    fileprivate init(_ row: Row) {
        self.init(
            group: row["bucket"],
            requests: row["requests"],
            promptTokens: row["promptTokens"],
            cachedTokens: row["cachedTokens"],
            completionTokens: row["outputTokens"],
            cost: NanoDollars(row["cost"]),
            open: row["open"]
        )
    }
}
