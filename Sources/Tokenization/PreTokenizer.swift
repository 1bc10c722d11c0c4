import Core

/// How a text without added tokens is cut into the words that BPE encodes one by one.
struct PreTokenizer: Sendable {
    enum Step: Sendable {
        /// Put a space in front of each piece that does not start with one.
        case prefixSpace
        case split(WordScanner)
    }

    var steps: [Step]
}

/// The state of one encoding: words go in, ids come out.
struct WordEncoder: ~Copyable {
    let steps: [PreTokenizer.Step]
    let model: BPE
    var output: [TokenID] = []
    private var scratch = BPEScratch()

    init(_ preTokenizer: PreTokenizer, _ model: BPE) {
        steps = preTokenizer.steps
        self.model = model
    }

    /// Appends the ids of `text[range]`. `cache` belongs to this `text`.
    mutating func encode(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ cache: inout WordCache,
        from step: Int = 0
    ) {
        if range.isEmpty { return }
        guard step < steps.count else {
            return cache.encode(text, range, model, &scratch, &output)
        }
        switch steps[step] {
        case .prefixSpace: encodeWithSpace(text, range, &cache, step)
        case .split(let scanner) where step + 1 == steps.count:
            var start = range.lowerBound
            while start < range.upperBound {
                let end = scanner.wordEnd(text, start, range.upperBound)
                cache.encode(text, start..<end, model, &scratch, &output)
                start = end
            }
        case .split(let scanner):
            var start = range.lowerBound
            while start < range.upperBound {
                let end = scanner.wordEnd(text, start, range.upperBound)
                encode(text, start..<end, &cache, from: step + 1)
                start = end
            }
        }
    }

    private mutating func encodeWithSpace(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ cache: inout WordCache,
        _ step: Int
    ) {
        if text[range.lowerBound] == 0x20 { return encode(text, range, &cache, from: step + 1) }
        var copy: [UInt8] = [0x20]
        copy.reserveCapacity(range.count + 1)
        for index in range { copy.append(text[index]) }
        var ownCache = WordCache(textLength: copy.count)
        encode(copy.span, 0..<copy.count, &ownCache, from: step + 1)
    }
}
