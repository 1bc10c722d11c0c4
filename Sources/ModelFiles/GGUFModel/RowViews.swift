/// Rows of several matrices of one encoding, in any order.
struct JoinedRows: StoredMatrix {
    struct Place {
        let matrix: Int
        let row: Int
    }

    private let matrices: [any StoredMatrix]
    private let places: [Place]
    let columns: Int
    let encoding: MatrixEncoding

    /// - Parameters:
    ///   - matrices: equally wide; those that are not encoded alike are read as floats.
    ///   - places: where each row comes from.
    /// - Precondition: there is a matrix, and every place is in one.
    init(_ matrices: [any StoredMatrix], _ places: [Place]) {
        precondition(places.allSatisfy { (0..<matrices[$0.matrix].rows).contains($0.row) })
        let alike = matrices.dropFirst().allSatisfy {
            $0.encoding == matrices[0].encoding && $0.columnOrder == nil
        }
        self.matrices =
            alike && matrices[0].columnOrder == nil ? matrices : matrices.map(DecodedMatrix.init)
        self.places = places
        columns = matrices[0].columns
        encoding = self.matrices[0].encoding
    }

    var rows: Int { places.count }

    func read(row index: Int, into row: EncodedRow) {
        let place = places[index]
        matrices[place.matrix].read(row: place.row, into: row)
    }
}

/// A matrix as 32-bit floats, whatever its encoding.
struct DecodedMatrix: StoredMatrix {
    let rows, columns: Int
    private let decoder: RowDecoder

    init(_ base: any StoredMatrix) {
        rows = base.rows
        columns = base.columns
        decoder = RowDecoder(base)
    }

    var encoding: MatrixEncoding { .blocks(.f32) }

    func read(row index: Int, into row: EncodedRow) {
        decoder.decode(row: index, into: row.bytes.assumingMemoryBound(to: Float.self))
    }
}

/// Square pieces of a matrix turned over, as 32-bit floats: rows come in groups of `height`, and row
/// c of a group here is its column c there.
struct TransposedGroups: StoredMatrix {
    let rows, columns: Int
    /// Rows of a group here.
    private let width: Int
    private let decoder: RowDecoder
    private let panels: RowPanels

    /// - Precondition: `height` is above 0 and divides the rows of `base`.
    init(_ base: any StoredMatrix, height: Int) {
        precondition(height > 0 && base.rows % height == 0)
        width = base.columns
        rows = base.rows / height * base.columns
        columns = height
        decoder = RowDecoder(base)
        panels = RowPanels(height: base.columns, rowBytes: height * MemoryLayout<Float>.size)
    }

    var encoding: MatrixEncoding { .blocks(.f32) }

    func read(row index: Int, into row: EncodedRow) {
        let group = index / width
        panels.copy(row: index % width, of: group, into: row.bytes) { out, stride in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { line in
                guard let values = line.baseAddress else { return }
                for column in 0..<columns {
                    decoder.decode(row: group * columns + column, into: values)
                    for place in 0..<width {
                        out.storeBytes(
                            of: values[place],
                            toByteOffset: place * stride + column * MemoryLayout<Float>.size,
                            as: Float.self
                        )
                    }
                }
            }
        }
    }
}

/// Several matrices under each other, of which some rows are wanted.
struct RowPile {
    let matrices: [any StoredMatrix]

    var rows: Int { matrices.reduce(0) { $0 + $1.rows } }

    /// - Parameter place: which row of the pile stands at each place; nil takes them as they are.
    /// - Precondition: `range` is in the pile, and so are all its places.
    func rows(_ range: Range<Int>, _ place: ((Int) -> Int)?) -> any StoredMatrix {
        if let place { return picked(range.map(place)) }
        var start = 0
        for matrix in matrices {
            if range == start..<start + matrix.rows { return matrix }
            if range.lowerBound >= start, range.upperBound <= start + matrix.rows {
                return SlicedMatrix(
                    matrix,
                    rows: range.lowerBound - start..<range.upperBound - start
                )
            }
            start += matrix.rows
        }
        return picked(Array(range))
    }

    private func picked(_ order: [Int]) -> any StoredMatrix {
        var starts = [0]
        for matrix in matrices { starts.append(starts[starts.count - 1] + matrix.rows) }
        /// The matrices that are needed, and their numbers among those.
        var numbers = [Int?](repeating: nil, count: matrices.count)
        var used: [any StoredMatrix] = []
        var last = 0
        let places = order.map { row in
            if !(starts[last]..<starts[last + 1]).contains(row) {
                last = matrices.indices.first { starts[$0 + 1] > row } ?? last
            }
            let number = numbers[last] ?? used.count
            if numbers[last] == nil {
                numbers[last] = number
                used.append(matrices[last])
            }
            return JoinedRows.Place(matrix: number, row: row - starts[last])
        }
        if used.count == 1 { return PermutedRows(used[0], order: places.map(\.row)) }
        return JoinedRows(used, places)
    }
}
