import Kernels
import Testing

/// Every level against the portable definition, and promise 1: a row's result does not depend on
/// its neighbours, on the range of panels or on the number of threads.
@Suite struct MatmulTests {
    static let shapes: [(rows: Int, columns: Int)] = [
        (1, 32), (7, 96), (16, 32), (17, 160), (33, 224), (64, 256), (67, 352),
    ]

    @Test(arguments: WeightFormat.allCases)
    func levelsAgreeWithPortable(_ format: WeightFormat) throws {
        for (rows, columns) in Self.shapes {
            let problem = try Problem(rows: rows, columns: columns, format: format)
            let expected = try problem.product(level: .portable, tokens: 9)
            for level in KernelLevel.supported {
                let got = try problem.product(level: level, tokens: 9)
                if format.isQuantized {
                    #expect(got == expected, "\(format) \(rows)x\(columns) at \(level)")
                } else {
                    #expect(largestError(got, expected) < 1e-5, "\(format) at \(level)")
                }
            }
        }
    }

    @Test(arguments: WeightFormat.allCases)
    func tokensDoNotKnowTheirNeighbours(_ format: WeightFormat) throws {
        let problem = try Problem(rows: 67, columns: 352, format: format)
        for level in KernelLevel.supported {
            let together = try problem.product(level: level, tokens: 13)
            for count in [1, 2, 3, 4, 5, 7] {
                let few = try problem.product(level: level, tokens: count)
                #expect(few[...] == together[..<(count * 67)], "\(format) \(count) at \(level)")
            }
        }
    }

    @Test(arguments: WeightFormat.allCases)
    func threadsDoNotMatter(_ format: WeightFormat) throws {
        let problem = try Problem(rows: 600, columns: 352, format: format)
        let alone = try problem.product(level: .best, tokens: 3, threads: 1)
        for threads in [2, 3, 5] {
            #expect(try problem.product(level: .best, tokens: 3, threads: threads) == alone)
        }
    }

    @Test func floatMatricesMultiply() throws {
        for format in [WeightFormat.f32, .f16, .bf16] {
            let problem = try Problem(rows: 37, columns: 96, format: format)
            let got = try problem.product(level: .best, tokens: 4)
            #expect(largestError(got, problem.exactProduct(tokens: 4)) < 1e-5)
        }
    }

    /// Quantising x to 8 bits errs by at most half a step per value.
    @Test func quantizedMatricesMultiplyWithinTheirSteps() throws {
        for format in [WeightFormat.q8_0, .q4_0] {
            let problem = try Problem(rows: 37, columns: 96, format: format)
            let got = try problem.product(level: .best, tokens: 4)
            #expect(largestError(got, problem.exactProduct(tokens: 4)) < 0.02)
        }
    }

    @Test func productsAddToTheResidual() throws {
        let problem = try Problem(rows: 48, columns: 64, format: .f32)
        let pool = try WorkerPool(threads: 1)
        let ops = try Ops(pool: pool, maxRows: 2, maxWidth: 64)
        let x = try problem.activations(tokens: 2), sum = try Rows(capacity: 2, width: 48)
        ops.matmul(x, rows: 2, .init(problem.matrix, sum))
        let once = values(sum, rows: 2)
        ops.matmul(adding: sum, x, rows: 2, problem.matrix)
        #expect(values(sum, rows: 2) == once.map { $0 * 2 })
    }

    /// ggml's definition: the block's scale in half precision, 8 or 4 bits.
    @Test func quantizedRowsStayCloseToTheirValues() throws {
        for (format, bound) in [(WeightFormat.q8_0, Float(1.0 / 254)), (.q4_0, 1.0 / 8)] {
            let problem = try Problem(rows: 5, columns: 64, format: format)
            for row in 0..<5 {
                let packed = problem.row(row), exact = problem.weights[row * 64..<(row + 1) * 64]
                let largest = exact.map(abs).max() ?? 0
                for (a, b) in zip(packed, exact) { #expect(abs(a - b) <= bound * largest * 1.01) }
            }
        }
    }

    @Test func infiniteAndNotANumberInputsDoNotTrap() throws {
        let problem = try Problem(rows: 16, columns: 64, format: .q8_0)
        let pool = try WorkerPool(threads: 1)
        for level in KernelLevel.supported {
            let ops = try Ops(pool: pool, level: level, maxRows: 1, maxWidth: 64)
            let x = try problem.activations(tokens: 1), y = try Rows(capacity: 1, width: 16)
            x[0][3] = .nan
            x[0][40] = .infinity
            ops.matmul(x, rows: 1, .init(problem.matrix, y))
        }
    }
}

/// A random matrix and random activations.
private struct Problem {
    let weights: [Float]
    let matrix: Matrix
    let inputs: [Float]

    init(rows: Int, columns: Int, format: WeightFormat) throws {
        var random = TestRandom(seed: UInt64(rows * 1000 + columns))
        let weights = (0..<rows * columns).map { _ in random.float() }
        inputs = (0..<16 * columns).map { _ in random.float() }
        matrix = try Matrix(rows: rows, columns: columns, format: format)
        matrix.fill(try WorkerPool(threads: 1)) { row, out in
            for i in 0..<columns { out[i] = weights[row * columns + i] }
        }
        self.weights = weights
    }

    func activations(tokens: Int) throws -> Rows {
        let rows = try Rows(capacity: tokens, width: matrix.columns)
        for token in 0..<tokens {
            for i in 0..<matrix.columns { rows[token][i] = inputs[token * matrix.columns + i] }
        }
        return rows
    }

    func product(level: KernelLevel, tokens: Int, threads: Int = 1) throws -> [Float] {
        let pool = try WorkerPool(threads: threads)
        let ops = try Ops(pool: pool, level: level, maxRows: tokens, maxWidth: matrix.columns)
        let output = try Rows(capacity: tokens, width: matrix.rows)
        ops.matmul(try activations(tokens: tokens), rows: tokens, .init(matrix, output))
        return values(output, rows: tokens)
    }

    func row(_ index: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: matrix.columns) { buffer, count in
            if let base = buffer.baseAddress { matrix.copy(row: index, into: base) }
            count = matrix.columns
        }
    }

    /// In double precision, with the weights as the matrix holds them.
    func exactProduct(tokens: Int) -> [Float] {
        (0..<tokens).flatMap { token in
            (0..<matrix.rows).map { r in
                let x = inputs[token * matrix.columns..<(token + 1) * matrix.columns]
                return Float(zip(row(r), x).reduce(0.0) { $0 + Double($1.0) * Double($1.1) })
            }
        }
    }
}

private func values(_ rows: Rows, rows count: Int) -> [Float] {
    (0..<count).flatMap { Array(rows.span(row: $0)) }
}

/// Largest difference, as a share of the largest value.
private func largestError(_ a: [Float], _ b: [Float]) -> Float {
    let largest = b.map(abs).max() ?? 1
    return zip(a, b).map { abs($0 - $1) }.reduce(0, max) / largest
}
