/// A matrix of compressed-tensors' pack-quantized format: rows of 32-bit words, each with its codes
/// of 4 or 8 bits around 2^(bits - 1).
struct PackedMatrix: StoredMatrix {
    let rows: Int
    let columns: Int
    let encoding: MatrixEncoding
    let columnOrder: [Int32]?
    let codes: Tensor
    let scales: ScaleGrid
    /// Nil: all zero points are 2^(bits - 1).
    let zeros: ZeroPoints?

    private var bits: Int { if case .integers(let bits, _) = encoding { bits } else { 0 } }

    func read(row index: Int, into row: EncodedRow) {
        store(columns, in: columnOrder, into: row.bytes) { unpack(index, into: $0) }
        scales.copy(row: index, into: row.scales)
        for group in 0..<encoding.groupCount(columns: columns) {
            row.zeros[group] = bits == 8 ? 0 : zeros?.code(index, group) ?? 8
        }
    }

    private func unpack(_ row: Int, into out: UnsafeMutableRawPointer) {
        let words = codes.bytes, perWord = 32 / bits
        let first = row * codes.shape[1], whole = columns / perWord
        if bits == 4 {
            for place in 0..<whole {
                let numbers = Packing.bytes(ofNibbles: words.word(first + place))
                out.storeBytes(of: numbers, toByteOffset: 8 * place, as: UInt64.self)
            }
        } else {
            for place in 0..<whole {
                let numbers = Packing.signed(words.word(first + place))
                out.storeBytes(of: numbers, toByteOffset: 4 * place, as: UInt32.self)
            }
        }
        for column in whole * perWord..<columns {
            let word = words.word(first + whole)
            let number = Packing.number(column % perWord, of: word, bits: bits)
            let code = bits == 8 ? number ^ 0x80 : number
            out.storeBytes(of: code, toByteOffset: column, as: UInt8.self)
        }
    }
}

/// Zero points of a pack-quantized matrix.
struct ZeroPoints: Sendable {
    private let tensor: Tensor
    private let bits: Int

    /// - Parameter tensor: i32 (rows * bits / 32, groups), packed along the rows; or i8, one per row
    ///   and group or one for all.
    init(_ tensor: Tensor, rows: Int, groups: Int, bits: Int) throws(ModelFileError) {
        self.tensor = tensor
        self.bits = bits
        let reason = "a matrix of \(rows) rows in \(groups) groups"
        if tensor.type == .i32 {
            try tensor.check(shape: [Packing.words(rows, bits: bits), groups], reason)
        } else {
            try tensor.check(type: .i8)
            if tensor.count != 1 { try tensor.check(shape: [rows, groups], reason) }
        }
    }

    /// The zero point as codes count it: from 0 to 2^bits - 1.
    func code(_ row: Int, _ group: Int) -> UInt8 {
        let bytes = tensor.bytes
        if tensor.type == .i32 {
            let perWord = 32 / bits
            let word = bytes.word(row / perWord * tensor.shape[1] + group)
            return Packing.number(row % perWord, of: word, bits: bits)
        }
        let value = bytes[tensor.count == 1 ? 0 : row * tensor.shape[1] + group]
        return value &+ UInt8(truncatingIfNeeded: 1 << (bits - 1))
    }
}
