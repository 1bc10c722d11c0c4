/// What happens to a text before added tokens marked `normalized` are looked for and words split.
struct Normalizer: Sendable {
    enum Step: Sendable {
        case form(NormalForm)
        case replace(TextPattern, with: [UInt8])
        /// Put in front of a text that is not empty.
        case prepend([UInt8])
        /// White space at the ends.
        case strip(left: Bool, right: Bool)
        case stripAccents
        case lowercase
        /// Spaces at the ends go, at the end also "▁", and several in a row become one.
        case trimSpaces
        /// Each byte as GPT-2 spells it.
        case byteLevel
        case precompiled(PrecompiledCharsmap)
    }

    var steps: [Step] = []

    /// Whether every text stays as it is.
    var isNone: Bool { steps.isEmpty }

    struct Result {
        var bytes: [UInt8] = []
        /// The input ranges, moved; what is made of input and other text counts as input.
        var inputRanges: [Range<Int>] = []
        /// Up to here the bytes come from the very start of the text around it.
        var head = 0
    }

    /// The normalised `text[range]`, or nil if normalising changes nothing.
    /// - Throws: if a regular expression takes too much work on the text.
    func apply(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ rules: MatchRules
    ) throws(RegexError) -> Result? {
        var result: Result?
        for step in steps {
            if let old = result {
                let writer = NormalizedWriter(inputRanges: old.inputRanges, head: old.head)
                result = try step.apply(old.bytes.span, 0..<old.bytes.count, writer) ?? old
            } else {
                let writer = NormalizedWriter(inputRanges: rules.inputRanges, head: 1)
                result = try step.apply(text, range, writer)
            }
        }
        return result
    }

    func apply(_ text: String) throws(RegexError) -> [UInt8] {
        let bytes = Array(text.utf8)
        let rules = MatchRules(special: true)
        return try apply(bytes.span, 0..<bytes.count, rules)?.bytes ?? bytes
    }
}

/// Builds a normalised text, left to right, and carries along where each part of it comes from.
struct NormalizedWriter {
    private let inputRanges: [Range<Int>]
    private let head: Int
    private(set) var result = Normalizer.Result()
    /// The first input range that may matter to what comes.
    private var cursor = 0

    init(inputRanges: [Range<Int>], head: Int) {
        self.inputRanges = inputRanges
        self.head = head
    }

    /// Adds what the source's bytes `range` became.
    mutating func add(_ bytes: some Sequence<UInt8>, from range: Range<Int>) {
        let start = result.bytes.count
        result.bytes.append(contentsOf: bytes)
        if range.lowerBound < head { result.head = result.bytes.count }
        skip(to: range.lowerBound)
        for input in inputRanges[cursor...] {
            if input.lowerBound >= range.upperBound { break }
            let isBefore = input.isEmpty && input.lowerBound == range.lowerBound
            addInput(start..<(isBefore ? start : result.bytes.count))
        }
    }

    /// Adds bytes of the source as they are.
    mutating func copy(_ text: Span<UInt8>, _ range: Range<Int>) {
        if range.isEmpty { return }
        let shift = result.bytes.count - range.lowerBound
        text.extracting(range).withUnsafeBufferPointer { result.bytes.append(contentsOf: $0) }
        if range.lowerBound < head { result.head = min(range.upperBound, head) + shift }
        skip(to: range.lowerBound)
        for input in inputRanges[cursor...] {
            if input.lowerBound >= range.upperBound { break }
            let common = input.clamped(to: range)
            addInput(common.lowerBound + shift..<common.upperBound + shift)
        }
    }

    private mutating func skip(to start: Int) {
        while cursor < inputRanges.count, inputRanges[cursor].upperBound <= start,
            inputRanges[cursor] != start..<start
        {
            cursor += 1
        }
    }

    /// Adds a range, in order; ranges that meet become one. Where input vanished an empty range stays:
    /// what it held apart must not match as one.
    private mutating func addInput(_ range: Range<Int>) {
        if let last = result.inputRanges.last, last.upperBound == range.lowerBound {
            result.inputRanges[result.inputRanges.count - 1] = last.lowerBound..<range.upperBound
        } else {
            result.inputRanges.append(range)
        }
    }
}
