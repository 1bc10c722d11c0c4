import CLI
import Testing

@Suite struct DecimalTests {
    @Test(arguments: [
        (12.35, 0, "12"), (12.5, 0, "13"), (0.05, 1, "0.1"), (1.999, 2, "2.00"), (-0.04, 1, "0.0"),
        (-1.25, 1, "-1.3"), (1234.5, 1, "1234.5"), (0.001, 3, "0.001"),
    ])
    func roundsAndPads(_ value: Double, _ digits: Int, _ expected: String) {
        #expect(Decimal.text(value, digits: digits) == expected)
    }

    @Test func numbersThatAreNoneDoNotTrap() {
        #expect(Decimal.text(.nan, digits: 1) == "nan")
        #expect(Decimal.text(.infinity, digits: 1) == "inf")
        #expect(Decimal.text(1e300, digits: 1) == "1e+300")
    }

    @Test func bytesTakeTheLargestUnit() {
        #expect(Decimal.bytes(999) == "999 bytes")
        #expect(Decimal.bytes(16_400_000) == "16.4 MB")
        #expect(Decimal.bytes(2_000_000_000) == "2.0 GB")
    }
}

@Suite struct TableTests {
    @Test func numbersStandToTheRight() {
        let text = Table.text(["name", "tokens"], [["a", "5"], ["bcdef", "123"]])
        #expect(text == "name   tokens\na           5\nbcdef     123\n")
    }

    /// RFC 4180, section 2, rules 6 and 7.
    @Test func csvQuotesWhatNeedsIt() {
        let text = Table.csv(["a", "b"], [["1,5", "say \"hi\""], ["plain", "two\nlines"]])
        #expect(text == "a,b\n\"1,5\",\"say \"\"hi\"\"\"\nplain,\"two\nlines\"\n")
    }
}
