/// Cuts a text where a pattern matches.
struct Splitter: Sendable {
    /// What becomes of matches; names as in tokenizer.json.
    enum Behavior: String, Sendable {
        case removed = "Removed"
        case isolated = "Isolated"
        case mergedWithPrevious = "MergedWithPrevious"
        case mergedWithNext = "MergedWithNext"
        case contiguous = "Contiguous"
    }

    var pattern: TextPattern
    var behavior: Behavior
    /// Takes what matches for what does not, and the other way round.
    var inverts = false

    /// The parts of `text[range]` that are left, in order; none is empty.
    func parts(
        of text: Span<UInt8>,
        _ range: Range<Int>
    ) throws(RegexError) -> [Range<Int>] {
        var segments = try pattern.segments(of: text, range)
        if inverts {
            for index in segments.indices { segments[index].isMatch.toggle() }
        }
        let parts =
            switch behavior {
            case .isolated: segments.map(\.range)
            case .removed: segments.filter { !$0.isMatch }.map(\.range)
            case .contiguous: Self.contiguous(segments)
            case .mergedWithPrevious: Self.mergedWithPrevious(segments)
            case .mergedWithNext: Self.mergedWithNext(segments)
            }
        return parts.filter { !$0.isEmpty }
    }

    private typealias Segment = TextPattern.Segment

    /// Neighbours of one kind become one part.
    private static func contiguous(_ segments: [Segment]) -> [Range<Int>] {
        joined(segments) { isMatch, wasMatch in isMatch == wasMatch }
    }

    /// The first match of several in a row goes to the part before it.
    private static func mergedWithPrevious(_ segments: [Segment]) -> [Range<Int>] {
        joined(segments) { isMatch, wasMatch in isMatch && !wasMatch }
    }

    /// The last match of several in a row goes to the part after it.
    private static func mergedWithNext(_ segments: [Segment]) -> [Range<Int>] {
        joined(segments.reversed()) { isMatch, wasMatch in isMatch && !wasMatch }.reversed()
    }

    /// The segments, of which some join the one that came before, from either end.
    private static func joined(
        _ segments: some Sequence<Segment>,
        _ joins: (_ isMatch: Bool, _ wasMatch: Bool) -> Bool
    ) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var wasMatch = false
        for segment in segments {
            let range = segment.range
            if joins(segment.isMatch, wasMatch), let last = parts.popLast() {
                let lower = min(last.lowerBound, range.lowerBound)
                parts.append(lower..<max(last.upperBound, range.upperBound))
            } else {
                parts.append(range)
            }
            wasMatch = segment.isMatch
        }
        return parts
    }
}
