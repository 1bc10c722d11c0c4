package import Core
internal import GRDB

/// A tenant's money.
package struct Balance: Sendable, Equatable {
    package var tenant: TenantID
    /// What new requests may still reserve. Negative only for `local`, which has no limit.
    package var available: NanoDollars
    /// Held for generations that run.
    package var reserved: NanoDollars
    /// Spent since the beginning.
    package var spent: NanoDollars
}

extension Ledger {
    /// Adds to a tenant's credit; a negative amount corrects an earlier one and must not take more
    /// than is available. `note` says why, in up to 500 bytes.
    @discardableResult
    package func addCredit(
        _ amount: NanoDollars,
        to tenant: TenantID,
        note: String
    ) throws(LedgerError) -> Balance {
        try Self.requireName(tenant.name, "the tenant's name", bytes: 100)
        if !note.isEmpty { try Self.requireName(note, "the note", bytes: 500) }
        if amount == .zero { throw LedgerError(.invalid, "the amount is zero; give another") }
        return try write { db in
            let left = try db.balance(.credit, of: tenant) + amount
            if amount < .zero && left < .zero {
                throw LedgerError(
                    .insufficientCredit,
                    "tenant \(tenant) would be left with $\(left); take less"
                )
            }
            try db.transfer(
                .credit,
                note: note,
                [
                    Posting(account: db.account(.funding, of: tenant), amount: .zero - amount),
                    Posting(account: db.account(.credit, of: tenant), amount: amount),
                ]
            )
            return try Self.balance(db, of: tenant)
        }
    }

    /// The tenant's money now; all zero for a tenant that never had any.
    package func balance(of tenant: TenantID) throws(LedgerError) -> Balance {
        try read { db in try Self.balance(db, of: tenant) }
    }

    /// Every tenant with an account, by name.
    package func balances() throws(LedgerError) -> [Balance] {
        try read { db in
            try String.fetchAll(db, sql: "SELECT DISTINCT tenant FROM account ORDER BY tenant")
                .map { try Self.balance(db, of: TenantID($0)) }
        }
    }

    private static func balance(_ db: Database, of tenant: TenantID) throws -> Balance {
        Balance(
            tenant: tenant,
            available: try db.balance(.credit, of: tenant),
            reserved: try db.balance(.reserved, of: tenant),
            spent: try db.balance(.revenue, of: tenant)
        )
    }
}
