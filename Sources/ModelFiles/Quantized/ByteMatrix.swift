/// A matrix of one byte per weight, row by row, and its scales.
struct ByteMatrix: StoredMatrix {
    let rows: Int
    let columns: Int
    let encoding: MatrixEncoding
    private let codes: Tensor
    private let scales: ScaleGrid

    /// - Parameter codes: i8 (rows, columns), whose shape `scales` were made for.
    init(integers codes: Tensor, _ scales: ScaleGrid) {
        self.init(codes, scales, .integers(bits: 8, groupSize: scales.groupSize))
    }

    /// - Parameter codes: E4M3 (rows, columns), whose shape `scales` were made for.
    init(float8 codes: Tensor, _ scales: ScaleGrid) {
        self.init(codes, scales, .float8(groupSize: scales.groupSize))
    }

    private init(_ codes: Tensor, _ scales: ScaleGrid, _ encoding: MatrixEncoding) {
        let bytes = TensorMatrix(codes)
        rows = bytes.rows
        columns = bytes.columns
        self.encoding = encoding
        self.codes = codes
        self.scales = scales
    }

    func read(row index: Int, into row: EncodedRow) {
        TensorMatrix(codes).read(row: index, into: row)
        scales.copy(row: index, into: row.scales)
        if case .integers = encoding {
            row.zeros.update(repeating: 0, count: encoding.groupCount(columns: columns))
        }
    }
}
