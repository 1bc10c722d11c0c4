internal import Core
internal import Foundation
internal import GRDB

/// What `Ledger.verify` found.
package struct VerificationReport: Sendable, Equatable {
    package var transfers = 0
    package var generations = 0
    package var tokens = 0
    /// One line each, of at most `problemLimit`; empty when the books are in order.
    package var problems: [String] = []

    package static let problemLimit = 100
    package var isClean: Bool { problems.isEmpty }

    fileprivate mutating func add(_ problem: String) {
        if problems.count < Self.problemLimit { problems.append(problem) }
    }
}

extension Ledger {
    /// Adds the books up again, from the file's pages to every bill, at one committed state. Other
    /// processes go on meanwhile.
    package func verify() throws(LedgerError) -> VerificationReport {
        try read { db in
            var report = VerificationReport()
            let found = try String.fetchAll(db, sql: "PRAGMA integrity_check(20)")
            for problem in found where problem != "ok" { report.add("file: \(problem)") }
            // What SQLite cannot read must not be added up.
            if !report.isClean { return report }
            try Self.checkReferences(db, &report)
            try Self.checkTransfers(db, &report)
            try Self.checkTokens(db, &report)
            try Self.checkGenerations(db, &report)
            try Self.checkBalances(db, &report)
            return report
        }
    }

    private static func checkReferences(
        _ db: Database,
        _ report: inout VerificationReport
    ) throws {
        for row in try Row.fetchAll(db, sql: "PRAGMA foreign_key_check") {
            let table: String = row["table"], parent: String = row["parent"]
            report.add("a row of \(table) names a row of \(parent) that does not exist")
        }
    }

    // MARK: transfers

    private static func checkTransfers(_ db: Database, _ report: inout VerificationReport) throws {
        var balances: [Int64: NanoDollars] = [:]
        var previous = TransferRow.genesis
        let transfers = try Row.fetchCursor(db, sql: "SELECT * FROM transfer ORDER BY id")
        while let row = try transfers.next() {
            report.transfers += 1
            let hash: Data = row["hash"]
            let transfer = try TransferRow(row, db)
            if transfer.id != Int64(report.transfers) {
                report.add("transfer \(report.transfers) is missing before \(transfer.id)")
                report.transfers = Int(clamping: transfer.id)
            }
            if transfer.digest(after: previous) != hash {
                report.add("transfer \(transfer.id) was edited: its hash does not fit")
            }
            previous = hash
            checkSums(transfer, &balances, &report)
        }
    }

    private static func checkSums(
        _ transfer: TransferRow,
        _ balances: inout [Int64: NanoDollars],
        _ report: inout VerificationReport
    ) {
        do throws(LedgerError) {
            var sum = NanoDollars.zero
            for move in transfer.moves {
                sum = try sum + NanoDollars(move.amount)
                let balance =
                    try (balances[move.account] ?? .zero) + NanoDollars(move.amount)
                balances[move.account] = balance
                if balance.nanos != move.balance {
                    report.add(
                        "transfer \(transfer.id) leaves account \(move.account) with $\(balance), "
                            + "not $\(NanoDollars(move.balance))"
                    )
                }
            }
            if sum != .zero { report.add("transfer \(transfer.id) sums to $\(sum), not to zero") }
        } catch {
            report.add("transfer \(transfer.id): \(error)")
        }
    }

    // MARK: generations

    private static func checkTokens(_ db: Database, _ report: inout VerificationReport) throws {
        report.tokens = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM token") ?? 0
        let sql = """
            SELECT generation, choice FROM token GROUP BY generation, choice
            HAVING MIN(idx) <> 0 OR MAX(idx) <> COUNT(*) - 1
            """
        for row in try Row.fetchAll(db, sql: sql) {
            let generation: Int64 = row["generation"], choice: Int = row["choice"]
            report.add("generation row \(generation): choice \(choice) lacks some of its tokens")
        }
    }

    private static func checkGenerations(
        _ db: Database,
        _ report: inout VerificationReport
    ) throws {
        let sql = """
            SELECT generation.*,
                (SELECT COUNT(*) FROM token WHERE token.generation = generation.id) AS tokens,
                (SELECT IFNULL(SUM(amount), 0) FROM transfer
                    JOIN posting ON posting.transfer = transfer.id
                    JOIN account ON account.id = posting.account
                    WHERE transfer.generation = generation.id AND account.kind = 'reserved') AS held,
                (SELECT IFNULL(SUM(amount), 0) FROM transfer
                    JOIN posting ON posting.transfer = transfer.id
                    JOIN account ON account.id = posting.account
                    WHERE transfer.generation = generation.id AND account.kind = 'revenue') AS paid,
                (SELECT group_concat(kind || ' ' || note, '; ') FROM
                    (SELECT kind, note FROM transfer WHERE transfer.generation = generation.id
                        ORDER BY id)) AS notes
            FROM generation
            """
        let generations = try Row.fetchCursor(db, sql: sql)
        while let row = try generations.next() {
            report.generations += 1
            let name: String = row["name"]
            do {
                for problem in try BilledGeneration(row, db).problems() {
                    report.add("generation \(name): \(problem)")
                }
            } catch let error as LedgerError {
                report.add("generation \(name): \(error)")
            }
        }
    }

    private static func checkBalances(_ db: Database, _ report: inout VerificationReport) throws {
        let tenants = try String.fetchAll(db, sql: "SELECT DISTINCT tenant FROM account")
        for tenant in tenants.map(TenantID.init) {
            let available = try db.balance(.credit, of: tenant)
            let reserved = try db.balance(.reserved, of: tenant)
            if tenant != .local && available < .zero {
                report.add("tenant \(tenant) has a negative balance: $\(available)")
            }
            let sql = """
                SELECT IFNULL(SUM(reserved), 0) FROM generation
                WHERE tenant = ? AND status = 'open'
                """
            let held = NanoDollars(
                try Int64.fetchOne(db, sql: sql, arguments: [tenant.name]) ?? 0
            )
            if held != reserved {
                report.add("tenant \(tenant) has $\(reserved) reserved, and $\(held) in use")
            }
        }
    }
}

extension TransferRow {
    fileprivate init(_ row: Row, _ db: Database) throws {
        let id: Int64 = row["id"]
        let postings = try db.cachedStatement(
            sql: "SELECT account, amount, balance FROM posting WHERE transfer = ?"
        )
        self.init(
            id: id,
            kind: row["kind"],
            generation: row["generation"],
            note: row["note"],
            created: row["created"],
            moves: try Row.fetchAll(postings, arguments: [id]).map {
                Move(account: $0["account"], amount: $0["amount"], balance: $0["balance"])
            }
        )
    }
}

/// A generation beside what its tokens, its price and its transfers say of it.
private struct BilledGeneration {
    let name: String
    let model: String
    let statusText: String
    let prompt: Int
    let cached: Int
    let output: Int
    let cost: NanoDollars
    let reserved: NanoDollars
    let tokens: Int
    let held: NanoDollars
    let paid: NanoDollars
    let notes: String
    let price: Price?

    init(_ row: Row, _ db: Database) throws {
        name = row["name"]
        model = row["model"]
        statusText = row["status"]
        prompt = row["promptTokens"] ?? 0
        cached = row["cachedTokens"]
        output = row["outputTokens"]
        cost = NanoDollars(row["cost"])
        reserved = NanoDollars(row["reserved"])
        tokens = row["tokens"]
        held = NanoDollars(row["held"])
        paid = NanoDollars(row["paid"])
        notes = row["notes"] ?? ""
        price = try db.price(version: row["price"])
    }

    func problems() throws(LedgerError) -> [String] {
        guard let status = GenerationStatus(rawValue: statusText) else {
            return ["its status \(statusText) is unknown"]
        }
        let reserve = "reserve \(name) \(model)"
        if status == .open {
            return [
                notes == reserve ? nil : "it is open, but its transfers say: \(notes)",
                held == reserved ? nil : "it is open with $\(held) held, not $\(reserved)",
            ].compactMap { $0 }
        }
        let due =
            status.isBilled
            ? try price?.cost(prompt: prompt, cached: cached, output: tokens) ?? .zero : .zero
        let note = OpenGeneration.note(
            statusText,
            prompt: prompt,
            cached: cached,
            output: tokens
        )
        return [
            output == tokens ? nil : "it counts \(output) tokens and has \(tokens)",
            cost == due && paid == due
                ? nil : "its tokens cost $\(due); it says $\(cost) and $\(paid) was posted",
            held == .zero ? nil : "$\(held) of its reservation was not given back",
            notes == "\(reserve); settle \(note)"
                ? nil : "its row says \(note), its transfers say: \(notes)",
        ].compactMap { $0 }
    }
}
