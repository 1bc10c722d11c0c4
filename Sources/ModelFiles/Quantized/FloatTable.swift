/// A small float tensor read value by value where it lies: scales.
struct FloatTable: Sendable {
    let tensor: Tensor

    init(_ tensor: Tensor) throws(ModelFileError) {
        guard [.f16, .bf16, .f32].contains(tensor.type) else {
            throw tensor.error(
                .unsupported,
                "is \(tensor.type); this build reads f16, bf16 and f32"
            )
        }
        self.tensor = tensor
    }

    /// Copies `count` values, `stride` apart from `first` on.
    func copy(
        _ count: Int,
        from first: Int,
        stride: Int = 1,
        into out: UnsafeMutablePointer<Float>
    ) {
        let bytes = tensor.bytes
        for index in 0..<count {
            let place = first + index * stride
            switch tensor.type {
            case .f16:
                let bits = bytes.loadUnaligned(fromByteOffset: 2 * place, as: UInt16.self)
                out[index] = Float(Float16(bitPattern: bits))
            case .bf16:
                let bits = bytes.loadUnaligned(fromByteOffset: 2 * place, as: UInt16.self)
                out[index] = Tensor.float(bf16: bits)
            default:
                out[index] = Float(bitPattern: bytes.word(place))
            }
        }
    }
}

/// The scales of a matrix whose rows lie one after another: one for all of it, one per row, one per
/// row and group of columns, or one per block of rows and columns.
struct ScaleGrid: Sendable {
    /// Columns that share a scale.
    let groupSize: Int
    private let table: FloatTable
    private let width: Int
    /// Rows that share their scales.
    private let rowCount: Int

    /// - Parameter blocks: the (rows, columns) that blocks may have by config.json.
    init(
        _ tensor: Tensor,
        rows: Int,
        columns: Int,
        blocks: [(rows: Int, columns: Int)] = []
    ) throws(ModelFileError) {
        table = try FloatTable(tensor)
        let shape = tensor.shape
        let block = blocks.first {
            shape == [groups(rows, of: $0.rows), groups(columns, of: $0.columns)]
        }
        if let block {
            (width, rowCount) = (shape[1], block.rows)
            groupSize = min(block.columns, columns)
        } else if tensor.count == 1 {
            (width, rowCount, groupSize) = (1, rows, columns)
        } else if let width = Self.groupsPerRow(shape, rows: rows, columns: columns) {
            (self.width, rowCount, groupSize) = (width, 1, columns / width)
        } else {
            let known = blocks.map { "blocks of \($0.rows) by \($0.columns)" }
            throw tensor.error(
                .malformed,
                "has shape \(shape), which is no scale, row of scales"
                    + known.map { ", \($0)" }.joined()
                    + " or groups of equal size for a matrix of \(rows) by \(columns)"
            )
        }
    }

    private static func groupsPerRow(_ shape: [Int], rows: Int, columns: Int) -> Int? {
        guard (1...2).contains(shape.count), shape[0] == rows else { return nil }
        let width = shape.count == 2 ? shape[1] : 1
        return width > 0 && columns % width == 0 ? width : nil
    }

    /// Scales of one row.
    func copy(row: Int, into out: UnsafeMutablePointer<Float>) {
        table.copy(width, from: row / rowCount * width, into: out)
    }
}
