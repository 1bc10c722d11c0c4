/// An amount of money: a whole number of nano-dollars (10⁻⁹ dollars), negative for a debt.
/// Arithmetic is exact; what does not fit is an error.
package struct NanoDollars: Sendable, Hashable, Comparable, CustomStringConvertible {
    package static let zero = NanoDollars(0)
    package static let perDollar: Int64 = 1_000_000_000

    package let nanos: Int64

    package init(_ nanos: Int64) { self.nanos = nanos }

    package static func < (a: NanoDollars, b: NanoDollars) -> Bool { a.nanos < b.nanos }

    package static func + (a: NanoDollars, b: NanoDollars) throws(LedgerError) -> NanoDollars {
        try exact(a.nanos.addingReportingOverflow(b.nanos))
    }

    package static func - (a: NanoDollars, b: NanoDollars) throws(LedgerError) -> NanoDollars {
        try exact(a.nanos.subtractingReportingOverflow(b.nanos))
    }

    package static func * (a: NanoDollars, count: Int) throws(LedgerError) -> NanoDollars {
        try exact(a.nanos.multipliedReportingOverflow(by: Int64(count)))
    }

    private static func exact(
        _ result: (partialValue: Int64, overflow: Bool)
    ) throws(LedgerError) -> NanoDollars {
        if result.overflow {
            throw LedgerError(.overflow, "an amount of money is above 9 billion dollars")
        }
        return NanoDollars(result.partialValue)
    }
}

// MARK: decimal text

extension NanoDollars {
    /// Dollars in the fewest digits that are exact: `12.5`, `0.000000123`, `-3`.
    package var description: String {
        (nanos < 0 ? "-" : "") + Self.decimal(nanos.magnitude, places: 9)
    }

    /// Reads dollars such as `12.5`: an optional minus, digits, and up to 9 decimals.
    package init(dollars text: some StringProtocol) throws(LedgerError) {
        guard let nanos = Self.parse(text) else {
            throw LedgerError(
                .invalid,
                "\"\(text.prefix(40))\" is no amount in dollars; write it like 12.50, "
                    + "with at most 9 decimals"
            )
        }
        self.init(nanos)
    }

    private static func parse(_ text: some StringProtocol) -> Int64? {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].isEmpty else { return nil }
        let fraction = parts.count == 2 ? String(parts[1]) : "0"
        guard (1...9).contains(fraction.utf8.count) else { return nil }
        let padded = fraction + String(repeating: "0", count: 9 - fraction.utf8.count)
        let all = (text.hasPrefix("-") ? "-" : "") + parts[0] + padded
        guard all.utf8.dropFirst(text.hasPrefix("-") ? 1 : 0).allSatisfy({ 48...57 ~= $0 }) else {
            return nil
        }
        return Int64(all)
    }

    private static func decimal(_ magnitude: UInt64, places: Int) -> String {
        let digits = String(magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        var fraction = padded.suffix(places)
        while fraction.last == "0" { fraction.removeLast() }
        return padded.dropLast(places) + (fraction.isEmpty ? "" : "." + fraction)
    }
}

// MARK: prices

extension NanoDollars {
    /// The price of one token, from dollars per million tokens: `1` means 1000 nano-dollars. A
    /// price that is negative or no whole number of nano-dollars per token is an error.
    package init(dollarsPerMillionTokens text: some StringProtocol) throws(LedgerError) {
        let (perToken, rest) = try NanoDollars(dollars: text).nanos
            .quotientAndRemainder(dividingBy: 1_000_000)
        guard rest == 0, perToken >= 0 else {
            throw LedgerError(
                .invalid,
                "\(text) dollars per million tokens is no price; give a positive multiple of 0.001"
            )
        }
        self.init(perToken)
    }

    /// Dollars per million tokens, of the price of one token.
    package var dollarsPerMillionTokens: String {
        (nanos < 0 ? "-" : "") + Self.decimal(nanos.magnitude, places: 3)
    }
}
