/// Rows of a stored matrix as floats: what its encoding means, in the natural order of columns.
package struct RowDecoder: Sendable {
    private let matrix: any StoredMatrix
    private let order: [Int32]?

    /// - Precondition: the encoding is of floats or known ggml blocks, or has scales; so have all that
    ///   `ModelSource.matrix` gives.
    package init(_ matrix: any StoredMatrix) {
        if case .blocks(let type) = matrix.encoding { precondition(type.isDecodable) }
        self.matrix = matrix
        order = matrix.columnOrder
    }

    /// Writes the matrix's `columns` values of row `index`. Can be called from several threads.
    package func decode(row index: Int, into out: UnsafeMutablePointer<Float>) {
        withScratch { row, reordered in
            matrix.read(row: index, into: row)
            guard let order else { return decode(row, into: out) }
            decode(row, into: reordered)
            for (place, column) in order.enumerated() { out[Int(column)] = reordered[place] }
        }
    }

    /// Room for an encoded row, and for a decoded one where columns are reordered.
    private func withScratch(_ body: (EncodedRow, UnsafeMutablePointer<Float>) -> Void) {
        let columns = matrix.columns, encoding = matrix.encoding
        let groups = encoding.groupCount(columns: columns)
        let floats = groups + (order == nil ? 0 : columns)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: floats + 1) { floats in
            let count = encoding.byteCount(columns: columns) + groups
            withUnsafeTemporaryAllocation(byteCount: count, alignment: 16) { bytes in
                guard let floats = floats.baseAddress, let bytes = bytes.baseAddress else { return }
                let zeros = (bytes + (count - groups)).assumingMemoryBound(to: UInt8.self)
                body(EncodedRow(bytes: bytes, scales: floats, zeros: zeros), floats + groups)
            }
        }
    }

    private func decode(_ row: EncodedRow, into out: UnsafeMutablePointer<Float>) {
        let columns = matrix.columns
        switch matrix.encoding {
        case .blocks(let type):
            let count = matrix.encoding.byteCount(columns: columns)
            type.decode(UnsafeRawBufferPointer(start: row.bytes, count: count), into: out)
        case .integers(let bits, let groupSize):
            let codes = UnsafeRawBufferPointer(start: row.bytes, count: columns)
            for (group, part) in parts(of: columns, groupSize).enumerated() {
                let scale = row.scales[group], zero = Int32(row.zeros[group])
                for column in part {
                    let code = codes[column]
                    let value = bits == 8 ? Int32(Int8(bitPattern: code)) : Int32(code)
                    out[column] = scale * Float(value &- zero)
                }
            }
        case .float8(let groupSize):
            let codes = UnsafeRawBufferPointer(start: row.bytes, count: columns)
            let values = Tensor.float8Values
            for (group, part) in parts(of: columns, groupSize).enumerated() {
                let scale = row.scales[group]
                for column in part { out[column] = scale * values[Int(codes[column])] }
            }
        }
    }

    /// Groups of `size` columns; the last may be smaller.
    private func parts(of columns: Int, _ size: Int) -> some Sequence<Range<Int>> {
        stride(from: 0, to: columns, by: size).lazy.map { $0..<min($0 + size, columns) }
    }
}

extension TensorType {
    /// Whether values of this type can be a matrix: floats and known ggml blocks.
    var isDecodable: Bool {
        switch self {
        case .f64, .f32, .f16, .bf16, .f8E4M3, .f8E5M2: true
        default: blockWidth > 1 && isKnown
        }
    }

    /// Decodes values of a type that `isDecodable`. `bytes` may start at any address.
    fileprivate func decode(_ bytes: UnsafeRawBufferPointer, into out: UnsafeMutablePointer<Float>)
    {
        switch self {
        case .f64: widen(bytes, out) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
        case .f32: widen(bytes, out) { (bits: UInt32) in Float(bitPattern: bits) }
        case .f16: widen(bytes, out) { (bits: UInt16) in Float(Float16(bitPattern: bits)) }
        case .bf16: widen(bytes, out, Tensor.float(bf16:))
        case .f8E4M3:
            let values = Tensor.float8Values
            widen(bytes, out) { (bits: UInt8) in values[Int(bits)] }
        case .f8E5M2:
            widen(bytes, out) { (bits: UInt8) in Float(Float16(bitPattern: UInt16(bits) << 8)) }
        default: Blocks.decode(self, bytes, into: out)
        }
    }
}

@inline(__always)
private func widen<Stored: BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer,
    _ out: UnsafeMutablePointer<Float>,
    _ convert: (Stored) -> Float
) {
    let size = MemoryLayout<Stored>.size
    for index in 0..<bytes.count / size {
        out[index] = convert(bytes.loadUnaligned(fromByteOffset: index * size, as: Stored.self))
    }
}

extension Tensor {
    /// The value of every E4M3 byte.
    static let float8Values = (0...UInt8.max).map(float(f8E4M3:))
}
