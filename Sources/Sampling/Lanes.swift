/// Sixteen neighbouring logits.
typealias Lanes = SIMD16<Float>

extension Span<Float> {
    /// The logits from `start` on; beyond the end, NaN, which is no token.
    func lanes(from start: Int) -> Lanes {
        if start + Lanes.scalarCount <= count {
            let offset = start * MemoryLayout<Float>.stride
            return bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Lanes.self)
        }
        var lanes = Lanes(repeating: .nan)
        for i in start..<count { lanes[i - start] = self[i] }
        return lanes
    }
}

extension Lanes {
    /// e to the power of each: within 2 units in the last place for -87 to 0, and 0 below and for
    /// what is no number. Results are the same on every machine: plain products and sums.
    ///
    /// x = n ln 2 + r with |r| at most half of ln 2; a polynomial gives e^r, the exponent 2^n.
    @inline(__always) var exponential: Lanes {
        let shifted = self * 1.442_695_04 + 12_582_912  // 1.5 * 2^23: what is behind the point goes
        let n = shifted - 12_582_912
        let r = (self - n * 0.693_359_375) + n * 2.121_944_4e-4
        var p = r * 1.987_569_1e-4 + 1.398_199_9e-3
        p = p * r + 8.333_452e-3
        p = p * r + 4.166_579_6e-2
        p = p * r + 1.666_666_5e-1
        p = p * r + 0.5
        p = p * r * r + r + 1
        let bits = unsafeBitCast(shifted, to: SIMD16<UInt32>.self)
        let power = unsafeBitCast((bits &+ 127) &<< 23, to: Lanes.self)
        return Lanes(repeating: 0).replacing(with: p * power, where: self .>= -87)
    }
}
