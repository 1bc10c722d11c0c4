package import Core

/// Reads a SentencePiece model file (`tokenizer.model`): sentencepiece_model.proto.
struct SentencePieceFile {
    private(set) var model = SentencePieceModel()

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
        if model.types.isEmpty { throw Self.malformed("it has no pieces") }
        let unknown = model.unknownID
        guard model.types.indices.contains(unknown), model.types[unknown] == .unknown else {
            throw Self.malformed("piece \(unknown) is not the unknown piece")
        }
    }

    private mutating func readPiece(
        _ data: [UInt8],
        _ range: Range<Int>
    ) throws(TokenizationError) {
        var reader = ProtobufReader(data, range)
        var spelling = range.lowerBound..<range.lowerBound
        var score = Float(0)
        var type = SentencePieceModel.PieceType.normal
        while let (field, value) = try reader.next() {
            switch (field, value) {
            case (1, .bytes(let range)): spelling = range
            case (2, .fixed32(let bits)): score = Float(bitPattern: bits)
            case (3, .varint(let number)):
                guard let known = SentencePieceModel.PieceType(rawValue: number) else {
                    throw Self.malformed("piece \(model.types.count) has type \(number)")
                }
                type = known
            default: break
            }
        }
        guard !spelling.isEmpty, score.isFinite,
            let text = String(validating: data[spelling], as: UTF8.self)
        else {
            throw Self.malformed(
                "piece \(model.types.count) is empty, no UTF-8, or scored with no number"
            )
        }
        model.pieces.append(text)
        model.scores.append(score)
        model.types.append(type)
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
                guard let known = SentencePieceModel.Kind(rawValue: number) else {
                    throw Self.unsupported("model type \(number); BPE and Unigram are read")
                }
                model.kind = known
            case 24 where number != 0: throw Self.unsupported("treat_whitespace_as_suffix")
            case 35: model.byteFallback = number != 0
            case 40: model.unknownID = Int(truncatingIfNeeded: number)
            case 41: model.bosID = Int(truncatingIfNeeded: number)
            case 42: model.eosID = Int(truncatingIfNeeded: number)
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
            case (2, .bytes(let range)): model.charsmap = Array(data[range])
            case (3, .varint(let number)): model.prefix = number != 0 ? .always : .none
            case (4, .varint(let number)): model.removesExtraSpaces = number != 0
            case (5, .varint(let number)): model.escapesSpaces = number != 0
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

extension TokenizerParts {
    /// - Parameters:
    ///   - data: the contents of `tokenizer.model`.
    ///   - configuration: the contents of tokenizer_config.json, if there is one: `legacy` (whether
    ///     a space goes in front of every text between added tokens, or of the whole text alone),
    ///     `add_prefix_space`, `add_bos_token` and `add_eos_token` count.
    /// - Throws: if it is no such model, or one that asks for what is not implemented.
    init(sentencePiece data: [UInt8], configuration: JSON?) throws(TokenizationError) {
        try self.init(SentencePieceFile(data).model, configuration)
    }

    fileprivate init(
        _ file: SentencePieceModel,
        _ configuration: JSON?
    ) throws(TokenizationError) {
        var model = file
        if model.prefix != .none {
            if configuration?["legacy"]?.bool == false { model.prefix = .first }
            if configuration?["add_prefix_space"]?.bool == false { model.prefix = .none }
        }
        // As LlamaTokenizer and T5Tokenizer have it where nothing is said.
        let isBPE = model.kind == .bpe
        var around = PostProcessor()
        if configuration?["add_bos_token"]?.bool ?? isBPE {
            around.prefix = model.control(model.bosID)
        }
        if configuration?["add_eos_token"]?.bool ?? !isBPE {
            around.suffix = model.control(model.eosID)
        }
        try self.init(model, around)
    }
}

extension SentencePieceModel {
    /// `id` where it is a control token, as which models without one have none.
    func control(_ id: Int) -> [TokenID] {
        types.indices.contains(id) && types[id] == .control
            ? [TokenID(truncatingIfNeeded: id)] : []
    }
}

extension Tokenizer {
    /// As `TokenizerParts(sentencePiece:configuration:)`; the tokens that begin and end texts are
    /// those of the configuration or, where it names none, the model's.
    package convenience init(
        sentencePiece data: [UInt8],
        configuration: JSON?
    ) throws(TokenizationError) {
        let model = try SentencePieceFile(data).model
        func name(_ key: String, _ id: Int) -> String? {
            let named = configuration?[key]
            if let text = named?.string ?? named?["content"]?.string { return text }
            return model.control(id).isEmpty ? nil : model.pieces[id]
        }
        try self.init(
            TokenizerParts(model, configuration),
            bosToken: name("bos_token", model.bosID),
            eosToken: name("eos_token", model.eosID)
        )
    }
}
