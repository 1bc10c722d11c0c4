import Core

/// How a text without added tokens is cut into the words that the model encodes one by one.
struct PreTokenizer: Sendable {
    enum Step: Sendable {
        /// Put a space in front of each piece that does not start with one.
        case prefixSpace
        case split(WordScanner)
        case splitWhere(Splitter)
        case metaspace(Metaspace)
        /// Each byte as GPT-2 spells it, because steps after this look at that spelling or the model
        /// is written in it. Byte-level BPE does without: its model takes bytes.
        case spellBytes
    }

    var steps: [Step] = []
    /// Whether the model gets words as bytes, not as GPT-2 spells them.
    var wordsAreBytes = false
    /// Whether they are spelled on the way, and so must be turned into bytes again.
    var unspells = false
}

/// The state of one encoding: words go in, ids come out.
struct WordEncoder: ~Copyable {
    private let steps: [PreTokenizer.Step]
    private let unspells: Bool
    private let model: TokenizerModel
    var output: [TokenID] = []
    private var scratch = BPEScratch()

    init(_ preTokenizer: PreTokenizer, _ model: TokenizerModel) {
        steps = preTokenizer.steps
        unspells = preTokenizer.unspells
        self.model = model
    }

    /// Appends the ids of `text[range]`.
    /// - Parameters:
    ///   - head: up to here `text` comes from the very start of the text that is encoded.
    ///   - cache: belongs to this `text`.
    mutating func encode(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        head: Int,
        _ cache: inout WordCache,
        from step: Int = 0
    ) throws(RegexError) {
        if range.isEmpty { return }
        guard step < steps.count else { return encodeWord(text, range, &cache) }
        switch steps[step] {
        case .prefixSpace:
            if text[range.lowerBound] == 0x20 {
                return try encode(text, range, head: head, &cache, from: step + 1)
            }
            var copy: [UInt8] = [0x20]
            copy.reserveCapacity(range.count + 1)
            for index in range { copy.append(text[index]) }
            try encode(copy, isFirst: range.lowerBound < head, from: step + 1)
        case .split(let scanner):
            try split(text, range, head: head, &cache, scanner, from: step + 1)
        case .splitWhere(let splitter):
            for part in try splitter.parts(of: text, range) {
                try encode(text, part, head: head, &cache, from: step + 1)
            }
        case .metaspace(let metaspace):
            try encode(text, range, head: head, &cache, metaspace, from: step + 1)
        case .spellBytes:
            var copy: [UInt8] = []
            for index in range {
                copy += Character(ByteLevel.scalars[Int(text[index])]).utf8
            }
            try encode(copy, isFirst: range.lowerBound < head, from: step + 1)
        }
    }

    /// The same for a text that was made of the one before.
    private mutating func encode(
        _ text: [UInt8],
        isFirst: Bool,
        from step: Int
    ) throws(RegexError) {
        var cache = WordCache(textLength: text.count)
        let head = isFirst ? 1 : 0
        try encode(text.span, 0..<text.count, head: head, &cache, from: step)
    }

    private mutating func encode(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        head: Int,
        _ cache: inout WordCache,
        _ metaspace: Metaspace,
        from step: Int
    ) throws(RegexError) {
        let isFirst = range.lowerBound < head
        if let copy = metaspace.replaceSpaces(text, range, isFirst: isFirst) {
            var cache = WordCache(textLength: copy.count)
            let words = metaspace.words(of: copy.span, 0..<copy.count)
            for word in words {
                try encode(copy.span, word, head: isFirst ? 1 : 0, &cache, from: step)
            }
        } else {
            for word in metaspace.words(of: text, range) {
                try encode(text, word, head: head, &cache, from: step)
            }
        }
    }

    private mutating func split(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        head: Int,
        _ cache: inout WordCache,
        _ scanner: WordScanner,
        from step: Int
    ) throws(RegexError) {
        var start = range.lowerBound
        guard step == steps.count, !unspells, case .bpe(let bpe) = model else {
            while start < range.upperBound {
                let end = scanner.wordEnd(text, start, range.upperBound)
                try encode(text, start..<end, head: head, &cache, from: step)
                start = end
            }
            return
        }
        // Most texts are encoded by this loop alone: nothing in it asks what kind of model it is.
        while start < range.upperBound {
            let end = scanner.wordEnd(text, start, range.upperBound)
            cache.encode(text, start..<end, bpe, &scratch, &output)
            start = end
        }
    }

    private mutating func encodeWord(
        _ text: Span<UInt8>,
        _ word: Range<Int>,
        _ cache: inout WordCache
    ) {
        switch model {
        case .unigram(let unigram): unigram.encode(text, word, &output)
        case .bpe(let bpe) where unspells:
            let bytes = ByteLevel.bytes(text, word)
            bpe.encode(bytes.span, 0..<bytes.count, &scratch, &output)
        case .bpe(let bpe): cache.encode(text, word, bpe, &scratch, &output)
        }
    }
}
