package import Kernels
package import ModelFiles

extension WeightLoader {
    /// A stored matrix as the kernels read it: in its own precision, or, if it is of floats and a
    /// format was asked for, quantised on the way.
    /// - Parameters:
    ///   - rows: of the result.
    ///   - part: which rows of `stored` these are; nil takes all.
    func packed(
        _ stored: any StoredMatrix,
        rows: Int,
        _ part: Part?,
        _ name: String,
        quantize: WeightFormat?
    ) throws(ExecutionError) -> Matrix {
        let own = try format(of: stored, name)
        var format = own
        if let quantize, !own.isQuantized, stored.columns % quantize.blockWidth == 0 {
            format = quantize
        }
        let matrix: Matrix
        do throws(KernelError) {
            matrix = try Matrix(
                rows: rows,
                columns: stored.columns,
                format: format,
                columnOrder: format.source == .codes ? stored.columnOrder : nil
            )
        } catch { throw .init(.outOfMemory, "\(name): \(error)") }
        let source: (Int) -> Int = { part?.row($0) ?? $0 }
        if case .blocks(let type) = stored.encoding, type.rawValue == format.rawValue {
            matrix.fill(
                pool,
                blocks: { row, out in stored.read(row: source(row), into: .init(out)) }
            )
        } else if format.source == .codes {
            fill(matrix, stored, source)
        } else {
            let decoder = RowDecoder(stored)
            matrix.fill(pool, read: { row, out in decoder.decode(row: source(row), into: out) })
        }
        return matrix
    }

    /// The kernels' format of the same precision.
    private func format(
        of stored: any StoredMatrix,
        _ name: String
    ) throws(ExecutionError) -> WeightFormat {
        let columns = stored.columns
        switch stored.encoding {
        case .blocks(.f8E4M3), .blocks(.f8E5M2): return .bf16  // exact, without a scale
        case .blocks(let type):
            if let format = WeightFormat(of: type) { return format }
        case .float8(let size):
            if size % 128 == 0 || size >= columns { return .f8g128 }
        case .integers(let bits, let size):
            let isWide = columns % 128 == 0 && (size % 128 == 0 || size >= columns)
            if isWide { return bits == 4 ? .u4g128 : .s8g128 }
            if columns % 32 == 0, size % 32 == 0 || size >= columns {
                return bits == 4 ? .u4g32 : .s8g32
            }
        }
        throw .init(
            .unsupported,
            "\(name) is stored as \(stored.encoding) in rows of \(columns), which this build has no "
                + "kernel for"
        )
    }

    /// Codes keep their bytes; a scale that covers more columns than the format's group is repeated.
    private func fill(_ matrix: Matrix, _ stored: any StoredMatrix, _ source: (Int) -> Int) {
        let columns = matrix.columns, stride = matrix.format.groupSize ?? 1
        let size = stored.encoding.groupSize ?? columns
        let groups = stored.encoding.groupCount(columns: columns)
        matrix.fill(
            pool,
            codes: { row, bytes, scales, zeros in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: groups) { ownScales in
                    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: groups) { ownZeros in
                        guard let s = ownScales.baseAddress, let z = ownZeros.baseAddress else {
                            return
                        }
                        let room = EncodedRow(bytes: bytes, scales: s, zeros: z)
                        stored.read(row: source(row), into: room)
                        for (group, column) in Swift.stride(from: 0, to: columns, by: stride)
                            .enumerated()
                        {
                            scales[group] = s[column / size]
                            zeros[group] = z[column / size]
                        }
                    }
                }
            }
        )
    }
}

extension WeightFormat {
    /// The format in which a matrix of this type is kept; nil where there is none.
    package init?(of type: TensorType) {
        switch type {
        case .nvfp4: self = .bf16  // exact
        case .f64: self = .f32
        case .tq1_0, .tq2_0, .q1_0: self = .u4g128
        case .q2_0: self = .u4g32
        default: self.init(rawValue: type.rawValue)
        }
    }
}

extension EncodedRow {
    /// Room for blocks, which have no scales apart.
    fileprivate init(_ bytes: UnsafeMutableRawPointer) {
        self.init(
            bytes: bytes,
            scales: bytes.assumingMemoryBound(to: Float.self),
            zeros: bytes.assumingMemoryBound(to: UInt8.self)
        )
    }
}
