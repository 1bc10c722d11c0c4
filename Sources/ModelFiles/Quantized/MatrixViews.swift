/// Some rows of a matrix, as if they were all.
package struct SlicedMatrix: StoredMatrix {
    package let base: any StoredMatrix
    package let rows: Int
    private let first: Int
    private let step: Int

    /// - Parameters:
    ///   - rows: rows of `base`.
    ///   - step: from one row to the next. 2 takes the gates, or from the second row on the ups, of
    ///     a matrix that interleaves both, as gpt-oss does.
    /// - Precondition: `rows` are rows of `base`, and `step` is above 0.
    package init(_ base: any StoredMatrix, rows: Range<Int>, every step: Int = 1) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= base.rows && step > 0)
        self.base = base
        self.rows = (rows.count + step - 1) / step
        first = rows.lowerBound
        self.step = step
    }

    package var columns: Int { base.columns }
    package var encoding: MatrixEncoding { base.encoding }
    package var columnOrder: [Int32]? { base.columnOrder }

    package func read(row index: Int, into row: EncodedRow) {
        base.read(row: first + index * step, into: row)
    }
}

/// The rows of a matrix in another order.
package struct PermutedRows: StoredMatrix {
    package let base: any StoredMatrix
    private let order: [Int]

    /// - Parameter order: which row of `base` stands at each place; any number of them.
    /// - Precondition: all are rows of `base`.
    package init(_ base: any StoredMatrix, order: [Int]) {
        precondition(order.allSatisfy { (0..<base.rows).contains($0) })
        self.base = base
        self.order = order
    }

    package var rows: Int { order.count }
    package var columns: Int { base.columns }
    package var encoding: MatrixEncoding { base.encoding }
    package var columnOrder: [Int32]? { base.columnOrder }

    package func read(row index: Int, into row: EncodedRow) {
        base.read(row: order[index], into: row)
    }
}
