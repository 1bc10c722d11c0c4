import Kernels
import Testing

/// What is done in one pass or one phase has the bits of its steps one after the other, at every
/// level and for any number of workers.
@Suite struct FusionTests {
    static let threads = [1, 2, 5]
    /// Few enough for the caller, and enough for all workers.
    static let rowCounts = [1, 3, 40]

    @Test(arguments: KernelLevel.supported, [WeightFormat.f32, .q4_0])
    func rowsAreNormedInTheMatricesPhase(_ level: KernelLevel, _ format: WeightFormat) throws {
        let matrix = try RandomMatrix(rows: 100, columns: 256, format: format).matrix
        let gain = Vector(random(256, 1)), bias = Vector(random(256, 2))
        for norm in [Norm.rms(gain, epsilon: 1e-5), .layer(gain, bias: bias, epsilon: 1e-5)] {
            for rows in Self.rowCounts {
                let x = try rows256(rows), h = try rows256(rows)
                let expected = try Rows(capacity: rows, width: 100)
                let apart = try ops(level, 1, rows)
                apart.make(.init(h, norm: norm, of: x), rows: rows)
                apart.matmul(.init(h), rows: rows, .init(matrix, expected))
                for threads in Self.threads {
                    let out = try Rows(capacity: rows, width: 100), made = try rows256(rows)
                    let input = Ops.Input(made, norm: norm, of: x)
                    try ops(level, threads, rows).matmul(input, rows: rows, .init(matrix, out))
                    #expect(bits(out, rows) == bits(expected, rows))
                    #expect(bits(made, rows) == bits(h, rows))
                }
            }
        }
    }

    @Test(arguments: [WeightFormat.f32, .q4_0])
    func rowsAreChosenInTheMatricesPhase(_ format: WeightFormat) throws {
        let matrix = try RandomMatrix(rows: 100, columns: 256, format: format).matrix
        let x = try rows256(40), chosen = try rows256(30)
        let choices = (0..<30).map { ExpertChoice(row: $0 * 7 % 40, slot: 29 - $0, weight: 0.5) }
        for (row, choice) in choices.enumerated() {
            chosen[row].update(from: x[choice.row], count: 256)
        }
        let expected = try Rows(capacity: 30, width: 100)
        try ops(.best, 1, 40).matmul(.init(chosen), rows: 30, .init(matrix, expected))
        for threads in Self.threads {
            let ops = try ops(.best, threads, 40)
            let out = try Rows(capacity: 30, width: 100), slots = try Rows(capacity: 30, width: 100)
            let input = Ops.Input(try rows256(30), choices: choices, of: x)
            ops.matmul(input, rows: 30, .init(matrix, out))
            #expect(bits(out, 30) == bits(expected, 30))
            ops.scatter(slots, out, choices)
            for (row, choice) in choices.enumerated() {
                let halves = out.span(row: row).map { $0 * choice.weight }
                #expect(Array(slots.span(row: choice.slot)) == halves)
            }
        }
    }

    /// 100 outputs are 7 panels, of which the last is short.
    @Test(arguments: KernelLevel.supported)
    func biasesAndMixingAreDoneByStripes(_ level: KernelLevel) throws {
        let order = (0..<256).map { Int32(($0 * 77 + 3) % 256) }
        let gate = try RandomMatrix(rows: 100, columns: 256, format: .q4_0).matrix
        let plain = try RandomMatrix(rows: 100, columns: 256, format: .q8_0).matrix
        let ordered = try RandomMatrix(
            rows: 100,
            columns: 256,
            format: .u4g32,
            columnOrder: order
        ).matrix
        let biases = [Vector(random(100, 3)), Vector(random(100, 4))]
        for mixing in Self.mixings {
            for (up, rows) in [(plain, 1), (plain, 3), (plain, 40), (ordered, 40)] {
                let x = try rows256(rows), apart = try ops(level, 1, rows)
                let expected = try (0..<2).map { _ in try Rows(capacity: rows, width: 100) }
                for (index, matrix) in [gate, up].enumerated() {
                    apart.matmul(.init(x), rows: rows, .init(matrix, expected[index]))
                    add(biases[index], to: expected[index], rows)
                }
                apart.mix(mixing, expected[0], expected[1], rows: rows)
                for threads in Self.threads {
                    let out = try (0..<2).map { _ in try Rows(capacity: rows, width: 100) }
                    try ops(level, threads, rows).matmul(
                        .init(x),
                        rows: rows,
                        .init(gate, bias: biases[0], out[0]),
                        .init(up, bias: biases[1], out[1]),
                        mixing: mixing
                    )
                    #expect(bits(out[0], rows) == bits(expected[0], rows), "\(mixing)")
                }
            }
        }
    }

    @Test(arguments: KernelLevel.supported)
    func biasesComeOnTopOfTheResidual(_ level: KernelLevel) throws {
        let matrix = try RandomMatrix(rows: 100, columns: 256, format: .q4_0).matrix
        let bias = Vector(random(100, 5)), x = try rows256(40)
        let before = random(100, 6)
        func residual() throws -> Rows {
            let rows = try Rows(capacity: 40, width: 100)
            for row in 0..<40 { rows[row].update(from: before, count: 100) }
            return rows
        }
        let expected = try residual()
        let adding = Ops.Product(matrix, .init(expected, adds: true))
        try ops(level, 1, 40).matmul(.init(x), rows: 40, adding)
        add(bias, to: expected, 40)
        for threads in Self.threads {
            let out = Ops.Output(try residual(), adds: true)
            let product = Ops.Product(matrix, bias: bias, out)
            try ops(level, threads, 40).matmul(.init(x), rows: 40, product)
            #expect(bits(out.rows, 40) == bits(expected, 40))
        }
    }

    @Test(arguments: KernelLevel.supported)
    func aNormedBranchJoinsTheResidual(_ level: KernelLevel) throws {
        let norm = Norm.rms(Vector(random(256, 7)), epsilon: 1e-5)
        for rows in Self.rowCounts {
            let x = try rows256(rows), y = try rows256(rows, 8), normed = try rows256(rows)
            let apart = try ops(level, 1, rows)
            apart.make(.init(normed, norm: norm, of: y), rows: rows)
            apart.add(x, normed, rows: rows, times: 0.3)
            for threads in Self.threads {
                let out = try rows256(rows), branch = try rows256(rows, 8)
                let ops = try ops(level, threads, rows)
                ops.add(out, branch, rows: rows, norm: norm, times: 0.3)
                #expect(bits(out, rows) == bits(x, rows))
            }
        }
    }

    /// Limit, norm, rotation and store, each alone against all in one pass.
    @Test(arguments: KernelLevel.supported, KVFormat.allCases)
    func headsArePreparedInOnePass(_ level: KernelLevel, _ format: KVFormat) throws {
        let norms: [Norm?] = [
            nil, .rms(Vector(random(32, 9)), epsilon: 1e-5),
            .rms(Vector(random(128, 10)), epsilon: 1e-5),
            .layer(Vector(random(32, 11)), bias: nil, epsilon: 1e-5),
            .layer(Vector(random(128, 12)), bias: nil, epsilon: 1e-5),
        ]
        for norm in norms {
            for style in [RopeStyle.halves, .pairs] {
                for rows in Self.rowCounts {
                    let apart = try HeadCase(format, rows), ops = try ops(level, 1, rows)
                    apart.apply(ops, limit: 0.7)
                    apart.apply(ops, norm: norm)
                    apart.apply(ops, style: style)
                    for threads in Self.threads {
                        let once = try HeadCase(format, rows)
                        let ops = try self.ops(level, threads, rows)
                        once.apply(ops, limit: 0.7, norm: norm, style: style)
                        #expect(once.bits == apart.bits)
                        #expect(once.cached == apart.cached)
                    }
                }
            }
        }
    }

    @Test func keysAreJoinedFromTwoParts() throws {
        let test = try HeadCase(.f32, 40), whole = try HeadCase(.f32, 40)
        let own = try Rows(capacity: 40, width: 4 * 20), shared = try Rows(capacity: 40, width: 12)
        for row in 0..<40 {
            for head in 0..<4 {
                own[row].advanced(by: 20 * head).update(from: whole.k[row] + 32 * head, count: 20)
                let end = whole.k[row] + 32 * head + 20
                if head > 0 { end.update(from: whole.k[row] + 20, count: 12) }
            }
            shared[row].update(from: whole.k[row] + 20, count: 12)
        }
        for index in 0..<128 { test.k[0][index] = 0 }
        whole.apply(try ops(.best, 1, 40))
        test.apply(try ops(.best, 3, 40), own: own, shared: shared)
        #expect(test.cached == whole.cached)
        #expect(test.bits == whole.bits)
    }

    private static let mixings: [Mixing] = [
        .activation(.gelu), .gated(.silu), .gated(.geluTanh), .gated(.relu),
        .clampedSwiGLU(alpha: 1.7, limit: 0.4),
    ]

    private func ops(_ level: KernelLevel, _ threads: Int, _ rows: Int) throws -> Ops {
        try Ops(pool: WorkerPool(threads: threads), level: level, maxRows: rows, maxWidth: 256)
    }

    private func rows256(_ count: Int, _ seed: UInt64 = 0) throws -> Rows {
        let rows = try Rows(capacity: count, width: 256)
        for row in 0..<count {
            rows[row].update(from: random(256, seed &* 100 &+ UInt64(row)), count: 256)
        }
        return rows
    }

    private func add(_ bias: Vector, to x: Rows, _ rows: Int) {
        for row in 0..<rows {
            for (i, value) in bias.values.enumerated() { x[row][i] += value }
        }
    }
}

private func random(_ count: Int, _ seed: UInt64) -> [Float] {
    var random = TestRandom(seed: seed)
    return (0..<count).map { _ in random.float() }
}

private func bits(_ x: Rows, _ rows: Int) -> [UInt32] {
    (0..<rows).flatMap { row in x.span(row: row).map(\.bitPattern) }
}

/// Queries, keys and values of four heads of 32 elements, and a cache for them.
private struct HeadCase {
    let q, k, v: Rows
    private let cosines, sines: Rows
    private let rows: Int
    private let memory: Memory
    private let cache: CacheLayer

    init(_ format: KVFormat, _ rows: Int) throws {
        self.rows = rows
        func make(_ width: Int, _ seed: UInt64) throws -> Rows {
            let made = try Rows(capacity: rows, width: width)
            for row in 0..<rows {
                made[row].update(from: random(width, seed + UInt64(row)), count: width)
            }
            return made
        }
        q = try make(128, 1000)
        k = try make(128, 2000)
        v = try make(128, 3000)
        cosines = try make(8, 4000)
        sines = try make(8, 5000)
        let bytes = format.blockBytes(headWidth: 32, valueWidth: 32)
        memory = try #require(Memory(byteCount: bytes * 4 * 2))
        cache = CacheLayer(
            base: memory.base,
            format: format,
            heads: 4,
            headWidth: 32,
            valueWidth: 32
        )
    }

    /// - Parameters:
    ///   - own: parts of keys that are joined with `shared`.
    func apply(
        _ ops: Ops,
        limit: Float? = nil,
        norm: Norm? = nil,
        style: RopeStyle? = nil,
        own: Rows? = nil,
        shared: Rows? = nil
    ) {
        let rotation = style.map {
            Rotation(cosines: cosines, sines: sines, style: $0, offset: 4)
        }
        let places = (0..<rows).map { CachePlaces.Place(table: 0, position: $0) }
        let table: [Int32] = [1, 0]
        table.withUnsafeBufferPointer { table in
            places.withUnsafeBufferPointer { places in
                guard let tables = table.baseAddress, let places = places.baseAddress else {
                    return
                }
                let pass = HeadPass(
                    q: Heads(q, width: 32, norm: norm, rotation: rotation),
                    k: Heads(
                        shared ?? k,
                        width: shared?.width ?? 32,
                        norm: norm,
                        rotation: rotation
                    ),
                    v: v,
                    limit: limit,
                    join: own.map { KeyJoin(own: $0, ownWidth: 20, keys: k) },
                    cache: cache,
                    places: CachePlaces(tables: tables, tableWidth: 2, rows: places)
                )
                ops.apply(pass, rows: rows)
            }
        }
        withExtendedLifetime((self, norm, own, shared)) {}
    }

    var bits: [UInt32] { KernelsTests.bits(q, rows) + KernelsTests.bits(k, rows) }

    /// The bytes of the cache.
    var cached: [UInt8] {
        Array(UnsafeRawBufferPointer(start: memory.base, count: memory.byteCount))
    }
}
