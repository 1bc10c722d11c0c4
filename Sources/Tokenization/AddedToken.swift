import Core

/// A token that is found in the text before words are split.
struct AddedToken: Sendable {
    var id: TokenID
    var content: String
    /// A control token: matched only on request, dropped by `skipSpecial`.
    var special: Bool
    /// Matches only between characters that are not part of a word.
    var singleWord: Bool
    /// Takes the white space before it along.
    var lstrip: Bool
    /// Takes the white space after it along.
    var rstrip: Bool
    /// Looked for in the normalised text.
    var normalized: Bool
}

/// Which added tokens may match where.
struct MatchRules {
    /// Whether control tokens may match at all.
    var special: Bool
    /// Bytes that came from a request: no match may overlap them. Ascending and disjoint.
    var inputRanges: [Range<Int>] = []

    func touchesInput(_ range: Range<Int>) -> Bool {
        // The first input range that ends after the match starts.
        var low = 0
        var high = inputRanges.count
        while low < high {
            let middle = (low + high) / 2
            if inputRanges[middle].upperBound <= range.lowerBound {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < inputRanges.count && inputRanges[low].lowerBound < range.upperBound
    }
}
