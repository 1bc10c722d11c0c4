import Kernels
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Paged attention against softmax(q K^T) V in double precision, at every length around a block's
/// edge, with NaN in every slot that was never written.
@Suite struct AttentionTests {
    @Test(arguments: KernelLevel.supported, [8, 20, 64, 72, 128])
    func pagedAttentionFollowsItsDefinition(_ level: KernelLevel, _ headWidth: Int) throws {
        for length in [1, 5, 31, 32, 33, 64, 97] {
            let case_ = try Case(headWidth: headWidth, length: length, level: level)
            let error = zip(case_.result, case_.expected).map { abs(Double($0) - $1) }.max() ?? 1
            #expect(error < 2e-5, "length \(length)")
        }
    }

    private struct Case {
        static let heads = 2, group = 3
        let result: [Float]
        let expected: [Double]

        init(headWidth: Int, length: Int, level: KernelLevel) throws {
            var random = TestRandom(seed: UInt64(length * headWidth))
            let ops = try Ops(pool: WorkerPool(threads: 2), level: level, maxRows: 1, maxWidth: 32)
            let keyWidth = Self.heads * headWidth
            let blocks = (0..<4).map { Int32(3 - $0) }  // a table that is not in order
            let memory = try Rows(
                capacity: 4,
                width: CacheLayer.blockStride(heads: Self.heads, headWidth: headWidth)
            )
            for block in 0..<4 { memory[block].update(repeating: .nan, count: memory.width) }
            let layer = CacheLayer(base: memory.base, heads: Self.heads, headWidth: headWidth)
            let keys = try Rows(capacity: length, width: keyWidth)
            let values = try Rows(capacity: length, width: keyWidth)
            for t in 0..<length {
                for i in 0..<keyWidth {
                    keys[t][i] = random.float() * 3
                    values[t][i] = random.float()
                }
            }
            ops.store(keys, values, rows: length, in: layer) { (Int(blocks[$0 / 32]), $0 % 32) }
            let q = try Rows(capacity: 1, width: keyWidth * Self.group)
            for i in 0..<q.width { q[0][i] = random.float() }
            let out = try Rows(capacity: 1, width: q.width)
            blocks.withUnsafeBufferPointer { table in
                guard let base = table.baseAddress else { return }
                ops.attend(out, q, rows: 1, in: layer, scale: 0.5) { _ in (base, length) }
            }
            result = Array(out.span(row: 0))
            expected = (0..<Self.heads * Self.group).flatMap { head in
                let shared = head / Self.group * headWidth, own = head * headWidth
                let scores = (0..<length).map { t in
                    0.5
                        * (0..<headWidth).reduce(0.0) {
                            $0 + Double(q[0][own + $1]) * Double(keys[t][shared + $1])
                        }
                }
                let largest = scores.max() ?? 0
                let weights = scores.map { exp($0 - largest) }
                let total = weights.reduce(0, +)
                return (0..<headWidth).map { d in
                    (0..<length).reduce(0.0) { $0 + weights[$1] * Double(values[$1][shared + d]) }
                        / total
                }
            }
        }
    }
}
