import Core

/// Byte-pair encoding of one word: the pair with the lowest rank merges, the leftmost of equals
/// first, until no pair is in the table.
struct BPE: Sendable {
    /// What a word is made of before anything merges.
    enum Alphabet: Sendable {
        /// Bytes; the token of each of the 256.
        case bytes([TokenID])
        /// Unicode characters, as in SentencePiece's models.
        case characters(CharacterAlphabet)
    }

    let alphabet: Alphabet
    let merges: MergeTable
    /// With `ignore_merges`: words that are a token as they stand.
    let wholeWords: ByteTable?
    private let seams: Seams?
    /// What two neighbouring bytes merge into, as `merges` has it; empty if words are no bytes. Much
    /// smaller than that table, so that it stays in the cache.
    private let bytePairs: [UInt64]

    /// Up to this many bytes, looking at every pair each time beats keeping a queue.
    static let shortWord = 48

    /// - Parameters:
    ///   - alphabet: for byte-level BPE `.bytes(...)`; for BPE over characters
    ///     `.characters(CharacterAlphabet(spellings: vocabulary.spellings, byteFallback: ...,
    ///     unknown: id of unk_token, fusesUnknown: fuse_unk, where: id is in model.vocab))`.
    ///   - merges: ranks count from 0; equal ranks merge from left to right.
    ///   - wholeWords: with `ignore_merges`, the model's tokens by the text they stand for: decoded
    ///     for bytes, as spelled for characters.
    ///   - spellings: of every id, as in the file. Long words are cut with their help; nil is right
    ///     too, but slow on long words.
    init(_ alphabet: Alphabet, merges: MergeTable, wholeWords: ByteTable?, spellings: ByteTable?) {
        self.alphabet = alphabet
        self.merges = merges
        self.wholeWords = wholeWords
        seams = spellings.map { Seams(alphabet, merges, $0) }
        if case .bytes(let tokens) = alphabet {
            bytePairs = tokens.flatMap { left in tokens.map { merges.find(left, $0) } }
        } else {
            bytePairs = []
        }
    }

    /// Byte-level BPE that does not cut long words.
    init(byteTokens: [TokenID], merges: MergeTable, wholeWords: ByteTable?) {
        self.init(.bytes(byteTokens), merges: merges, wholeWords: wholeWords, spellings: nil)
    }

    /// Whether pieces of a long word are encoded as if they were words.
    var piecesAreWords: Bool { wholeWords == nil }

    /// Where the piece of a long word that starts at `start` ends: the tokens of all pieces are those
    /// of the word.
    func pieceEnd(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        guard let seams else { return end }
        switch alphabet {
        case .bytes: return seams.end(bytes: text, start, end)
        case .characters(let characters): return seams.end(characters, text, start, end)
        }
    }

    /// Appends the tokens of `text[word]`, valid UTF-8 unless the alphabet is bytes.
    @inline(__always)
    func encode(
        _ text: Span<UInt8>,
        _ word: Range<Int>,
        _ scratch: inout BPEScratch,
        _ output: inout [TokenID]
    ) {
        if word.count == 1, case .bytes(let tokens) = alphabet {
            output.append(tokens[Int(text[word.lowerBound])])
        } else if let token = wholeWords?.find(text, word) {
            output.append(token)
        } else if word.count <= Self.shortWord {
            encodePiece(text, word, &scratch, &output)
        } else {
            encodeLong(text, word, &scratch, &output)
        }
    }

    private func encodeLong(
        _ text: Span<UInt8>,
        _ word: Range<Int>,
        _ scratch: inout BPEScratch,
        _ output: inout [TokenID]
    ) {
        var start = word.lowerBound
        while start < word.upperBound {
            let end = pieceEnd(text, start, word.upperBound)
            encodePiece(text, start..<end, &scratch, &output)
            start = end
        }
    }

    private func encodePiece(
        _ text: Span<UInt8>,
        _ piece: Range<Int>,
        _ scratch: inout BPEScratch,
        _ output: inout [TokenID]
    ) {
        load(text, piece, &scratch.tokens)
        if scratch.tokens.count <= Self.shortWord {
            if bytePairs.isEmpty {
                scratch.loadValues(merges)
            } else {
                scratch.loadValues(bytePairs, text, piece)
            }
            let count = merge(&scratch.tokens, &scratch.values)
            for index in 0..<count { output.append(scratch.tokens[index]) }
        } else {
            var repeated = RepeatedSymbol(scratch.tokens)
            var word = LongWord(repeated?.merge(merges) ?? scratch.tokens, merges)
            word.merge(merges)
            word.appendTokens(to: &output)
        }
    }

    /// - Returns: how many tokens are left, at the front.
    private func merge(_ tokens: inout [TokenID], _ values: inout [UInt64]) -> Int {
        var count = tokens.count
        var tokens = tokens.mutableSpan
        var values = values.mutableSpan
        while count > 1 {
            var best = MergeTable.none
            var at = 0
            for index in 0..<count - 1 where values[index] < best {
                best = values[index]
                at = index
            }
            if best == MergeTable.none { break }
            tokens[at] = MergeTable.token(best)
            count -= 1
            for index in at + 1..<max(count, at + 1) {
                tokens[index] = tokens[index + 1]
                values[index] = values[index + 1]
            }
            if at > 0 { values[at - 1] = merges.find(tokens[at - 1], tokens[at]) }
            if at + 1 < count { values[at] = merges.find(tokens[at], tokens[at + 1]) }
        }
        return count
    }

    /// Puts the first symbols of `text[word]` into `tokens`.
    private func load(_ text: Span<UInt8>, _ word: Range<Int>, _ tokens: inout [TokenID]) {
        tokens.removeAll(keepingCapacity: true)
        switch alphabet {
        case .bytes(let byteTokens):
            for index in word { tokens.append(byteTokens[Int(text[index])]) }
        case .characters(let characters): characters.load(text, word, &tokens)
        }
    }
}

extension BPE.Alphabet {
    /// What the text has for a scalar of a token's spelling: the byte that it spells, or itself.
    var unitOfScalar: (Int) -> Int {
        guard case .bytes = self else { return { $0 } }
        var bytes = [Int](repeating: 0, count: 0x144)
        for (byte, scalar) in ByteLevel.scalars.enumerated() { bytes[Int(scalar.value)] = byte }
        // Other scalars are in no token that bytes merge into.
        return { $0 < bytes.count ? bytes[$0] : 0 }
    }
}

/// Buffers that the words of one text share.
struct BPEScratch {
    fileprivate var tokens: [TokenID] = []
    /// The merge value of each token with the one after it.
    fileprivate var values: [UInt64] = []

    fileprivate mutating func loadValues(_ merges: MergeTable) {
        values.removeAll(keepingCapacity: true)
        var index = 1
        while index < tokens.count {
            values.append(merges.find(tokens[index - 1], tokens[index]))
            index += 1
        }
        values.append(MergeTable.none)
    }

    /// The same for the bytes of `text[word]`.
    fileprivate mutating func loadValues(
        _ pairs: [UInt64],
        _ text: Span<UInt8>,
        _ word: Range<Int>
    ) {
        values.removeAll(keepingCapacity: true)
        var index = word.lowerBound + 1
        while index < word.upperBound {
            values.append(pairs[Int(text[index - 1]) << 8 | Int(text[index])])
            index += 1
        }
        values.append(MergeTable.none)
    }
}
