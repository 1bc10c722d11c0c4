import Kernels
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Paged attention against its definition in double precision, at every length around a block's
/// edge, with NaN in every slot that was never written.
@Suite struct AttentionTests {
    @Test(arguments: KernelLevel.supported, [8, 20, 64, 72, 128])
    func pagedAttentionFollowsItsDefinition(_ level: KernelLevel, _ headWidth: Int) throws {
        for length in [1, 5, 31, 32, 33, 64, 97] {
            let error = try Case(headWidth: headWidth, length: length, level: level).error
            #expect(error < 2e-5, "length \(length)")
        }
    }

    @Test(arguments: KernelLevel.supported, [1, 5, 31, 32, 33, 64, 97])
    func windowSoftcapSinksAndValueWidth(_ level: KernelLevel, _ length: Int) throws {
        for window in [nil, 1, 7, 32, 33, 96, 200] {
            for softcap in [nil, Float(2)] {
                for hasSinks in [false, true] {
                    let test = try Case(
                        headWidth: 24,
                        valueWidth: 16,
                        length: length,
                        level: level,
                        window: window,
                        softcap: softcap,
                        hasSinks: hasSinks
                    )
                    #expect(
                        test.error < 2e-5,
                        "window \(window ?? 0), softcap \(softcap ?? 0), sinks \(hasSinks)"
                    )
                }
            }
        }
    }

    private struct Case {
        static let heads = 2, group = 3
        private(set) var error = Double.infinity

        init(
            headWidth: Int,
            valueWidth: Int? = nil,
            length: Int,
            level: KernelLevel,
            window: Int? = nil,
            softcap: Float? = nil,
            hasSinks: Bool = false
        ) throws {
            let valueWidth = valueWidth ?? headWidth
            var random = TestRandom(seed: UInt64(length * headWidth))
            let ops = try Ops(pool: WorkerPool(threads: 2), level: level, maxRows: 1, maxWidth: 32)
            let blocks = (0..<4).map { Int32(3 - $0) }  // a table that is not in order
            let floats = Self.heads * (headWidth + valueWidth) * 32
            let memory = try Rows(capacity: 4, width: floats)
            for block in 0..<4 { memory[block].update(repeating: .nan, count: floats) }
            let layer = CacheLayer(
                base: memory.base,
                heads: Self.heads,
                headWidth: headWidth,
                valueWidth: valueWidth
            )
            let keys = try Rows(capacity: length, width: Self.heads * headWidth)
            let values = try Rows(capacity: length, width: Self.heads * valueWidth)
            for t in 0..<length {
                for i in 0..<keys.width { keys[t][i] = random.float() * 3 }
                for i in 0..<values.width { values[t][i] = random.float() }
            }
            ops.store(keys, values, rows: length, in: layer) { (Int(blocks[$0 / 32]), $0 % 32) }
            let q = try Rows(capacity: 1, width: keys.width * Self.group)
            for i in 0..<q.width { q[0][i] = random.float() }
            let out = try Rows(capacity: 1, width: values.width * Self.group)
            let sinks = (0..<Self.heads * Self.group).map { _ in random.float() * 2 }
            let shape = AttentionShape(
                scale: 0.5,
                window: window,
                softcap: softcap,
                sinks: hasSinks ? Vector(sinks) : nil
            )
            blocks.withUnsafeBufferPointer { table in
                guard let base = table.baseAddress else { return }
                ops.attend(out, q, rows: 1, in: layer, shape) { _ in (base, length) }
            }
            let first = window.map { max(0, length - $0) } ?? 0
            var worst = 0.0
            for head in 0..<Self.heads * Self.group {
                let shared = head / Self.group, own = head * headWidth
                let scores = (first..<length).map { t in
                    let dot = (0..<headWidth).reduce(0.0) {
                        $0 + Double(q[0][own + $1]) * Double(keys[t][shared * headWidth + $1])
                    }
                    guard let softcap else { return 0.5 * dot }
                    return Double(softcap) * tanh(0.5 * dot / Double(softcap))
                }
                let weights = scores.map { exp($0) }
                let sink = hasSinks ? exp(Double(sinks[head])) : 0
                let total = weights.reduce(sink, +)
                for d in 0..<valueWidth {
                    let mixed = zip(weights, first..<length).reduce(0.0) {
                        $0 + $1.0 * Double(values[$1.1][shared * valueWidth + d])
                    }
                    let difference = abs(Double(out[0][head * valueWidth + d]) - mixed / total)
                    // A comparison that NaN fails, so that NaN is the largest error of all.
                    if !(difference <= worst) { worst = difference }
                }
            }
            error = worst
        }
    }
}
