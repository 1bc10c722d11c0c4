import Core
import Foundation
import GRDB
import Metering

/// A ledger file in a folder of its own, which goes with this value.
final class LedgerFile: Sendable {
    let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("tokenmill-ledger-\(UUID().uuidString)")
    var path: String { folder.appendingPathComponent("ledger.sqlite").path }

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func open() throws -> Ledger { try Ledger(path: path) }

    /// What somebody with a SQLite shell does to the file.
    func tamper(_ sql: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.inDatabase { db in
            let triggers = try String.fetchAll(
                db,
                sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            )
            for trigger in triggers { try db.execute(sql: "DROP TRIGGER \(trigger)") }
            try db.execute(sql: sql)
        }
        try queue.close()
    }
}

let acme = TenantID("acme")

extension Ledger {
    /// 10 nano-dollars per prompt token, 1 per cached one, 100 per token out.
    func setTestPrice() throws {
        try setPrice(
            model: "m",
            input: NanoDollars(10),
            cachedInput: NanoDollars(1),
            output: NanoDollars(100)
        )
    }

    /// Reserves 10 prompt tokens and 5 times `choices` tokens: 600 nano-dollars for one choice.
    @discardableResult
    func begin(
        _ name: String,
        tenant: TenantID = acme,
        choices: Int = 1
    ) throws -> GenerationID {
        let id = GenerationID(name)
        try reserve(
            Reservation(
                generation: id,
                tenant: tenant,
                model: "m",
                promptTokens: 10,
                maxTokensPerChoice: 5,
                choices: choices
            )
        )
        return id
    }

    func status(_ id: GenerationID, _ tenant: TenantID = acme) throws -> GenerationStatus? {
        try generation(id, tenant: tenant)?.status
    }
}

func token(
    _ id: GenerationID,
    _ index: Int,
    choice: Int = 0,
    finish: FinishReason? = nil
) -> GenerationEvent {
    .token(
        TokenEvent(
            generation: id,
            choice: choice,
            index: index,
            token: TokenID(7 + index),
            text: "x",
            finish: finish
        )
    )
}

func prefilled(_ id: GenerationID, cached: Int = 4) -> GenerationEvent {
    .prefilled(id, promptTokens: 10, cachedTokens: cached)
}
