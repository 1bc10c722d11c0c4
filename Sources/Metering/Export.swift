package import Core
internal import Foundation
internal import GRDB

extension Ledger {
    /// Gives every transfer to `body` in order, as JSON: who paid what to which account and why,
    /// with the account's balance after it, and the hash that chains it to the one before. Amounts
    /// are decimal dollars. One committed state; other processes go on meanwhile.
    package func export(_ body: (JSON) throws -> Void) throws {
        try pool.read { db in
            let sql = """
                SELECT transfer.*, generation.name AS generationName FROM transfer
                LEFT JOIN generation ON generation.id = transfer.generation ORDER BY transfer.id
                """
            let transfers = try Row.fetchCursor(db, sql: sql)
            while let row = try transfers.next() {
                let id: Int64 = row["id"], created: Int64 = row["created"], hash: Data = row["hash"]
                try body([
                    "transfer": .int(Int(id)),
                    "kind": .string(row["kind"]),
                    "generation": (row["generationName"] as String?).map { .string($0) } ?? .null,
                    "note": .string(row["note"]),
                    "created": .int(Int(created)),
                    "postings": .array(try Self.postings(of: id, db)),
                    "hash": .string(hash.map { String(format: "%02x", $0) }.joined()),
                ])
            }
        }
    }

    private static func postings(of transfer: Int64, _ db: Database) throws -> [JSON] {
        let sql = """
            SELECT posting.*, account.tenant, account.kind FROM posting
            JOIN account ON account.id = posting.account WHERE transfer = ? ORDER BY account
            """
        let rows = try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [transfer])
        return rows.map { row in
            [
                "tenant": .string(row["tenant"]),
                "account": .string(row["kind"]),
                "amount": .string(NanoDollars(row["amount"]).description),
                "balance": .string(NanoDollars(row["balance"]).description),
            ]
        }
    }
}
