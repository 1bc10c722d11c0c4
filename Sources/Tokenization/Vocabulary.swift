import Core

/// Every token by id, added ones included: its spelling in the file and the bytes it stands for.
struct Vocabulary: Sendable {
    /// Spellings as in tokenizer.json.
    private(set) var spellings = ByteTable()
    /// What decoding gives for each id.
    private(set) var bytes = ByteTable()

    var count: Int { spellings.count }

    /// Whether an id's spelling is wholly in the byte-level alphabet.
    private(set) var isByteLevel: [Bool] = []
    /// An id whose spelling another one has too.
    private(set) var repeated: TokenID?

    /// - Parameters:
    ///   - tokens: spelling of each id, dense from 0.
    ///   - decoded: ids that decode as if they were spelled otherwise.
    init(_ tokens: [String], decoded: [TokenID: String] = [:]) {
        for (id, token) in tokens.enumerated() {
            let shown = decoded.isEmpty ? nil : decoded[TokenID(truncatingIfNeeded: id)]
            spellings.append { $0.append(contentsOf: token.utf8) }
            bytes.append { isByteLevel.append(ByteLevel.decode(shown ?? token, into: &$0)) }
        }
        repeated = spellings.index().map { TokenID(truncatingIfNeeded: $0) }
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

    /// The token of each single byte; nil where the vocabulary has none.
    func singleBytes() -> [TokenID?] {
        ByteLevel.scalars.map { id(of: String(Character($0))) }
    }

    /// The ids for which `include` holds, by the bytes they stand for.
    func words(where include: (TokenID) -> Bool) -> ByteTable {
        var table = bytes
        table.index { isByteLevel[$0] && include(TokenID(truncatingIfNeeded: $0)) }
        return table
    }
}
