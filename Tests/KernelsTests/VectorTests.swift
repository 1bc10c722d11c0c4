import Kernels
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct VectorTests {
    @Test(arguments: KernelLevel.supported, [1, 7, 8, 64, 67])
    func rmsNormFollowsItsDefinition(_ level: KernelLevel, _ width: Int) throws {
        let ops = try Ops(pool: WorkerPool(threads: 1), level: level, maxRows: 1, maxWidth: 64)
        var random = TestRandom(seed: 1)
        let x = try filled(width, &random), out = try Rows(capacity: 1, width: width)
        let weight = (0..<width).map { _ in random.float() }
        ops.rmsNorm(out, x, rows: 1, Vector(weight), epsilon: 1e-5)
        let mean = (0..<width).reduce(0.0) { $0 + Double(x[0][$1] * x[0][$1]) } / Double(width)
        for i in 0..<width {
            let expected = Double(x[0][i]) / (mean + 1e-5).squareRoot() * Double(weight[i])
            #expect(abs(Double(out[0][i]) - expected) < 1e-5)
        }
    }

    @Test(arguments: KernelLevel.supported, [1, 8, 67])
    func swigluFollowsItsDefinition(_ level: KernelLevel, _ width: Int) throws {
        let ops = try Ops(pool: WorkerPool(threads: 1), level: level, maxRows: 1, maxWidth: 64)
        var random = TestRandom(seed: 2)
        let gate = try filled(width, &random, scale: 30), up = try filled(width, &random)
        let before = Array(gate.span(row: 0))
        ops.swiglu(gate, up, rows: 1)
        for i in 0..<width {
            let g = Double(before[i]), expected = g / (1 + exp(-g)) * Double(up[0][i])
            #expect(abs(Double(gate[0][i]) - expected) <= 1e-6 * max(1, abs(expected)))
        }
    }

    @Test(arguments: KernelLevel.supported, [2, 6, 16, 64, 80])
    func ropeRotatesPairs(_ level: KernelLevel, _ width: Int) throws {
        let ops = try Ops(pool: WorkerPool(threads: 1), level: level, maxRows: 1, maxWidth: 64)
        var random = TestRandom(seed: 3)
        let x = try filled(width, &random), half = width / 2
        let cosines = try Rows(capacity: 1, width: half), sines = try Rows(capacity: 1, width: half)
        for i in 0..<half {
            cosines[0][i] = cos(Float(i))
            sines[0][i] = sin(Float(i))
        }
        let before = Array(x.span(row: 0))
        ops.rope(x, rows: 1, headWidth: width, cosines: cosines, sines: sines)
        for i in 0..<half {
            let a = before[i], b = before[i + half], c = cos(Float(i)), s = sin(Float(i))
            #expect(abs(x[0][i] - (a * c - b * s)) < 1e-6)
            #expect(abs(x[0][i + half] - (b * c + a * s)) < 1e-6)
        }
    }

    private func filled(
        _ width: Int,
        _ random: inout TestRandom,
        scale: Float = 1
    ) throws -> Rows {
        let rows = try Rows(capacity: 1, width: width)
        for i in 0..<width { rows[0][i] = random.float() * scale }
        return rows
    }
}
