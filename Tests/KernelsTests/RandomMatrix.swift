import Kernels

/// A matrix of any format with random contents of about unit size, and what it was made of.
struct RandomMatrix {
    let matrix: Matrix
    /// Every row as the source has it: floats' bytes, blocks, or codes.
    let stored: [[UInt8]]

    init(
        rows: Int,
        columns: Int,
        format: WeightFormat,
        columnOrder: [Int32]? = nil,
        seed: UInt64 = 1
    ) throws {
        var random = TestRandom(seed: seed &* 1000 &+ UInt64(rows * 1_000_000 + columns))
        let matrix = try Matrix(
            rows: rows,
            columns: columns,
            format: format,
            columnOrder: columnOrder
        )
        let pool = try WorkerPool(threads: 2)
        switch format.source {
        case .floatsOrBlocks:
            let values = (0..<rows).map { _ in (0..<columns).map { _ in random.float() } }
            matrix.fill(pool) { row, out in
                for i in 0..<columns { out[i] = values[row][i] }
            }
            stored = values.map { row in row.withUnsafeBytes { Array($0) } }
        case .blocks:
            let blocks = (0..<rows).map { _ in
                randomBlocks(format, columns, &random)
            }
            matrix.fill(
                pool,
                blocks: { $1.copyMemory(from: blocks[$0], byteCount: blocks[$0].count) }
            )
            stored = blocks
        case .codes:
            let groups = (columns + (format.groupSize ?? 1) - 1) / (format.groupSize ?? 1)
            let codes = (0..<rows).map { _ in randomCodes(format, columns, &random) }
            let scales = (0..<rows).map { _ in (0..<groups).map { _ in random.float() } }
            let zeros = (0..<rows).map { _ in
                (0..<groups).map { _ in UInt8.random(in: 0...15, using: &random) }
            }
            let divisor = Self.largestCode(format)
            matrix.fill(pool) { row, bytes, rowScales, rowZeros in
                bytes.copyMemory(from: codes[row], byteCount: columns)
                for group in 0..<groups {
                    rowScales[group] = scales[row][group] / divisor
                    rowZeros[group] = zeros[row][group]
                }
            }
            stored = codes
        }
        self.matrix = matrix
    }

    func row(_ index: Int) -> [Float] { unpack(matrix, row: index) }

    private static func largestCode(_ format: WeightFormat) -> Float {
        switch format {
        case .u4g32, .u4g128: 15
        case .f8g128: 448
        default: 128
        }
    }
}

/// A matrix in which every byte but the scales' is `byte`: all integers at one extreme.
func extremeMatrix(rows: Int, columns: Int, format: WeightFormat, byte: UInt8) throws -> Matrix {
    let matrix = try Matrix(rows: rows, columns: columns, format: format)
    let pool = try WorkerPool(threads: 1)
    if let groupSize = format.groupSize {
        let isNibble = format == .u4g32 || format == .u4g128
        matrix.fill(pool) { _, bytes, scales, zeros in
            for i in 0..<columns {
                bytes.storeBytes(of: isNibble ? byte & 15 : byte, toByteOffset: i, as: UInt8.self)
            }
            for group in 0..<columns / groupSize { scales[group] = 0.01 }
        }
    } else {
        let size = format.storedBytes(format.blockWidth)
        var row = [UInt8](repeating: byte, count: format.storedBytes(columns))
        for block in stride(from: 0, to: row.count, by: size) {
            if format == .mxfp4 { row[block] = 120 }
            for offset in halfOffsets(format) { row[block + offset + 1] = 0x20 }
        }
        matrix.fill(pool, blocks: { $1.copyMemory(from: row, byteCount: row.count) })
    }
    return matrix
}

func unpack(_ matrix: Matrix, row: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: matrix.columns) { buffer, count in
        if let base = buffer.baseAddress { matrix.copy(row: row, into: base) }
        count = matrix.columns
    }
}

/// Random blocks whose scales keep the values small.
private func randomBlocks(
    _ format: WeightFormat,
    _ columns: Int,
    _ random: inout TestRandom
) -> [UInt8] {
    let size = format.storedBytes(format.blockWidth)
    var bytes = (0..<format.storedBytes(columns)).map { _ in
        UInt8.random(in: 0...255, using: &random)
    }
    for block in stride(from: 0, to: bytes.count, by: size) {
        if format == .mxfp4 { bytes[block] = UInt8.random(in: 118...126, using: &random) }
        for offset in halfOffsets(format) {
            // Halves of exponent 2^-11 to 2^-6, either sign.
            let high =
                UInt8.random(in: 4..<9, using: &random) << 2 | bytes[block + offset + 1] & 0x83
            bytes[block + offset + 1] = high
        }
    }
    return bytes
}

/// Where a block has its half-precision scales.
private func halfOffsets(_ format: WeightFormat) -> [Int] {
    switch format {
    case .q4_1, .q5_1, .q4_k, .q5_k: [0, 2]
    case .q2_k: [80, 82]
    case .q3_k: [108]
    case .q6_k: [208]
    case .mxfp4: []
    default: [0]
    }
}

private func randomCodes(
    _ format: WeightFormat,
    _ columns: Int,
    _ random: inout TestRandom
) -> [UInt8] {
    (0..<columns).map { _ in
        let code = UInt8.random(in: 0...255, using: &random)
        switch format {
        case .u4g32, .u4g128: return code & 15
        case .f8g128: return code & 0x7F == 0x7F ? 0 : code  // no NaN
        default: return code
        }
    }
}
