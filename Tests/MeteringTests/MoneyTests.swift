import Metering
import Testing

@Suite struct MoneyTests {
    @Test(arguments: [
        ("0", 0), ("12.5", 12_500_000_000), ("0.000000123", 123), ("-3", -3_000_000_000),
        ("9223372036.854775807", Int64.max), ("-9223372036.854775808", Int64.min),
    ])
    func textGoesBothWays(text: String, nanos: Int64) throws {
        #expect(try NanoDollars(dollars: text).nanos == nanos)
        #expect(NanoDollars(nanos).description == text)
    }

    @Test(arguments: [
        "", "-", ".", "1.", ".5", "1e3", "+1", "1,5", "--1", "1.0000000001", "٣", " 1", "0x1",
        "9223372036.854775808",
    ])
    func refusesOtherText(text: String) {
        #expect(throws: LedgerError.self) { try NanoDollars(dollars: text) }
    }

    @Test func overflowIsAnError() {
        #expect(throws: LedgerError.self) { try NanoDollars(.max) + NanoDollars(1) }
        #expect(throws: LedgerError.self) { try NanoDollars(.min) - NanoDollars(1) }
        #expect(throws: LedgerError.self) { try NanoDollars(.max) * 2 }
    }

    @Test func pricesAreDollarsPerMillionTokens() throws {
        #expect(try NanoDollars(dollarsPerMillionTokens: "1").nanos == 1000)
        #expect(try NanoDollars(dollarsPerMillionTokens: "0.15").nanos == 150)
        #expect(NanoDollars(150).dollarsPerMillionTokens == "0.15")
        #expect(throws: LedgerError.self) { try NanoDollars(dollarsPerMillionTokens: "0.0005") }
        #expect(throws: LedgerError.self) { try NanoDollars(dollarsPerMillionTokens: "-1") }
    }
}
