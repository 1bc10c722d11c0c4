import Core
import Foundation
import Metering
import Testing

@Suite struct VerificationTests {
    @Test(arguments: [
        "UPDATE posting SET amount = amount + 1 WHERE transfer = 1",
        "UPDATE transfer SET note = 'gift' WHERE id = 1",
        "UPDATE transfer SET created = created + 1 WHERE id = 2",
        "DELETE FROM transfer WHERE id = 2",
        "DELETE FROM transfer WHERE id = 3",
        "DELETE FROM posting WHERE transfer = 3",
        "DELETE FROM token WHERE idx = 0",
        "DELETE FROM token WHERE idx = 1",
        "INSERT INTO token VALUES (1, 0, 2, 5, NULL)",
        "INSERT INTO token VALUES (99, 0, 0, 5, NULL)",
        "UPDATE price SET output = 1",
        "UPDATE generation SET cost = 1",
        "UPDATE generation SET status = 'failed'",
        "UPDATE generation SET status = 'open'",
        "UPDATE generation SET status = 'paid'",
        "UPDATE generation SET model = 'other'",
        "UPDATE generation SET cachedTokens = 5",
        "UPDATE generation SET price = NULL",
        "DELETE FROM generation",
    ])
    func findsWhatWasEdited(sql: String) throws {
        let file = try LedgerFile()
        let ledger = try file.open()
        try ledger.setTestPrice()
        try ledger.addCredit(NanoDollars(1000), to: acme, note: "test")
        let id = try ledger.begin("g")
        try ledger.commit([prefilled(id), token(id, 0), token(id, 1), .ended(id, .completed)])
        let before = try ledger.verify()
        #expect(before.isClean && before.transfers == 3 && before.tokens == 2)
        try file.tamper(sql)
        #expect(try !ledger.verify().isClean)
    }

    @Test func transfersCannotBeChanged() throws {
        let file = try LedgerFile()
        let ledger = try file.open()
        try ledger.addCredit(NanoDollars(1000), to: acme, note: "test")
        #expect(throws: LedgerError.self) {
            try ledger.addCredit(NanoDollars(-1001), to: acme, note: "too much")
        }
        #expect(try ledger.addCredit(NanoDollars(-1000), to: acme, note: "").available == .zero)
    }
}

@Suite struct OpeningTests {
    @Test func saysWhatIsWrongWithTheFile() throws {
        let file = try LedgerFile()
        func code(_ path: String) -> LedgerError.Code? {
            do throws(LedgerError) { _ = try Ledger(path: path) } catch { return error.code }
            return nil
        }
        #expect(code("") == .invalid)
        #expect(code(file.folder.path + "/none/ledger") == .missingFolder)
        #expect(code(file.folder.path) == .notALedger)
        try Data("not a database, but long enough to be read as one".utf8)
            .write(to: URL(fileURLWithPath: file.path))
        #expect(code(file.path) == .notALedger)
    }

    @Test func refusesANewerSchemaAndOtherDatabases() throws {
        let file = try LedgerFile()
        try file.open().close()
        try file.tamper("INSERT INTO migration (name) VALUES ('later')")
        #expect(throws: LedgerError.self) { try file.open() }
        let other = try LedgerFile()
        try other.tamper("CREATE TABLE song (title TEXT)")
        let error = #expect(throws: LedgerError.self) { try other.open() }
        #expect(error?.code == .notALedger)
    }

    @Test func manyMayOpenANewFileTogether() async throws {
        let file = try LedgerFile()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try file.open().hasKeys() } }
            try await group.waitForAll()
        }
    }
}
