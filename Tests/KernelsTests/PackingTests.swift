import Kernels
import Testing

/// What goes into a panel comes out of it, bit for bit as the format's definition says.
@Suite struct PackingTests {
    static let blockFormats = WeightFormat.allCases.filter {
        $0.source == .blocks || $0 == .q8_0 || $0 == .q4_0
    }

    /// The `gguf` package's values, blocks spread over odd numbers of rows and columns.
    @Test(arguments: blockFormats)
    func blocksHaveTheirDefinedValues(_ format: WeightFormat) throws {
        let goldens = try Goldens()
        let bytes = try goldens.bytes(format.rawValue + ".bytes")
        let values = try goldens.floats(format.rawValue + ".values")
        let width = format.blockWidth, size = format.storedBytes(width)
        #expect(bytes.count / size == values.count / width && bytes.count % size == 0)
        for blocksPerRow in [1, 3] {
            let rows = bytes.count / size / blocksPerRow, columns = blocksPerRow * width
            let matrix = try Matrix(rows: rows, columns: columns, format: format)
            matrix.fill(
                try WorkerPool(threads: 2),
                blocks: { row, out in
                    let start = row * blocksPerRow * size
                    let own = Array(bytes[start..<start + blocksPerRow * size])
                    out.copyMemory(from: own, byteCount: own.count)
                }
            )
            for row in 0..<rows {
                let expected = values[row * columns..<(row + 1) * columns]
                #expect(bits(unpack(matrix, row: row)) == bits(expected), "row \(row)")
            }
        }
    }

    @Test(arguments: [WeightFormat.f32, .f16, .bf16])
    func floatBlocksAreFloats(_ format: WeightFormat) throws {
        let source = try RandomMatrix(rows: 19, columns: 37, format: format)
        let size = format.storedBytes(1)
        let copy = try Matrix(rows: 19, columns: 37, format: format)
        copy.fill(
            try WorkerPool(threads: 1),
            blocks: { row, out in
                for (i, value) in source.row(row).enumerated() {
                    var bits = value.bitPattern
                    if format == .bf16 { bits >>= 16 }
                    if format == .f16 { bits = UInt32(Float16(value).bitPattern) }
                    for byte in 0..<size {
                        let part = UInt8(truncatingIfNeeded: bits >> (8 * UInt32(byte)))
                        out.storeBytes(of: part, toByteOffset: i * size + byte, as: UInt8.self)
                    }
                }
            }
        )
        for row in 0..<19 { #expect(bits(unpack(copy, row: row)) == bits(source.row(row))) }
    }

    @Test(arguments: [WeightFormat.u4g32, .u4g128, .s8g32, .s8g128])
    func codesTimesScales(_ format: WeightFormat) throws {
        let group = format.groupSize ?? 0, columns = 3 * group
        let matrix = try Matrix(rows: 18, columns: columns, format: format)
        let isNibble = format == .u4g32 || format == .u4g128
        func code(_ row: Int, _ i: Int) -> UInt8 {
            UInt8(truncatingIfNeeded: row * 7 + i * 3) & (isNibble ? 15 : 255)
        }
        func scale(_ row: Int, _ group: Int) -> Float { 0.1 + Float(row * 3 + group) / 7 }
        func zero(_ row: Int, _ group: Int) -> UInt8 { UInt8((row + group) % 16) }
        matrix.fill(try WorkerPool(threads: 2)) { row, bytes, scales, zeros in
            for i in 0..<columns {
                bytes.storeBytes(of: code(row, i), toByteOffset: i, as: UInt8.self)
            }
            for g in 0..<3 {
                scales[g] = scale(row, g)
                zeros[g] = zero(row, g)
            }
        }
        for row in 0..<18 {
            let expected = (0..<columns).map { i in
                let raw = code(row, i), g = i / group
                let q = isNibble ? Int(raw) - Int(zero(row, g)) : Int(Int8(bitPattern: raw))
                return scale(row, g) * Float(q)
            }
            #expect(bits(unpack(matrix, row: row)) == bits(expected), "row \(row)")
        }
    }

    /// Every byte of E4M3, in a row whose last group is short. A NaN, which only odd rows have, makes
    /// its group NaN.
    @Test func float8HasItsDefinedValues() throws {
        let numbers = try Goldens().floats("f8_e4m3.values")
        let columns = 256 + 40
        let matrix = try Matrix(rows: 17, columns: columns, format: .f8g128)
        func scale(_ row: Int, _ group: Int) -> Float { 0.3 * Float(row + 1) + Float(group) }
        func code(_ row: Int, _ i: Int) -> Int {
            row % 2 == 0 && numbers[i % 256].isNaN ? 0 : i % 256
        }
        matrix.fill(try WorkerPool(threads: 1)) { row, bytes, scales, _ in
            for i in 0..<columns {
                bytes.storeBytes(of: UInt8(code(row, i)), toByteOffset: i, as: UInt8.self)
            }
            for g in 0..<3 { scales[g] = scale(row, g) }
        }
        for row in 0..<17 {
            let got = unpack(matrix, row: row)
            for i in 0..<columns {
                let expected = numbers[code(row, i)] * scale(row, i / 128)
                if row % 2 == 1 && i < 256 {
                    #expect(got[i].isNaN)
                } else {
                    #expect(got[i].bitPattern == expected.bitPattern, "byte \(code(row, i))")
                }
            }
        }
    }

    @Test func rowsComeOutInNaturalOrder() throws {
        let order = (0..<64).map { Int32(($0 * 19 + 5) % 64) }
        let stored = try RandomMatrix(rows: 5, columns: 64, format: .s8g32)
        let ordered = try RandomMatrix(rows: 5, columns: 64, format: .s8g32, columnOrder: order)
        for row in 0..<5 {
            let natural = ordered.row(row), places = stored.row(row)
            for i in 0..<64 { #expect(natural[Int(order[i])] == places[i]) }
        }
    }

    /// ggml's quantisers: the block's scale in half precision, 8 or 4 bits.
    @Test func quantizedRowsStayCloseToTheirValues() throws {
        for (format, bound) in [(WeightFormat.q8_0, Float(1.0 / 254)), (.q4_0, 1.0 / 8)] {
            let problem = try RandomMatrix(rows: 5, columns: 64, format: format)
            for row in 0..<5 {
                let exact = problem.stored[row].withUnsafeBytes {
                    Array($0.bindMemory(to: Float.self))
                }
                let largest = exact.map(abs).max() ?? 0
                for (a, b) in zip(problem.row(row), exact) {
                    #expect(abs(a - b) <= bound * largest * 1.01)
                }
            }
        }
    }

    @Test func formatsAreAsSmallAsTheyClaim() {
        #expect(WeightFormat.q4_k.bitsPerWeight == 4.625)
        #expect(WeightFormat.q6_k.bitsPerWeight == 6.5625)
        #expect(WeightFormat.u4g128.bitsPerWeight == 4.3125)
        #expect(WeightFormat.mxfp4.bitsPerWeight == 4.25)
    }
}

private func bits(_ values: some Sequence<Float>) -> [UInt32] { values.map(\.bitPattern) }
