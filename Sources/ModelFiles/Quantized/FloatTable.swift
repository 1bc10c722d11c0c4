/// A small float tensor read value by value where it lies: scales.
struct FloatTable: Sendable {
    let tensor: Tensor

    init(_ tensor: Tensor) throws(ModelFileError) {
        guard [.f16, .bf16, .f32, .f8E8M0].contains(tensor.type) else {
            throw tensor.error(
                .unsupported,
                "is \(tensor.type); this build reads f16, bf16, f32 and f8_e8m0"
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
            case .f8E8M0: out[index] = Tensor.float(f8E8M0: bytes[place])
            default:
                out[index] = Float(bitPattern: bytes.word(place))
            }
        }
    }
}

/// The scales of a matrix whose rows lie one after another: one for all of it, one per row, one per
/// row and group of columns, or one per block of rows and columns. A stack of matrices has as many
/// such grids.
struct ScaleGrid: Sendable {
    /// Columns that share a scale.
    let groupSize: Int
    private let table: FloatTable
    private let width: Int
    /// Rows that share their scales.
    private let rowCount: Int
    /// Rows of one matrix of a stack, and of its grid.
    private let height: Int, gridHeight: Int

    /// - Parameters:
    ///   - stack: how many matrices of `rows` lie on top of each other, and grids in `tensor`; nil
    ///     for a matrix alone, whose grid is no stack.
    ///   - blocks: the (rows, columns) that blocks may have by config.json.
    init(
        _ tensor: Tensor,
        rows: Int,
        columns: Int,
        stack: Int? = nil,
        blocks: [(rows: Int, columns: Int)] = []
    ) throws(ModelFileError) {
        table = try FloatTable(tensor)
        let whole = tensor.shape
        let shape = stack == nil ? whole : Array(whole.dropFirst())
        let isStack = stack.map { $0 == whole.first } ?? true
        let block = blocks.first {
            isStack && shape == [groups(rows, of: $0.rows), groups(columns, of: $0.columns)]
        }
        if let block {
            (width, rowCount) = (shape[1], block.rows)
            groupSize = min(block.columns, columns)
        } else if isStack, shape.allSatisfy({ $0 == 1 }) {
            (width, rowCount, groupSize) = (1, rows, columns)
        } else if isStack, let width = Self.groupsPerRow(shape, rows: rows, columns: columns) {
            (self.width, rowCount, groupSize) = (width, 1, columns / width)
        } else {
            let known = blocks.map { "blocks of \($0.rows) by \($0.columns)" }
            throw tensor.error(
                .malformed,
                "has shape \(whole), which is no scale, row of scales"
                    + known.map { ", \($0)" }.joined()
                    + " or groups of equal size for "
                    + (stack.map { "\($0) matrices" } ?? "a matrix") + " of \(rows) by \(columns)"
            )
        }
        height = rows
        gridHeight = groups(rows, of: rowCount)
    }

    private static func groupsPerRow(_ shape: [Int], rows: Int, columns: Int) -> Int? {
        guard (1...2).contains(shape.count), shape[0] == rows else { return nil }
        let width = shape.count == 2 ? shape[1] : 1
        return width > 0 && columns % width == 0 ? width : nil
    }

    /// Scales of one row.
    func copy(row: Int, into out: UnsafeMutablePointer<Float>) {
        let (matrix, place) = row.quotientAndRemainder(dividingBy: height)
        table.copy(width, from: (matrix * gridHeight + place / rowCount) * width, into: out)
    }
}
