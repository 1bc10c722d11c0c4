import Kernels
import Testing

/// Every level against the definition and against each other, and promise 1: a row's result does not
/// depend on its neighbours, on the range of panels or on the number of threads.
@Suite struct MatmulTests {
    /// All numbers of rows to four panels and three more, odd numbers of blocks (the last group of
    /// activations is then a short one), one token and up to many.
    static let shapes: [(rows: Int, columns: Int, tokens: Int)] = (1...67).map { rows in
        let columns = [32, 96, 160, 224, 352, 416, 544, 1056][rows % 8]
        return (rows, columns, [1, 2, 3, 4, 5, 7, 8, 11, 13, 23, 33][rows % 11])
    }

    @Test(arguments: WeightFormat.allCases)
    func levelsAgree(_ format: WeightFormat) throws {
        for (rows, columns, tokens) in Self.shapes {
            let problem = try Problem(rows: rows, columns: columns, format: format)
            let expected = try problem.product(level: .portable, tokens: tokens)
            for level in KernelLevel.supported {
                let got = try problem.product(level: level, tokens: tokens)
                if format == .bf16, level == .avx512bf16 {
                    // Its own rounding of x, by up to 2^-9, is below checked to be just that.
                    #expect(largestError(got, expected) < 5e-3, "\(rows)x\(columns)x\(tokens)")
                } else if format.isQuantized {
                    #expect(got == expected, "\(format) \(rows)x\(columns)x\(tokens) at \(level)")
                } else {
                    #expect(largestError(got, expected) < 1e-5, "\(format) at \(level)")
                }
            }
        }
    }

    /// More tokens and columns than any kernel handles in one piece.
    @Test(arguments: WeightFormat.allCases)
    func manyTokensAreWhatTheyAreAlone(_ format: WeightFormat) throws {
        let problem = try Problem(rows: 65, columns: 2592, format: format, tokens: 300)
        for level in KernelLevel.supported where level != .portable {
            let together = try problem.product(level: level, tokens: 300)
            let few = try problem.product(level: level, tokens: 3)
            #expect(few[...] == together[..<(3 * 65)], "\(format) at \(level)")
            let last = try problem.product(level: level, tokens: 3, from: 297)
            #expect(last[...] == together[(297 * 65)...], "\(format) at \(level)")
        }
    }

    /// The largest integers there are, where sums of 16 bits would overflow if there were too many.
    @Test(arguments: WeightFormat.allCases.filter(\.isQuantized))
    func extremesDoNotSaturate(_ format: WeightFormat) throws {
        for byte: UInt8 in [0x00, 0x33, 0x77, 0x7F, 0x80, 0xFF] {
            let matrix = try extremeMatrix(rows: 16, columns: 256, format: format, byte: byte)
            for signs in [[Float(1)], [-1], [1, -1]] {
                let x = (0..<256).map { signs[$0 % signs.count] }
                let problem = try Problem(matrix: matrix, input: x)
                let (expected, sizes) = problem.exactProduct(tokens: 4, level: .portable)
                for level in KernelLevel.supported {
                    let got = try problem.product(level: level, tokens: 4)
                    for i in got.indices {
                        #expect(abs(Double(got[i]) - expected[i]) <= 1e-6 * sizes[i], "\(level)")
                    }
                }
            }
        }
    }

    /// Each sum in double precision, over the very numbers that the kernel multiplies.
    @Test(arguments: WeightFormat.allCases)
    func productsFollowTheDefinition(_ format: WeightFormat) throws {
        let problem = try Problem(rows: 37, columns: 480, format: format)
        for level in KernelLevel.supported {
            let (expected, sizes) = problem.exactProduct(tokens: 7, level: level)
            let got = try problem.product(level: level, tokens: 7)
            let errors = zip(zip(got, expected), sizes).map { abs(Double($0.0) - $0.1) / $1 }
            #expect((errors.max() ?? 1) < 1e-6, "\(format) at \(level)")
        }
    }

    @Test(arguments: WeightFormat.allCases)
    func tokensDoNotKnowTheirNeighbours(_ format: WeightFormat) throws {
        let problem = try Problem(rows: 67, columns: 352, format: format)
        for level in KernelLevel.supported {
            let together = try problem.product(level: level, tokens: 40)
            for count in Array(1...13) + [17, 22, 39] {
                let few = try problem.product(level: level, tokens: count)
                #expect(few[...] == together[..<(count * 67)], "\(format) \(count) at \(level)")
            }
        }
    }

    @Test(arguments: WeightFormat.allCases)
    func threadsDoNotMatter(_ format: WeightFormat) throws {
        let problem = try Problem(rows: 300, columns: 352, format: format)
        for level in KernelLevel.supported {
            let alone = try problem.product(level: level, tokens: 3, threads: 1)
            for threads in [2, 3, 5] {
                let shared = try problem.product(level: level, tokens: 3, threads: threads)
                #expect(shared == alone, "\(format) \(threads) at \(level)")
            }
        }
    }

    /// Quantising x to 8 bits errs by at most half a step per value.
    @Test(arguments: WeightFormat.allCases.filter(\.isQuantized))
    func quantizedActivationsAreWithinTheirSteps(_ format: WeightFormat) throws {
        let problem = try Problem(rows: 37, columns: 256, format: format)
        let got = try problem.product(level: .best, tokens: 4)
        #expect(largestError(got, problem.floatProduct(tokens: 4)) < 0.02)
    }

    @Test func productsAddToTheResidual() throws {
        for format in [WeightFormat.f32, .q4_k] {
            for level in KernelLevel.supported {
                let problem = try Problem(rows: 48, columns: 256, format: format)
                let pool = try WorkerPool(threads: 1)
                let ops = try Ops(pool: pool, level: level, maxRows: 2, maxWidth: 256)
                let x = try problem.activations(tokens: 2), sum = try Rows(capacity: 2, width: 48)
                ops.matmul(.init(x), rows: 2, .init(problem.matrix, sum))
                let once = values(sum, rows: 2)
                ops.matmul(.init(x), rows: 2, .init(problem.matrix, .init(sum, adds: true)))
                #expect(values(sum, rows: 2) == once.map { $0 * 2 })
            }
        }
    }

    /// A matrix with its columns in another order gives what its places give of the reordered x, and
    /// leaves the other products of its phase alone.
    @Test(arguments: [WeightFormat.u4g32, .f8g128])
    func columnsMayComeInAnotherOrder(_ format: WeightFormat) throws {
        let order = (0..<160).map { Int32(($0 * 77 + 3) % 160) }
        let plain = try RandomMatrix(rows: 20, columns: 160, format: format).matrix
        let ordered = try RandomMatrix(rows: 20, columns: 160, format: format, columnOrder: order)
        let x = try randomRows(9, 160), gathered = try Rows(capacity: 9, width: 160)
        for token in 0..<9 {
            for i in 0..<160 { gathered[token][i] = x[token][Int(order[i])] }
        }
        let ops = try Ops(pool: WorkerPool(threads: 2), maxRows: 9, maxWidth: 160)
        let out = try (0..<5).map { _ in try Rows(capacity: 9, width: 20) }
        ops.matmul(.init(x), rows: 9, .init(plain, out[0]))
        ops.matmul(.init(gathered), rows: 9, .init(plain, out[1]))
        ops.matmul(
            .init(x),
            rows: 9,
            .init(plain, out[2]),
            .init(ordered.matrix, out[3]),
            .init(plain, out[4])
        )
        #expect(values(out[2], rows: 9) == values(out[0], rows: 9))
        #expect(values(out[3], rows: 9) == values(out[1], rows: 9))
        #expect(values(out[4], rows: 9) == values(out[0], rows: 9))
        #expect(values(out[3], rows: 9) != values(out[0], rows: 9))
    }

    @Test(arguments: WeightFormat.allCases)
    func infiniteAndNotANumberInputsDoNotTrap(_ format: WeightFormat) throws {
        let problem = try Problem(rows: 16, columns: 64, format: format)
        let pool = try WorkerPool(threads: 1)
        for level in KernelLevel.supported {
            let width = problem.matrix.columns
            let ops = try Ops(pool: pool, level: level, maxRows: 1, maxWidth: width)
            let x = try problem.activations(tokens: 1), y = try Rows(capacity: 1, width: 16)
            x[0][3] = .nan
            x[0][40] = .infinity
            ops.matmul(.init(x), rows: 1, .init(problem.matrix, y))
        }
    }
}

/// A random matrix and random activations.
private struct Problem {
    let matrix: Matrix
    let inputs: Rows

    /// - Parameter columns: rounded up to whole blocks.
    init(rows: Int, columns: Int, format: WeightFormat, tokens: Int = 40) throws {
        let width = format.blockWidth, whole = (columns + width - 1) / width * width
        matrix = try RandomMatrix(rows: rows, columns: whole, format: format).matrix
        inputs = try randomRows(tokens, whole)
    }

    /// Four tokens of the same input.
    init(matrix: Matrix, input: [Float]) throws {
        self.matrix = matrix
        inputs = try Rows(capacity: 4, width: input.count)
        for token in 0..<4 { inputs[token].update(from: input, count: input.count) }
    }

    func activations(tokens: Int, from first: Int = 0) throws -> Rows {
        let rows = try Rows(capacity: tokens, width: matrix.columns)
        for token in 0..<tokens {
            rows[token].update(from: inputs[first + token], count: matrix.columns)
        }
        return rows
    }

    func product(
        level: KernelLevel,
        tokens: Int,
        from first: Int = 0,
        threads: Int = 1
    ) throws -> [Float] {
        let pool = try WorkerPool(threads: threads)
        let ops = try Ops(pool: pool, level: level, maxRows: tokens, maxWidth: matrix.columns)
        let output = try Rows(capacity: tokens, width: matrix.rows)
        ops.matmul(
            .init(try activations(tokens: tokens, from: first)),
            rows: tokens,
            .init(matrix, output)
        )
        return values(output, rows: tokens)
    }

    /// With the activations that the format's kernels read, and for each sum the sum of magnitudes.
    func exactProduct(tokens: Int, level: KernelLevel) -> (sums: [Double], sizes: [Double]) {
        var read = floatValues
        if matrix.format.isQuantized { read = int8Values }
        if matrix.format == .bf16, level == .avx512bf16 { read = bf16Values }
        return (product(tokens: tokens, read) { $0 }, product(tokens: tokens, read, abs))
    }

    func floatProduct(tokens: Int) -> [Float] {
        product(tokens: tokens, floatValues) { $0 }.map { Float($0) }
    }

    private func product(
        tokens: Int,
        _ values: ([Float]) -> [Double],
        _ change: (Double) -> Double
    ) -> [Double] {
        let rows = (0..<matrix.rows).map { unpack(matrix, row: $0) }
        return (0..<tokens).flatMap { token in
            let read = values(Array(inputs.span(row: token)))
            return rows.map { row in
                zip(row, read).reduce(0.0) { $0 + change(Double($1.0) * $1.1) }
            }
        }
    }
}

private func floatValues(_ x: [Float]) -> [Double] { x.map { Double($0) } }

/// x rounded to bfloat16, to nearest even.
private func bf16Values(_ x: [Float]) -> [Double] {
    x.map { value in
        let bits = value.bitPattern
        let rounded = (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000
        return Double(Float(bitPattern: rounded))
    }
}

/// x as `quantize` keeps it: per 128 (the last group may have fewer), multiples of max|x| / 127.
private func int8Values(_ x: [Float]) -> [Double] {
    stride(from: 0, to: x.count, by: 128).flatMap { start in
        let block = x[start..<min(start + 128, x.count)]
        let largest = block.map(abs).max() ?? 0
        return block.map { value in
            let quant = (value * (127 / largest)).rounded(.toNearestOrEven)
            return Double(quant) * Double(largest / 127)
        }
    }
}

private func randomRows(_ count: Int, _ width: Int) throws -> Rows {
    var random = TestRandom(seed: UInt64(width))
    let rows = try Rows(capacity: count, width: width)
    for row in 0..<count {
        for i in 0..<width { rows[row][i] = random.float() }
    }
    return rows
}

private func values(_ rows: Rows, rows count: Int) -> [Float] {
    (0..<count).flatMap { Array(rows.span(row: $0)) }
}

/// Largest difference, as a share of the largest value.
private func largestError(_ a: [Float], _ b: [Float]) -> Float {
    let largest = b.map(abs).max() ?? 1
    return zip(a, b).map { abs($0 - $1) }.reduce(0, max) / largest
}
