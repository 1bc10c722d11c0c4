import Core

/// Reads the bytes of tokenizer.json without making values of its two long lists, as `JSON` would.
/// What is not as `tokenizers` writes it is left to `JSON`, which reads everything and knows what
/// to say of errors.
struct TokenizerScanner {
    /// The file; words that the file writes with escapes are added to the end.
    var lists = ModelLists()
    /// Bytes of the file.
    let count: Int
    var position = 0
    /// Where the values of `model.vocab` and `model.merges` are.
    private var vocab: Range<Int>?
    private var merges: Range<Int>?

    struct Failure: Error {}

    /// The file's `model.vocab` and `model.merges`, and all else with `{}` and `[]` in their places;
    /// nil if the file is not plain enough.
    /// - Parameter file: its bytes, which go into the lists, or stay if there are none.
    static func read(_ file: inout [UInt8]) -> (json: JSON, lists: ModelLists)? {
        scan(&file) { scanner throws(Failure) in
            try scanner.readFile()
            return try (scanner.rest(), scanner.lists)
        }
    }

    /// The tokens of a file with nothing but a vocabulary (vocab.json); nil if it is not plain enough.
    /// - Parameter file: its bytes, which go into the lists, or stay if there are none.
    static func readVocabulary(_ file: inout [UInt8]) -> ModelLists? {
        scan(&file) { scanner throws(Failure) in
            scanner.skipSpace()
            try scanner.readVocab()
            scanner.skipSpace()
            guard scanner.position == scanner.count, scanner.isUTF8(0..<scanner.count) else {
                throw Failure()
            }
            return scanner.lists
        }
    }

    private static func scan<Result>(
        _ file: inout [UInt8],
        _ read: (inout Self) throws(Failure) -> Result
    ) -> Result? {
        // Moved and not copied, as words may be added to it.
        var scanner = TokenizerScanner(count: file.count)
        swap(&scanner.lists.text, &file)
        do throws(Failure) {
            return try read(&scanner)
        } catch {
            file = Array(scanner.lists.text[..<scanner.count])
            return nil
        }
    }

    private func isUTF8(_ range: Range<Int>) -> Bool {
        (try? UTF8Span(validating: lists.text.span.extracting(range))) != nil
    }

    private init(count: Int) {
        self.count = count
        // Of published files, tokens and merges take more bytes each.
        lists.tokens.reserveCapacity(count / 32)
        lists.merges.reserveCapacity(count / 16)
    }

    private mutating func readFile() throws(Failure) {
        var hasModel = false
        try readObject { scanner, key throws(Failure) in
            if key != "model" { return try scanner.skipValue() }
            // Of a key that is written twice, the last value counts.
            if hasModel { throw Failure() }
            hasModel = true
            try scanner.readModel()
        }
    }

    private mutating func readModel() throws(Failure) {
        try readObject { scanner, key throws(Failure) in
            scanner.skipSpace()
            let start = scanner.position
            switch key {
            case "vocab":
                if scanner.vocab != nil { throw Failure() }
                try scanner.readVocab()
                scanner.vocab = start..<scanner.position
            case "merges":
                if scanner.merges != nil { throw Failure() }
                try scanner.readMerges()
                scanner.merges = start..<scanner.position
            default: try scanner.skipValue()
            }
        }
    }

    /// What is left of the file without the lists.
    private func rest() throws(Failure) -> JSON {
        guard let vocab, let merges,
            // Merges need no check: they are tokens, byte for byte, or nothing.
            isUTF8(vocab)
        else { throw Failure() }
        var rest: [UInt8] = []
        var done = 0
        let cuts = [(vocab, "{}"), (merges, "[]")].sorted { $0.0.lowerBound < $1.0.lowerBound }
        for (range, instead) in cuts {
            rest += lists.text[done..<range.lowerBound]
            rest += instead.utf8
            done = range.upperBound
        }
        rest += lists.text[done..<count]
        guard let json = try? JSON(parsing: rest) else { throw Failure() }
        return json
    }
}

// MARK: the lists

extension TokenizerScanner {
    private mutating func readVocab() throws(Failure) {
        try readItems(from: UInt8(ascii: "{"), to: UInt8(ascii: "}")) { scanner throws(Failure) in
            let name = try scanner.word()
            try scanner.colon()
            scanner.skipSpace()
            scanner.lists.tokens.append(.init(name: .init(name), id: try scanner.integer()))
        }
    }

    private mutating func readMerges() throws(Failure) {
        try readItems(from: UInt8(ascii: "["), to: UInt8(ascii: "]")) { scanner throws(Failure) in
            let isPair = scanner.take(UInt8(ascii: "["))
            scanner.lists.merges.append(isPair ? try scanner.pair() : try scanner.line())
        }
    }

    /// `"a", "b"]`
    private mutating func pair() throws(Failure) -> ModelLists.Merge {
        skipSpace()
        let left = try word()
        skipSpace()
        try expect(UInt8(ascii: ","))
        skipSpace()
        let right = try word()
        skipSpace()
        try expect(UInt8(ascii: "]"))
        return .init(left: .init(left), right: .init(right))
    }

    /// `"a b"`
    private mutating func line() throws(Failure) -> ModelLists.Merge {
        // First, because it may add to the text that `merge` looks at.
        let line = try word()
        guard let merge = lists.merge(line) else { throw Failure() }
        return merge
    }

    /// A number from 0 to 999,999,999.
    private mutating func integer() throws(Failure) -> Int {
        let start = position
        var value = 0
        while position < count, position - start < 10, byte(position) &- 0x30 < 10 {
            value = 10 * value + Int(byte(position) - 0x30)
            position += 1
        }
        let digits = position - start
        guard (1...9).contains(digits), digits == 1 || byte(start) != 0x30 else { throw Failure() }
        return value
    }
}
