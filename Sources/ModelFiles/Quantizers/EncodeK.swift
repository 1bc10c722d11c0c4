// q4_k and q5_k: 8 sub-blocks of 32, value = d * scale * q - dmin * offset, scales and offsets from 0
// to 63. Each sub-block is fitted alone; then the scales are made whole numbers, of which the
// neighbours are tried too; then d and dmin are fitted to all that was chosen.

extension Blocks {
    static func encodeQ4K(_ scratch: BlockScratch, _ out: UnsafeMutablePointer<UInt8>) {
        AffineSuperblock(scratch, most: 15).store(scratch, out)
        packQ4K(scratch.codes, out)
    }

    static func packQ4K(_ codes: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<UInt8>) {
        for chunk in 0..<4 {
            let codes = codes + 64 &* chunk, bytes = out + (16 &+ 32 &* chunk)
            for j in 0..<32 { bytes[j] = codes[j] | codes[j &+ 32] << 4 }
        }
    }

    static func encodeQ5K(_ scratch: BlockScratch, _ out: UnsafeMutablePointer<UInt8>) {
        AffineSuperblock(scratch, most: 31).store(scratch, out)
        packQ5K(scratch.codes, out)
    }

    static func packQ5K(_ codes: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<UInt8>) {
        let fifth = out + 16
        for j in 0..<32 { fifth[j] = 0 }
        for chunk in 0..<4 {
            let codes = codes + 64 &* chunk, bytes = out + (48 &+ 32 &* chunk)
            let bit = UInt8(2 &* chunk)
            for j in 0..<32 {
                bytes[j] = codes[j] & 15 | codes[j &+ 32] << 4
                fifth[j] |= (codes[j] >> 4) &<< bit | (codes[j &+ 32] >> 4) &<< (bit &+ 1)
            }
        }
    }
}

/// The scales of a superblock.
struct AffineSuperblock {
    private var most: Float
    /// Half-precision floats.
    private var d: Float, dmin: Float
    private var scales = InlineArray<8, Float>(repeating: 0)
    private var offsets = InlineArray<8, Float>(repeating: 0)

    init(_ scratch: BlockScratch, most: Float) {
        self.most = most
        for sub in 0..<8 {
            (scales[sub], offsets[sub]) = WeightedRun(scratch, from: 32 &* sub, count: 32)
                .scaleAndOffset(most: most, positive: true)
        }
        var largest: Float = 0, farthest: Float = 0
        for sub in 0..<8 {
            largest = max(largest, scales[sub])
            farthest = max(farthest, offsets[sub])
        }
        d = Blocks.half(nearest: largest / 63)
        dmin = Blocks.half(nearest: farthest / 63)
        let inverse = (inverse(d), inverse(dmin))
        for sub in 0..<8 {
            scales[sub] = whole(scales[sub] * inverse.0)
            offsets[sub] = whole(offsets[sub] * inverse.1)
        }
        var error = chooseNeighbours(scratch)
        for _ in 0..<2 {
            var refitted = self
            refitted.refit(scratch)
            let better = refitted.error(scratch)
            if !(better < error) { break }
            (self, error) = (refitted, better)
        }
    }

    private func whole(_ value: Float) -> Float {
        value > 0 ? min(value.rounded(.toNearestOrEven), 63) : 0
    }

    /// Moves each scale and offset to the best of itself and its neighbours.
    /// - Returns: the error of the whole.
    private mutating func chooseNeighbours(_ scratch: BlockScratch) -> Float {
        var total: Float = 0
        for sub in 0..<8 {
            let run = WeightedRun(scratch, from: 32 &* sub, count: 32)
            let (scale, offset) = (scales[sub], offsets[sub])
            var least = Float.infinity
            for step in 0..<9 {
                let s = scale + Float(step / 3 - 1), o = offset + Float(step % 3 - 1)
                guard s >= 0, s <= 63, o >= 0, o <= 63 else { continue }
                let error = run.error(d * s, dmin * o, 0, most)
                if error < least { (least, scales[sub], offsets[sub]) = (error, s, o) }
            }
            total += least
        }
        return total
    }

    private func error(_ scratch: BlockScratch) -> Float {
        var total: Float = 0
        for sub in 0..<8 {
            total += WeightedRun(scratch, from: 32 &* sub, count: 32)
                .error(d * scales[sub], dmin * offsets[sub], 0, most)
        }
        return total
    }

    /// Sets d and dmin to what least squares gives for the codes, scales and offsets as they are.
    private mutating func refit(_ scratch: BlockScratch) {
        // With a = scale * q and b = offset: sums of w a a, w a b, w b b, w x a, w x b.
        var aa: Float = 0, ab: Float = 0, bb: Float = 0, xa: Float = 0, xb: Float = 0
        for sub in 0..<8 {
            let run = WeightedRun(scratch, from: 32 &* sub, count: 32)
            let scale = scales[sub], offset = offsets[sub]
            let inverse = inverse(d * scale), shift = dmin * offset
            var sums = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
            for i in 0..<4 {
                let value = run.run[i], weight = run.weights[i]
                let code = ((value + shift) * inverse).clamped(0, most).nearest
                sums.0 += weight * code * code
                sums.1 += weight * code
                sums.2 += weight
                sums.3 += weight * code * value
                sums.4 += weight * value
            }
            aa += scale * scale * sums.0.total
            ab += scale * offset * sums.1.total
            bb += offset * offset * sums.2.total
            xa += scale * sums.3.total
            xb += offset * sums.4.total
        }
        let determinant = aa * bb - ab * ab
        let fitted = ((xa * bb - ab * xb) / determinant, (ab * xa - aa * xb) / determinant)
        if fitted.0 > 0, fitted.1 >= 0, fitted.0.isFinite, fitted.1.isFinite {
            (d, dmin) = (Blocks.half(nearest: fitted.0), Blocks.half(nearest: fitted.1))
        } else if aa > 0, xa > 0, bb == 0 {
            d = Blocks.half(nearest: xa / aa)
        }
    }

    /// What a sub-block's codes are multiplied with, and what is taken off then.
    func scale(of sub: Int) -> (step: Float, offset: Float) {
        (d * scales[sub], dmin * offsets[sub])
    }

    /// Writes d, dmin and the twelve bytes of scales and offsets.
    func storeScales(_ out: UnsafeMutablePointer<UInt8>) {
        Blocks.storeHalf(d, out)
        Blocks.storeHalf(dmin, out + 2)
        let bytes = out + 4
        for j in 0..<4 {
            let low = (UInt8(scales[j]), UInt8(offsets[j]))
            let high = (UInt8(scales[j &+ 4]), UInt8(offsets[j &+ 4]))
            bytes[j] = low.0 | (high.0 >> 4) << 6
            bytes[j &+ 4] = low.1 | (high.1 >> 4) << 6
            bytes[j &+ 8] = high.0 & 15 | high.1 << 4
        }
    }

    /// Writes the scales, and into the scratch the codes.
    func store(_ scratch: BlockScratch, _ out: UnsafeMutablePointer<UInt8>) {
        storeScales(out)
        for sub in 0..<8 {
            let inverse = inverse(d * scales[sub]), shift = dmin * offsets[sub]
            Run(values: scratch.values + 32 &* sub, vectors: 4)
                .write(scratch.codes + 32 &* sub) { [most] in
                    (($0 + shift) * inverse).clamped(0, most).nearest
                }
        }
    }
}
