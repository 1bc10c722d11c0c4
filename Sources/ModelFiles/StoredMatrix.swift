/// A weight matrix where it lies on disk, read row by row in its own number format, so that it can
/// be packed for the kernels without growing.
package protocol StoredMatrix: Sendable {
    /// Outputs.
    var rows: Int { get }
    /// Inputs; the length of a row.
    var columns: Int { get }
    var encoding: MatrixEncoding { get }
    /// Which column of the matrix stands at each place of an encoded row, where that is not the
    /// natural order (GPTQ's "act-order"); nil where it is.
    var columnOrder: [Int32]? { get }

    /// Writes row `index` in the form that `encoding` describes. Called from several threads.
    func read(row index: Int, into row: EncodedRow)
}

extension StoredMatrix {
    package var columnOrder: [Int32]? { nil }
}

/// What the rows of a stored matrix are made of.
package enum MatrixEncoding: Sendable, Hashable {
    /// A row of a tensor of this type as the file format defines it: floats, or ggml blocks.
    case blocks(TensorType)
    /// One byte per weight; value = scale * (code - zero), scale and zero per group of columns.
    /// `bits` 4: codes and zeros 0 to 15. `bits` 8: codes are the bits of an `Int8`, zeros are 0.
    case integers(bits: Int, groupSize: Int)
    /// One E4M3 byte per weight; value = scale * byte, one scale per group of columns.
    case float8(groupSize: Int)

    /// Columns that share a scale; nil where scales are part of the blocks.
    package var groupSize: Int? {
        switch self {
        case .blocks: nil
        case .integers(_, let size), .float8(let size): size
        }
    }

    /// Bytes of the blocks, codes or floats of one row.
    package func byteCount(columns: Int) -> Int {
        switch self {
        case .blocks(let type): columns / type.blockWidth * type.byteCount
        case .integers, .float8: columns
        }
    }

    /// Scales (and zeros) of one row.
    package func groupCount(columns: Int) -> Int {
        groupSize.map { (columns + $0 - 1) / $0 } ?? 0
    }
}

/// Room for one row in some encoding. The caller owns the memory: `encoding.byteCount(columns:)`
/// bytes, and `encoding.groupCount(columns:)` scales and zeros.
package struct EncodedRow {
    package let bytes: UnsafeMutableRawPointer
    package let scales: UnsafeMutablePointer<Float>
    package let zeros: UnsafeMutablePointer<UInt8>

    package init(
        bytes: UnsafeMutableRawPointer,
        scales: UnsafeMutablePointer<Float>,
        zeros: UnsafeMutablePointer<UInt8>
    ) {
        self.bytes = bytes
        self.scales = scales
        self.zeros = zeros
    }
}

/// A plain tensor as a matrix: all dimensions but the last are rows.
package struct TensorMatrix: StoredMatrix {
    package let tensor: Tensor
    package let rows: Int
    package let columns: Int

    /// - Precondition: the tensor has at least one dimension, and its rows divide into blocks (as
    ///   every tensor's do that a parser let through).
    package init(_ tensor: Tensor) {
        self.tensor = tensor
        columns = tensor.shape.last ?? 1
        rows = tensor.shape.dropLast().reduce(1, *)
    }

    package var encoding: MatrixEncoding { .blocks(tensor.type) }

    package func read(row index: Int, into row: EncodedRow) {
        let count = encoding.byteCount(columns: columns)
        let source = tensor.bytes[index * count..<(index + 1) * count]
        row.bytes.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: source).baseAddress
                ?? UnsafeRawPointer(row.bytes),
            byteCount: count
        )
    }
}
