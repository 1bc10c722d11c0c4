import Core

/// Every token by id, added ones included: its spelling in the file and the bytes it stands for.
struct Vocabulary: Sendable {
    /// Spellings as in tokenizer.json; empty for ids that no token has.
    private(set) var spellings = ByteTable()
    /// What each id decodes as after other tokens.
    private var bytes = ByteTable()
    /// What ids decode as at the start of a text, where that is something else.
    private var firstBytes: [TokenID: [UInt8]] = [:]
    /// Whether an id is a byte of byte fallback; empty if none is.
    private var isByte: [Bool] = []
    /// An id whose spelling another one has too.
    private(set) var repeated: TokenID?

    var count: Int { spellings.count }

    /// - Parameters:
    ///   - spellings: of each id, dense from 0.
    ///   - decoded: ids that decode as if they were spelled otherwise.
    /// - Throws: if a regular expression of the decoder takes too much work on a token.
    init(
        _ spellings: ByteTable,
        _ decoder: Decoder,
        decoded: [TokenID: String] = [:]
    ) throws(RegexError) {
        self.spellings = spellings
        bytes = ByteTable(capacity: count)
        let repeated = self.spellings.index { !spellings.range($0).isEmpty }
        self.repeated = repeated.map { TokenID(truncatingIfNeeded: $0) }
        let replacement = decoder.replacement
        let isFinal = !decoder.changesFirst
        let blob = spellings.blob.span
        for index in 0..<count {
            let id = TokenID(truncatingIfNeeded: index)
            if !decoded.isEmpty, let shown = decoded[id] {
                let shown = Array(shown.utf8)
                try append(shown.span, 0..<shown.count, id, decoder, replacement, isFinal: isFinal)
            } else {
                try append(blob, spellings.range(index), id, decoder, replacement, isFinal: isFinal)
            }
        }
    }

    private mutating func append(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ id: TokenID,
        _ decoder: Decoder,
        _ replacement: (of: [UInt8], with: [UInt8])?,
        isFinal: Bool
    ) throws(RegexError) {
        if decoder.isByteLevel { return bytes.append { ByteLevel.decode(text, range, into: &$0) } }
        if let replacement, range.isEmpty || text[range.lowerBound] != UInt8(ascii: "<"),
            append(text, range, replacement, isFinal: isFinal)
        {
            return
        }
        let token = range.map { text[$0] }
        switch try decoder.piece(token, isFirst: false) {
        case .text(let text): bytes.append { $0 += text }
        case .byte(let byte):
            bytes.append { $0.append(byte) }
            isByte += Array(repeating: false, count: Int(id) - isByte.count) + [true]
        }
        if decoder.changesFirst, case .text(let text) = try decoder.piece(token, isFirst: true) {
            firstBytes[id] = text
        }
    }

    /// Appends `text[range]` with all of one text replaced.
    /// - Parameter isFinal: whether anything may be replaced; else nothing is appended then.
    private mutating func append(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ replacement: (of: [UInt8], with: [UInt8]),
        isFinal: Bool
    ) -> Bool {
        let (old, new) = replacement
        var done = range.lowerBound
        var index = old.isEmpty ? range.upperBound : done
        while index < range.upperBound {
            let end = index + old.count
            if text[index] == old[0], end <= range.upperBound,
                ByteChunks.equal(text, index..<end, old.span, 0..<old.count)
            {
                if !isFinal { return false }
                bytes.extend(text, done..<index)
                bytes.extend(new.span, 0..<new.count)
                index = end
                done = end
            } else {
                index += 1
            }
        }
        bytes.append(text, done..<range.upperBound)
        return true
    }

    func contains(_ id: TokenID) -> Bool { id >= 0 && Int(id) < count }

    func id(of spelling: String) -> TokenID? { spellings.find(Array(spelling.utf8)) }

    func spelling(of id: TokenID) -> String {
        contains(id) ? String(decoding: spellings.bytes(Int(id)), as: UTF8.self) : ""
    }

    /// The bytes of `id`; none for an id out of range.
    func bytes(of id: TokenID) -> ArraySlice<UInt8> {
        contains(id) ? bytes.bytes(Int(id)) : []
    }

    /// The bytes of `id` at the start of a text.
    func bytes(ofFirst id: TokenID) -> ArraySlice<UInt8> {
        firstBytes[id].map { $0[...] } ?? bytes(of: id)
    }

    /// Whether `id` is a byte of byte fallback.
    func isByte(_ id: TokenID) -> Bool {
        isByte.indices.contains(Int(id)) && isByte[Int(id)]
    }

    /// The token of each single byte as GPT-2 spells it; nil where the vocabulary has none.
    func singleBytes() -> [TokenID?] {
        ByteLevel.scalars.map { id(of: String(Character($0))) }
    }

    /// The ids for which `include` holds, by their spelling.
    func words(where include: (TokenID) -> Bool) -> ByteTable {
        var table = spellings
        table.index { include(TokenID(truncatingIfNeeded: $0)) }
        return table
    }

    /// The ids for which `include` holds, by the bytes they spell as GPT-2 does. Others are left out.
    func byteWords(where include: (TokenID) -> Bool) -> ByteTable {
        var table = ByteTable(capacity: count)
        var isSpelled: [Bool] = []
        let blob = spellings.blob.span
        for index in 0..<count {
            let range = spellings.range(index)
            table.append { isSpelled.append(ByteLevel.decode(blob, range, into: &$0)) }
        }
        table.index { isSpelled[$0] && include(TokenID(truncatingIfNeeded: $0)) }
        return table
    }
}
