// q6_k: 16 sub-blocks of 16, value = d * scale * (q - 32), scales signed bytes. Fitted as q4_k is.

extension Blocks {
    static func encodeQ6K(_ scratch: BlockScratch, _ out: UnsafeMutablePointer<UInt8>) {
        Q6Superblock(scratch).store(scratch, out)
        packQ6K(scratch.codes, out)
    }

    /// Each half: four rows of 32, in pairs of nibbles, their upper two bits in one byte.
    static func packQ6K(_ codes: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<UInt8>) {
        for side in 0..<2 {
            let codes = codes + 128 &* side
            let low = out + 64 &* side, high = out + (128 &+ 32 &* side)
            for j in 0..<32 {
                let q = (codes[j], codes[j &+ 32], codes[j &+ 64], codes[j &+ 96])
                low[j] = q.0 & 15 | q.2 << 4
                low[j &+ 32] = q.1 & 15 | q.3 << 4
                high[j] = q.0 >> 4 | (q.1 >> 4) << 2 | (q.2 >> 4) << 4 | (q.3 >> 4) << 6
            }
        }
    }

    fileprivate static let targets32 = targets(32)
}

struct Q6Superblock {
    /// A half-precision float.
    private var d: Float
    private var scales = InlineArray<16, Float>(repeating: 0)

    init(_ scratch: BlockScratch) {
        var extreme: Float = 0
        for sub in 0..<16 {
            scales[sub] = WeightedRun(scratch, from: 16 &* sub, count: 16)
                .scale(targets: Blocks.targets32) { $0.clamped(-32, 31).nearest }
            if abs(scales[sub]) > abs(extreme) { extreme = scales[sub] }
        }
        // To the lowest of the signed bytes, which reach one further below zero than above.
        d = Blocks.half(nearest: extreme / -128)
        let inverse = inverse(d)
        for sub in 0..<16 { scales[sub] = whole(scales[sub] * inverse) }
        var error = chooseNeighbours(scratch)
        for _ in 0..<2 {
            var refitted = self
            refitted.refit(scratch)
            let better = refitted.chooseNeighbours(scratch)
            if !(better < error) { break }
            (self, error) = (refitted, better)
        }
    }

    private func whole(_ value: Float) -> Float {
        value > -128 ? min(value.rounded(.toNearestOrEven), 127) : -128
    }

    /// Moves each scale to the best of itself and its neighbours.
    /// - Returns: the error of the whole.
    private mutating func chooseNeighbours(_ scratch: BlockScratch) -> Float {
        var total: Float = 0
        for sub in 0..<16 {
            let run = WeightedRun(scratch, from: 16 &* sub, count: 16)
            let scale = scales[sub]
            var least = Float.infinity
            for step in -1...1 {
                let s = scale + Float(step)
                guard s >= -128, s <= 127 else { continue }
                let error = run.error(d * s, 0, -32, 31)
                if error < least { (least, scales[sub]) = (error, s) }
            }
            total += least
        }
        return total
    }

    /// Sets d to what least squares gives for the codes and scales as they are.
    private mutating func refit(_ scratch: BlockScratch) {
        var aa: Float = 0, xa: Float = 0
        for sub in 0..<16 {
            let run = WeightedRun(scratch, from: 16 &* sub, count: 16)
            let scale = scales[sub], inverse = inverse(d * scale)
            var qq = Lanes.zero, xq = Lanes.zero
            for i in 0..<2 {
                let value = run.run[i], code = (value * inverse).clamped(-32, 31).nearest
                qq += run.weights[i] * code * code
                xq += run.weights[i] * code * value
            }
            aa += scale * scale * qq.total
            xa += scale * xq.total
        }
        if aa > 0, (xa / aa).isFinite { d = Blocks.half(nearest: xa / aa) }
    }

    /// What a sub-block's codes, from -32 on, are multiplied with.
    func scale(of sub: Int) -> Float { d * scales[sub] }

    /// Writes d and the scales.
    func storeScales(_ out: UnsafeMutablePointer<UInt8>) {
        Blocks.storeHalf(d, out + 208)
        for sub in 0..<16 { out[192 &+ sub] = UInt8(bitPattern: Int8(scales[sub])) }
    }

    /// Writes the scales, and into the scratch the codes.
    func store(_ scratch: BlockScratch, _ out: UnsafeMutablePointer<UInt8>) {
        storeScales(out)
        for sub in 0..<16 {
            let inverse = inverse(d * scales[sub])
            Run(values: scratch.values + 16 &* sub, vectors: 2)
                .write(scratch.codes + 16 &* sub) {
                    ($0 * inverse).clamped(-32, 31).nearest + 32
                }
        }
    }
}
