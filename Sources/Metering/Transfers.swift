internal import Core
internal import Foundation
internal import GRDB

/// What an account of a tenant counts.
enum AccountKind: String {
    /// Money from outside; its balance is minus what was paid in.
    case funding
    /// What the tenant may still spend.
    case credit
    /// Held for open generations.
    case reserved
    /// Spent.
    case revenue
}

enum TransferKind: String {
    case credit
    /// Pending: the most a generation can cost.
    case reserve
    /// Posts what it did cost and gives the rest of the reservation back.
    case settle
}

/// A change of one account. A transfer's postings sum to zero.
struct Posting {
    var account: Int64
    var amount: NanoDollars
}

extension Database {
    /// The account's id; it is made when first asked for. Needs a write transaction then.
    func account(_ kind: AccountKind, of tenant: TenantID) throws -> Int64 {
        if let id = try existingAccount(kind, of: tenant) { return id }
        try execute(
            sql: "INSERT INTO account (tenant, kind) VALUES (?, ?)",
            arguments: [tenant.name, kind.rawValue]
        )
        return lastInsertedRowID
    }

    private func existingAccount(_ kind: AccountKind, of tenant: TenantID) throws -> Int64? {
        try Int64.fetchOne(
            cachedStatement(sql: "SELECT id FROM account WHERE tenant = ? AND kind = ?"),
            arguments: [tenant.name, kind.rawValue]
        )
    }

    /// The sum of the account's postings.
    func balance(_ kind: AccountKind, of tenant: TenantID) throws -> NanoDollars {
        guard let account = try existingAccount(kind, of: tenant) else { return .zero }
        return try balance(account)
    }

    func balance(_ account: Int64) throws -> NanoDollars {
        let sql = "SELECT balance FROM posting WHERE account = ? ORDER BY transfer DESC LIMIT 1"
        let nanos = try Int64.fetchOne(cachedStatement(sql: sql), arguments: [account])
        return NanoDollars(nanos ?? 0)
    }

    /// Appends a transfer and its postings (those of nothing are left out).
    func transfer(
        _ kind: TransferKind,
        generation: Int64? = nil,
        note: String,
        _ postings: [Posting]
    ) throws {
        guard try postings.reduce(.zero, { try $0 + $1.amount }) == .zero else {
            throw LedgerError(.damaged, "a transfer's postings do not sum to zero")
        }
        let moves = try postings.filter { $0.amount != .zero }.map { posting in
            Move(
                account: posting.account,
                amount: posting.amount.nanos,
                balance: try (balance(posting.account) + posting.amount).nanos
            )
        }
        let last = try Row.fetchOne(
            cachedStatement(sql: "SELECT id, hash FROM transfer ORDER BY id DESC LIMIT 1")
        )
        var row = TransferRow(
            id: (last?["id"] ?? 0) + 1,
            kind: kind.rawValue,
            generation: generation,
            note: note,
            created: Ledger.now(),
            moves: moves
        )
        row.hash = row.digest(after: last?["hash"] ?? TransferRow.genesis)
        try insert(row)
    }

    private func insert(_ row: TransferRow) throws {
        let sql = """
            INSERT INTO transfer (id, kind, generation, note, created, hash)
            VALUES (?, ?, ?, ?, ?, ?)
            """
        try cachedStatement(sql: sql).execute(arguments: [
            row.id, row.kind, row.generation, row.note, row.created, row.hash,
        ])
        let posting = try cachedStatement(
            sql: "INSERT INTO posting (transfer, account, amount, balance) VALUES (?, ?, ?, ?)"
        )
        for move in row.moves {
            try posting.execute(arguments: [row.id, move.account, move.amount, move.balance])
        }
    }
}

/// A posting as it is stored.
struct Move {
    var account: Int64
    var amount: Int64
    var balance: Int64
}

/// A transfer as it is stored: a link of the hash chain.
struct TransferRow {
    /// What stands before the first transfer.
    static let genesis = Data(count: Digest.byteCount)

    var id: Int64
    var kind: String
    var generation: Int64?
    var note: String
    var created: Int64
    /// In the order of their accounts.
    var moves: [Move]
    var hash = Data()

    init(
        id: Int64,
        kind: String,
        generation: Int64?,
        note: String,
        created: Int64,
        moves: [Move]
    ) {
        self.id = id
        self.kind = kind
        self.generation = generation
        self.note = note
        self.created = created
        self.moves = moves.sorted { $0.account < $1.account }
    }

    /// SHA-256 of the previous hash and everything this transfer says. The note, the only free
    /// text, comes last, so that no two transfers read the same.
    func digest(after previous: Data) -> Data {
        var text = "\(id) \(kind) \(generation ?? 0) \(created)"
        for move in moves { text += " \(move.account):\(move.amount):\(move.balance)" }
        text += "\n" + note
        return Data(Digest.sha256(Array(previous) + Array(text.utf8)))
    }
}
