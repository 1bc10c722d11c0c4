import Kernels
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Paged attention against its definition in double precision, at every length around the edge of a
/// block and of a chunk, with NaN in everything that was never written.
@Suite struct AttentionTests {
    /// On values between -1 and 1. Int8 errs by what rounding queries, keys, values and weights to
    /// 8 bits costs at scores as steep as these tests'.
    static let tolerance: [KVFormat: Double] = [.f32: 2e-5, .bf16: 3e-2, .int8: 6e-2]

    @Test(arguments: KernelLevel.supported, KVFormat.allCases)
    func followsItsDefinition(_ level: KernelLevel, _ format: KVFormat) throws {
        for headWidth in [8, 20, 64, 72, 96, 128] {
            for length in [1, 5, 31, 32, 33, 64, 97] {
                let test = try AttentionCase(
                    level: level,
                    format: format,
                    headWidth: headWidth,
                    length: length
                )
                let tolerance = try #require(Self.tolerance[format])
                let error = test.largestError(of: try test.attend(from: length - 1))
                #expect(error < tolerance, "width \(headWidth), length \(length)")
            }
        }
    }

    @Test(arguments: KernelLevel.supported, KVFormat.allCases)
    func longSequencesTakeSeveralChunks(_ level: KernelLevel, _ format: KVFormat) throws {
        for length in [511, 512, 513, 1100] {
            let test = try AttentionCase(
                level: level,
                format: format,
                headWidth: 32,
                length: length
            )
            let tolerance = try #require(Self.tolerance[format])
            let error = test.largestError(of: try test.attend(from: length - 1))
            #expect(error < tolerance, "length \(length)")
        }
    }

    @Test(arguments: KVFormat.allCases, [1, 5, 31, 32, 33, 64, 97])
    func windowSoftcapSinksAndValueWidth(_ format: KVFormat, _ length: Int) throws {
        let tolerance = try #require(Self.tolerance[format])
        for shape in AttentionCase.shapes {
            let test = try AttentionCase(
                level: .best,
                format: format,
                headWidth: 24,
                valueWidth: 16,
                length: length,
                shape
            )
            let error = test.largestError(of: try test.attend(from: length - 1))
            #expect(error < tolerance, "\(shape)")
        }
    }

    /// Every level rounds at the same places.
    @Test(arguments: KernelLevel.supported, KVFormat.allCases)
    func levelsAgreeBitForBit(_ level: KernelLevel, _ format: KVFormat) throws {
        for (headWidth, valueWidth) in [(20, 24), (64, 64), (80, 40), (192, 128)] {
            for shape in AttentionCase.shapes {
                let results = try [KernelLevel.portable, level].map { level in
                    let test = try AttentionCase(
                        level: level,
                        format: format,
                        headWidth: headWidth,
                        valueWidth: valueWidth,
                        length: 77,
                        shape
                    )
                    return try test.attend(from: 40).map { $0.map(\.bitPattern) }
                }
                #expect(results[0] == results[1], "width \(headWidth), \(shape)")
            }
        }
    }

    /// A row's bits depend on what it sees, not on the rows beside it or on who computes them.
    @Test(arguments: KernelLevel.supported, KVFormat.allCases)
    func neitherTilesNorWorkersShow(_ level: KernelLevel, _ format: KVFormat) throws {
        for window in [nil, 40, 600] {
            let test = try AttentionCase(
                level: level,
                format: format,
                headWidth: 32,
                length: 1100,
                .init(window: window, hasSinks: window == 40)
            )
            let expected = try test.attend(from: 1030, tile: 1).map { $0.map(\.bitPattern) }
            #expect(expected.joined().allSatisfy { !Float(bitPattern: $0).isNaN })
            for tile in [3, 10, 16] {
                let rows = try test.attend(from: 1030, tile: tile)
                #expect(rows.map { $0.map(\.bitPattern) } == expected, "tiles of \(tile)")
            }
            for first in [1030, 1099] {
                let rows = try test.attend(from: first, tile: 1, threads: 64)
                let last = expected.suffix(rows.count)
                #expect(rows.map { $0.map(\.bitPattern) } == Array(last), "split by chunks")
            }
        }
    }

    /// Workers wait for each other's keys and values.
    @Test(arguments: KVFormat.allCases, [77, 1100])
    func storingIsDoneBeforeAttention(_ format: KVFormat, _ length: Int) throws {
        let test = try AttentionCase(
            level: .best,
            format: format,
            headWidth: 32,
            length: length
        )
        for (first, tile) in [(length - 40, 4), (length - 1, 1)] {
            let expected = try test.attend(from: first, tile: tile).map { $0.map(\.bitPattern) }
            for threads in [1, 2, 5] {
                test.forget()
                let rows = try test.attend(
                    from: first,
                    tile: tile,
                    threads: threads,
                    stores: true
                )
                #expect(rows.map { $0.map(\.bitPattern) } == expected, "\(threads) threads")
            }
        }
    }

    /// More query heads in a group than one call takes.
    @Test(arguments: KVFormat.allCases)
    func largeGroups(_ format: KVFormat) throws {
        let test = try AttentionCase(
            level: .best,
            format: format,
            headWidth: 64,
            length: 70,
            group: 71
        )
        let tolerance = try #require(Self.tolerance[format])
        let error = test.largestError(of: try test.attend(from: 69))
        #expect(error < tolerance)
    }

    @Test(arguments: KernelLevel.supported, KVFormat.allCases)
    func readingWhatWasNotWrittenShows(_ level: KernelLevel, _ format: KVFormat) throws {
        let test = try AttentionCase(
            level: level,
            format: format,
            headWidth: 32,
            length: 40,
            unwritten: 36
        )
        let rows = try test.attend(from: 35)
        #expect(rows[0].allSatisfy { !$0.isNaN })
        #expect(rows[1].allSatisfy { $0.isNaN })
    }
}

/// One sequence in a cache, with queries for its last positions.
private struct AttentionCase {
    struct Shape {
        var window: Int?
        var softcap: Float?
        var hasSinks = false
    }

    static let shapes: [Shape] = [nil, 1, 7, 32, 33, 96, 200].flatMap { window in
        [
            Shape(window: window), Shape(window: window, softcap: 2),
            Shape(window: window, hasSinks: true),
            Shape(window: window, softcap: 2, hasSinks: true),
        ]
    }

    private static let heads = 2, scale: Float = 0.5
    private let level: KernelLevel
    private let length, headWidth, valueWidth, group: Int
    private let shape: Shape
    private let sinks: [Float]
    private let memory: Memory
    private let layer: CacheLayer
    private let table: [Int32]
    private let keys, values, queries: Rows

    /// - Parameter unwritten: a position that is left out.
    init(
        level: KernelLevel,
        format: KVFormat,
        headWidth: Int,
        valueWidth: Int? = nil,
        length: Int,
        _ shape: Shape = Shape(),
        group: Int = 3,
        unwritten: Int? = nil
    ) throws {
        self.level = level
        self.length = length
        self.headWidth = headWidth
        self.valueWidth = valueWidth ?? headWidth
        self.group = group
        self.shape = shape
        var random = TestRandom(seed: UInt64(length * headWidth))
        let blocks = (length + 31) / 32
        table = (0..<blocks).map { Int32(blocks - 1 - $0) }  // not in order
        let bytes = format.blockBytes(headWidth: headWidth, valueWidth: self.valueWidth)
        let size = bytes * Self.heads * blocks
        memory = try #require(Memory(byteCount: size))
        layer = CacheLayer(
            base: memory.base,
            format: format,
            heads: Self.heads,
            headWidth: headWidth,
            valueWidth: self.valueWidth
        )
        keys = try Rows(capacity: length, width: Self.heads * headWidth)
        values = try Rows(capacity: length, width: Self.heads * self.valueWidth)
        queries = try Rows(capacity: length, width: Self.heads * group * headWidth)
        // Scores have the same spread at every width.
        let reach = 3 / Float(headWidth).squareRoot()
        for t in 0..<length {
            for i in 0..<keys.width { keys[t][i] = random.float() * 3 }
            for i in 0..<values.width { values[t][i] = random.float() }
            for i in 0..<queries.width { queries[t][i] = random.float() * reach }
        }
        sinks = (0..<Self.heads * group).map { _ in random.float() * 2 }
        forget()
        let ops = try Ops(pool: WorkerPool(threads: 1), level: level, maxRows: 1, maxWidth: 32)
        for t in 0..<length where t != unwritten {
            let (key, value) = try (one(keys, t), one(values, t))
            withPass(key, value, positions: [t]) { ops.apply($0, rows: 1) }
        }
    }

    /// What is done to `k` and `v`, and to queries, before attention.
    private func withPass(
        _ k: Rows,
        _ v: Rows,
        positions: [Int],
        _ body: (HeadPass) -> Void
    ) {
        // What a pass is made of outlives it.
        defer { withExtendedLifetime((k, v)) {} }
        let places = positions.map { CachePlaces.Place(table: 0, position: $0) }
        table.withUnsafeBufferPointer { table in
            places.withUnsafeBufferPointer { places in
                guard let tables = table.baseAddress, let rows = places.baseAddress else { return }
                body(
                    HeadPass(
                        q: Heads(queries, width: headWidth, rotation: nil),
                        k: Heads(k, width: headWidth, rotation: nil),
                        v: v,
                        cache: layer,
                        places: CachePlaces(tables: tables, tableWidth: table.count, rows: rows)
                    )
                )
            }
        }
    }

    private func one(_ rows: Rows, _ row: Int) throws -> Rows {
        let copy = try Rows(capacity: 1, width: rows.width)
        copy[0].update(from: rows[row], count: rows.width)
        return copy
    }

    /// Fills the cache with NaN.
    func forget() {
        let size = layer.blockStride * table.count
        let words = memory.base.assumingMemoryBound(to: UInt32.self)
        for word in 0..<size / 4 { words[word] = 0x7FC0_7FC0 }
    }

    /// Attention of positions `first ..< length`.
    /// - Parameter stores: whether keys and values are stored in the same phase.
    func attend(
        from first: Int,
        tile: Int = 8,
        threads: Int = 2,
        stores: Bool = false
    ) throws -> [[Float]] {
        let pool = try WorkerPool(threads: threads)
        let ops = try Ops(
            pool: pool,
            level: level,
            maxRows: 1,
            maxWidth: 32,
            partFloats: layer.partFloats(threads: threads, contextLength: length)
        )
        let out = try Rows(capacity: length, width: Self.heads * group * valueWidth)
        let most = min(tile, layer.queriesPerTile(group: group))
        let tiles = stride(from: first, to: length, by: most).map {
            QueryTile(row: $0, count: min(most, length - $0), tokens: $0 + 1)
        }
        let attention = AttentionShape(
            scale: Self.scale,
            window: shape.window,
            softcap: shape.softcap,
            sinks: shape.hasSinks ? Vector(sinks) : nil
        )
        withPass(keys, values, positions: Array(0..<length)) { pass in
            ops.attend(out, rows: stores ? length : 0, tiles, after: pass, attention)
        }
        return (first..<length).map { Array(out.span(row: $0)) }
    }

    /// Of the rows of the last positions.
    func largestError(of rows: [[Float]]) -> Double {
        var worst = 0.0
        for (index, row) in rows.enumerated() {
            let expected = definition(length - rows.count + index)
            for (got, wanted) in zip(row, expected) {
                let difference = abs(Double(got) - wanted)
                // A comparison that NaN fails, so that NaN is the largest error of all.
                if !(difference <= worst) { worst = difference }
            }
        }
        return worst
    }

    /// What attention of a position is, all heads.
    private func definition(_ position: Int) -> [Double] {
        let first = shape.window.map { max(0, position + 1 - $0) } ?? 0
        return (0..<Self.heads * group).flatMap { head in
            let shared = head / group
            let scores = (first...position).map { score(position, $0, head) }
            let weights = scores.map { exp($0) }
            let sink = shape.hasSinks ? exp(Double(sinks[head])) : 0
            let total = weights.reduce(sink, +)
            return (0..<valueWidth).map { d in
                zip(weights, first...position).reduce(0.0) {
                    $0 + $1.0 * Double(values[$1.1][shared * valueWidth + d])
                } / total
            }
        }
    }

    private func score(_ position: Int, _ t: Int, _ head: Int) -> Double {
        let dot = (0..<headWidth).reduce(0.0) {
            $0 + Double(queries[position][head * headWidth + $1])
                * Double(keys[t][head / group * headWidth + $1])
        }
        guard let softcap = shape.softcap else { return Double(Self.scale) * dot }
        return Double(softcap) * tanh(Double(Self.scale) * dot / Double(softcap))
    }
}
