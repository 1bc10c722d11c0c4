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
        ops.make(.init(out, norm: .rms(Vector(weight), epsilon: 1e-5), of: x), rows: 1)
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
        ops.mix(.gated(.silu), gate, up, rows: 1)
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
        let pairs = try filled(width, &random)
        pairs[0].update(from: before, count: width)
        for (rows, style) in [(x, RopeStyle.halves), (pairs, .pairs)] {
            let rotation = Rotation(cosines: cosines, sines: sines, style: style)
            try ops.prepare(Heads(rows, width: width, rotation: rotation))
        }
        withExtendedLifetime((cosines, sines)) {}
        for i in 0..<half {
            let c = cos(Float(i)), s = sin(Float(i))
            var (a, b) = (before[i], before[i + half])
            #expect(abs(x[0][i] - (a * c - b * s)) < 1e-6)
            #expect(abs(x[0][i + half] - (b * c + a * s)) < 1e-6)
            (a, b) = (before[2 * i], before[2 * i + 1])
            #expect(abs(pairs[0][2 * i] - (a * c - b * s)) < 1e-6)
            #expect(abs(pairs[0][2 * i + 1] - (b * c + a * s)) < 1e-6)
        }
    }

    @Test func ropeLeavesTheRestOfAHeadAlone() throws {
        let ops = try Ops(pool: WorkerPool(threads: 1), maxRows: 1, maxWidth: 64)
        var random = TestRandom(seed: 4)
        let x = try filled(24, &random)
        let cosines = try Rows(capacity: 1, width: 2), sines = try Rows(capacity: 1, width: 2)
        for i in 0..<2 { (cosines[0][i], sines[0][i]) = (0, 1) }
        let before = Array(x.span(row: 0))
        let rotation = Rotation(cosines: cosines, sines: sines, style: .halves, offset: 4)
        try ops.prepare(Heads(x, width: 12, rotation: rotation))
        withExtendedLifetime((cosines, sines)) {}
        for head in [0, 12] {
            for i in [0, 1, 2, 3, 8, 9, 10, 11] { #expect(x[0][head + i] == before[head + i]) }
            #expect(x[0][head + 4] == -before[head + 6] && x[0][head + 6] == before[head + 4])
        }
    }

    @Test func layerNormFollowsItsDefinition() throws {
        let ops = try Ops(pool: WorkerPool(threads: 1), maxRows: 1, maxWidth: 64)
        var random = TestRandom(seed: 5)
        let x = try filled(67, &random), out = try filled(67, &random)
        let weight = (0..<67).map { _ in random.float() },
            bias = (0..<67).map { _ in random.float() }
        let norm = Norm.layer(Vector(weight), bias: Vector(bias), epsilon: 1e-5)
        ops.make(.init(out, norm: norm, of: x), rows: 1)
        let values = x.span(row: 0).map { Double($0) }
        let mean = values.reduce(0, +) / 67
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 67
        for i in 0..<67 {
            let normed = (values[i] - mean) / (variance + 1e-5).squareRoot()
            let expected = normed * Double(weight[i]) + Double(bias[i])
            #expect(abs(Double(out[0][i]) - expected) < 1e-5)
        }
    }

    @Test(arguments: [Activation.gelu, .geluTanh, .relu, .silu])
    func activationsFollowTheirDefinitions(_ f: Activation) throws {
        let ops = try Ops(pool: WorkerPool(threads: 1), maxRows: 1, maxWidth: 64)
        var random = TestRandom(seed: 6)
        let x = try filled(40, &random, scale: 6), before = Array(x.span(row: 0))
        ops.mix(.activation(f), x, nil, rows: 1)
        for i in 0..<40 {
            let v = Double(before[i])
            let expected =
                switch f {
                case .gelu: 0.5 * v * (1 + erf(v / 2.0.squareRoot()))
                case .geluTanh:
                    0.5 * v * (1 + tanh((2 / Double.pi).squareRoot() * (v + 0.044715 * v * v * v)))
                case .relu: max(v, 0)
                case .silu: v / (1 + exp(-v))
                }
            #expect(abs(Double(x[0][i]) - expected) <= 2e-6 * max(1, abs(v)))
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

extension Ops {
    /// Does to one row of queries what is done before attention; its key and value are of no
    /// importance.
    fileprivate func prepare(_ q: Heads) throws {
        let k = try Rows(capacity: 1, width: 4)
        let bytes = KVFormat.f32.blockBytes(headWidth: 4, valueWidth: 4)
        let memory = try #require(Memory(byteCount: bytes))
        let cache = CacheLayer(
            base: memory.base,
            format: .f32,
            heads: 1,
            headWidth: 4,
            valueWidth: 4
        )
        var table: Int32 = 0
        var place = CachePlaces.Place(table: 0, position: 0)
        withExtendedLifetime((k, memory)) {
            withUnsafePointer(to: &table) { table in
                withUnsafePointer(to: &place) { place in
                    let places = CachePlaces(tables: table, tableWidth: 1, rows: place)
                    let heads = Heads(k, width: 4, rotation: nil)
                    let pass = HeadPass(q: q, k: heads, v: k, cache: cache, places: places)
                    apply(pass, rows: 1)
                }
            }
        }
    }
}
