package import Core

/// Lists of numbers as options take them: `1,2,3`.
package enum NumberList {
    /// Token ids, at least one.
    package static func tokens(_ text: String) throws(CLIError) -> [TokenID] {
        try numbers(text, "token ids from 0, as in 1,2,3") { TokenID($0) }
    }

    /// Counts from 1, at least one.
    package static func counts(_ text: String) throws(CLIError) -> [Int] {
        let wanted = "numbers from 1, as in 1,2,4"
        let values = try numbers(text, wanted) { Int($0) }
        guard !values.contains(0) else { throw CLIError(.usage, "expected \(wanted)") }
        return values
    }

    /// Sizes from 0, at least one.
    package static func sizes(_ text: String) throws(CLIError) -> [Int] {
        try numbers(text, "numbers from 0, as in 512,2048") { Int($0) }
    }

    private static func numbers<Number: FixedWidthInteger>(
        _ text: String,
        _ wanted: String,
        _ parse: (Substring) -> Number?
    ) throws(CLIError) -> [Number] {
        var numbers: [Number] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let number = parse(trimmed(part)), number >= 0 else {
                throw CLIError(.usage, "expected \(wanted)")
            }
            numbers.append(number)
        }
        return numbers
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop(while: \.isWhitespace)
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return start[...end]
    }
}
