import Core

/// What a SentencePiece model (`tokenizer.model`) says: the fields of sentencepiece_model.proto that
/// change ids or text.
struct SentencePieceFile {
    enum Kind: UInt64 {
        case unigram = 1
        case bpe = 2
    }

    enum PieceType: UInt64 {
        case normal = 1
        case unknown, control, userDefined, unused, byte
    }

    var spellings = ByteTable()
    var scores: [Float] = []
    var types: [PieceType] = []

    // trainer_spec
    var kind = Kind.unigram
    var byteFallback = false
    var unknownID = 0
    var bosID = 1
    var eosID = 2

    // normalizer_spec
    /// Rules of the normalisation as a double array; empty for none.
    var charsmap: [UInt8] = []
    var addsDummyPrefix = true
    var removesExtraSpaces = true
    var escapesSpaces = true

    init(_ data: [UInt8]) throws(TokenizationError) {
        var reader = ProtobufReader(data)
        while let (field, value) = try reader.next() {
            guard case .bytes(let range) = value else { continue }
            switch field {
            case 1: try readPiece(data, range)
            case 2: try readTrainer(data, range)
            case 3: try readNormalizer(data, range)
            case 5: try checkDenormalizer(data, range)
            default: break
            }
        }
        if types.isEmpty { throw Self.malformed("it has no pieces") }
        guard types.indices.contains(unknownID), types[unknownID] == .unknown else {
            throw Self.malformed("piece \(unknownID) is not the unknown piece")
        }
    }

    private mutating func readPiece(
        _ data: [UInt8],
        _ range: Range<Int>
    ) throws(TokenizationError) {
        var reader = ProtobufReader(data, range)
        var spelling = range.lowerBound..<range.lowerBound
        var score = Float(0)
        var type = PieceType.normal
        while let (field, value) = try reader.next() {
            switch (field, value) {
            case (1, .bytes(let range)): spelling = range
            case (2, .fixed32(let bits)): score = Float(bitPattern: bits)
            case (3, .varint(let number)):
                guard let known = PieceType(rawValue: number) else {
                    throw Self.malformed("piece \(types.count) has type \(number)")
                }
                type = known
            default: break
            }
        }
        guard !spelling.isEmpty, score.isFinite,
            String(validating: data[spelling], as: UTF8.self) != nil
        else {
            throw Self.malformed(
                "piece \(types.count) is empty, no UTF-8, or scored with no number"
            )
        }
        spellings.append { $0.append(contentsOf: data[spelling]) }
        scores.append(score)
        types.append(type)
    }

    private mutating func readTrainer(
        _ data: [UInt8],
        _ range: Range<Int>
    ) throws(TokenizationError) {
        var reader = ProtobufReader(data, range)
        while let (field, value) = try reader.next() {
            guard case .varint(let number) = value else { continue }
            switch field {
            case 3:
                guard let known = Kind(rawValue: number) else {
                    throw Self.unsupported("model type \(number); BPE and Unigram are read")
                }
                kind = known
            case 24 where number != 0: throw Self.unsupported("treat_whitespace_as_suffix")
            case 35: byteFallback = number != 0
            case 40: unknownID = Int(truncatingIfNeeded: number)
            case 41: bosID = Int(truncatingIfNeeded: number)
            case 42: eosID = Int(truncatingIfNeeded: number)
            default: break
            }
        }
    }

    private mutating func readNormalizer(
        _ data: [UInt8],
        _ range: Range<Int>
    ) throws(TokenizationError) {
        var reader = ProtobufReader(data, range)
        while let (field, value) = try reader.next() {
            switch (field, value) {
            case (2, .bytes(let range)): charsmap = Array(data[range])
            case (3, .varint(let number)): addsDummyPrefix = number != 0
            case (4, .varint(let number)): removesExtraSpaces = number != 0
            case (5, .varint(let number)): escapesSpaces = number != 0
            default: break
            }
        }
    }

    private func checkDenormalizer(
        _ data: [UInt8],
        _ range: Range<Int>
    ) throws(TokenizationError) {
        var reader = ProtobufReader(data, range)
        while let (field, value) = try reader.next() {
            if field == 2, case .bytes(let rules) = value, !rules.isEmpty {
                throw Self.unsupported("denormalizer_spec.precompiled_charsmap")
            }
        }
    }

    static func malformed(_ message: String) -> TokenizationError {
        TokenizationError(.malformed, "not a SentencePiece model that makes sense: \(message)")
    }

    private static func unsupported(_ what: String) -> TokenizationError {
        TokenizationError(.unsupported, "unsupported in a SentencePiece model: \(what)")
    }
}
