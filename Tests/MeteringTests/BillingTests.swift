import Core
import Foundation
import Metering
import Testing

@Suite struct BillingTests {
    let ledger: Ledger
    let file: LedgerFile

    init() throws {
        file = try LedgerFile()
        ledger = try file.open()
        try ledger.setTestPrice()
        try ledger.addCredit(NanoDollars(1000), to: acme, note: "test")
    }

    @Test(arguments: [
        // 6 computed, 4 cached and 2 generated tokens: 60 + 4 + 200.
        (GenerationEvent.Ending.completed, GenerationStatus.completed, Int64(264)),
        (.cancelled, .cancelled, 264), (.failed("x"), .failed, 0),
    ])
    func anEndingBills(
        ending: GenerationEvent.Ending,
        status: GenerationStatus,
        cost: Int64
    ) throws {
        let id = try ledger.begin("g")
        #expect(try ledger.balance(of: acme).reserved.nanos == 600)
        try ledger.commit([prefilled(id), token(id, 0)])
        try ledger.commit([token(id, 1, finish: .stop), .ended(id, ending)])
        let record = try #require(try ledger.generation(id, tenant: acme))
        #expect(record.status == status && record.cost.nanos == cost)
        #expect(record.outputTokens == 2 && record.finishReasons == [.stop])
        let balance = try ledger.balance(of: acme)
        #expect(balance.available.nanos == 1000 - cost && balance.spent.nanos == cost)
        #expect(balance.reserved == .zero)
        #expect(try ledger.verify().problems == [])
    }

    @Test func aNewPriceLeavesOpenGenerationsAlone() throws {
        let id = try ledger.begin("g")
        try ledger.setPrice(
            model: "m",
            input: NanoDollars(9999),
            cachedInput: .zero,
            output: .zero
        )
        try ledger.commit([prefilled(id, cached: 0), .ended(id, .completed)])
        #expect(try ledger.generation(id, tenant: acme)?.cost.nanos == 100)
    }

    @Test func aVoidedReservationCostsNothing() throws {
        let id = try ledger.begin("g")
        try ledger.void(id)
        #expect(try ledger.balance(of: acme).available.nanos == 1000)
        #expect(throws: LedgerError.self) { try ledger.void(id) }
        #expect(try ledger.usage(by: .none).isEmpty)
        #expect(try ledger.verify().problems == [])
    }

    @Test func whatIsOutOfOrderRollsBackWhole() throws {
        let id = try ledger.begin("g", choices: 1), ghost = GenerationID("ghost")
        #expect(throws: LedgerError.self) { try ledger.commit([token(id, 0)]) }
        try ledger.commit([prefilled(id), token(id, 0)])
        let bad: [[GenerationEvent]] = [
            [token(id, 1), token(id, 1)], [token(id, 0)], [token(id, 2)], [prefilled(id)],
            [token(id, 1), token(ghost, 0)], [token(id, 0, choice: 1)], [token(id, -1)],
            [token(id, 1), .ended(id, .completed), .ended(id, .completed)],
            (1...5).map { token(id, $0) },
        ]
        for events in bad {
            #expect(throws: LedgerError.self) { try ledger.commit(events) }
            #expect(try ledger.tokens(of: id, tenant: acme) == [[7]])
        }
        try ledger.commit([.ended(id, .completed)])
        #expect(throws: LedgerError.self) { try ledger.commit([token(id, 1)]) }
        #expect(try ledger.verify().problems == [])
    }

    @Test func refusesWhatCannotBePaid() throws {
        try ledger.begin("a")
        let error = #expect(throws: LedgerError.self) { try ledger.begin("b") }
        #expect(error?.code == .insufficientCredit)
        #expect(error?.message.contains("$0.0000006") == true)
        #expect(error?.message.contains("$0.0000004") == true)
        try ledger.begin("c", tenant: .local)
        #expect(try ledger.balance(of: .local).available.nanos == -600)
        #expect(throws: LedgerError.self) { try ledger.begin("a") }
        #expect(try ledger.verify().problems == [])
    }

    @Test func overflowIsAnError() throws {
        let huge = Reservation(
            generation: GenerationID("h"),
            model: "m",
            promptTokens: .max,
            maxTokensPerChoice: .max,
            choices: 8
        )
        let error = #expect(throws: LedgerError.self) { try ledger.reserve(huge) }
        #expect(error?.code == .overflow)
        #expect(throws: LedgerError.self) {
            try ledger.addCredit(NanoDollars(.max), to: acme, note: "")
        }
        #expect(try ledger.verify().problems == [])
    }

    @Test func twoHundredReservationsForOne() async throws {
        let others = try (0..<4).map { _ in try file.open() }
        let accepted = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask { (try? others[number % 4].begin("g\(number)")) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(accepted == 1)
        #expect(try ledger.balance(of: acme).available.nanos == 400)
    }

    @Test func tenantsSeeTheirOwn() throws {
        let id = try ledger.begin("g")
        #expect(try ledger.generation(id, tenant: .local) == nil)
        #expect(try ledger.tokens(of: id, tenant: .local) == nil)
        #expect(try ledger.usage(by: .model, tenant: .local).isEmpty)
    }

    @Test func usageAddsUp() throws {
        let id = try ledger.begin("g")
        try ledger.commit([prefilled(id), token(id, 0), .ended(id, .completed)])
        try ledger.begin("still")
        let rows = try ledger.usage(by: .model)
        let row = try #require(rows.first)
        #expect(rows.count == 1 && row.group == "m" && row.requests == 1 && row.open == 1)
        #expect(row.promptTokens == 10 && row.cachedTokens == 4 && row.completionTokens == 1)
        #expect(row.cost.nanos == 164)
        #expect(try ledger.usage(by: .key).map(\.group) == ["-"])
        #expect(try ledger.usage(by: .day).first?.group.count == 10)
        #expect(try ledger.usage(by: .none, since: 4_000_000_000).isEmpty)
    }
}
