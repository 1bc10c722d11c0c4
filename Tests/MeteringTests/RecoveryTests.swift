import Core
import Metering
import Testing

@Suite struct RecoveryTests {
    /// Process numbers end at 2²², so this one never runs.
    static let gone = ProcessIdentity(pid: 1 << 30, startTicks: 1, bootID: "")

    @Test func settlesWhatADeadProcessLeft() throws {
        let file = try LedgerFile()
        let dead = try file.open()
        try dead.setTestPrice()
        try dead.addCredit(NanoDollars(2000), to: acme, note: "")
        try dead.openSession(as: Self.gone)
        let begun = try dead.begin("begun"), early = try dead.begin("early")
        try dead.commit([prefilled(begun), token(begun, 0)])
        // `dead` is never closed, as after a kill.
        let ledger = try file.open()
        let alive = try ledger.begin("alive")
        #expect(try ledger.recover() == 2)
        #expect(try ledger.recover() == 0)
        #expect(try ledger.generation(begun, tenant: acme)?.cost.nanos == 164)
        #expect(try ledger.generation(early, tenant: acme)?.cost == .zero)
        #expect(try ledger.status(begun) == .recovered)
        #expect(try ledger.status(alive) == .open)
        #expect(throws: LedgerError.self) { try dead.commit([token(begun, 1)]) }
        #expect(try ledger.verify().problems == [])
    }

    @Test func tellsProcessesApart() {
        var process = ProcessIdentity.current
        #expect(process.isAlive)
        process.startTicks += 1
        #expect(!process.isAlive)
        process = .current
        process.bootID = "another"
        #expect(!process.isAlive)
    }

    @Test func remembersAcrossRestarts() throws {
        let file = try LedgerFile()
        let first = try file.open()
        try first.setTestPrice()
        try first.addCredit(NanoDollars(1000), to: acme, note: "")
        let id = try first.begin("g")
        try first.commit([prefilled(id), token(id, 0), .ended(id, .completed)])
        let record = try first.generation(id, tenant: acme)
        try first.close()
        #expect(try file.open().generation(id, tenant: acme) == record)
    }
}
