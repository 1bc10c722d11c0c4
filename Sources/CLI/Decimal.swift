/// Numbers as a person reads them.
package enum Decimal {
    /// `value` with `digits` decimals, half away from zero: 12.35 -> "12.4".
    package static func text(_ value: Double, digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e15, 0...6 ~= digits else { return "\(value)" }
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let scaled = Int((abs(value) * scale).rounded())
        let (whole, part) = scaled.quotientAndRemainder(dividingBy: Int(scale))
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(whole)" }
        let fraction = String(part)
        return "\(sign)\(whole)." + String(repeating: "0", count: digits - fraction.count)
            + fraction
    }

    /// Bytes in the largest unit that keeps the number above 1: "1.2 GB".
    package static func bytes(_ count: Int) -> String {
        let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)]
        for (name, size) in units where Double(count) >= size {
            return "\(text(Double(count) / size, digits: 1)) \(name)"
        }
        return "\(count) bytes"
    }
}
