/// Eight neighbouring logits.
typealias Lanes = SIMD8<Float>

extension Span<Float> {
    /// The logits from `start` on; beyond the end, NaN, which is no token.
    func lanes(from start: Int) -> Lanes {
        var lanes = Lanes(repeating: .nan)
        for i in start..<Swift.min(start + Lanes.scalarCount, count) { lanes[i - start] = self[i] }
        return lanes
    }

    /// Calls `body` with the logits of `range`, eight at a time; the last ones are filled up with
    /// NaN.
    /// - Precondition: the range lies inside the span.
    @inline(__always) func forEachLanes(_ range: Range<Int>, _ body: (Int, Lanes) -> Void) {
        let part = extracting(range)
        let bytes = part.bytes
        var i = 0
        while i &+ Lanes.scalarCount <= part.count {
            let offset = i &* MemoryLayout<Float>.stride
            // Inside: the condition of the loop says so.
            let lanes = bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: Lanes.self)
            body(range.lowerBound &+ i, lanes)
            i &+= Lanes.scalarCount
        }
        if i < part.count { body(range.lowerBound &+ i, part.lanes(from: i)) }
    }

    /// How many are at least `bound`.
    func count(reaching bound: Float) -> Int {
        var counts = SIMD8<Int32>(repeating: 0)
        forEachLanes(indices) { counts.replace(with: counts &+ 1, where: $1 .>= bound) }
        return Int(counts.wrappedSum())
    }
}

extension Lanes {
    /// The higher of each two; of a pair with NaN in `other`, what is here.
    @inline(__always) func highest(_ other: Lanes) -> Lanes {
        replacing(with: other, where: other .> self)
    }

    /// The highest; nothing in it is NaN.
    var highest: Float {
        var highest = self[0]
        for i in 1..<Self.scalarCount where self[i] > highest { highest = self[i] }
        return highest
    }

    /// 753.2 times 2 to the power of each: within 4e-7 of the value for -126 to 0, and what it is
    /// at -126 below and for what is no number. Results are the same on every machine: plain
    /// products and sums.
    ///
    /// x = n + f with |f| at most half. A polynomial of degree 5 gives 2^f (minimax of the relative
    /// error); freed from its highest coefficient and split into its real factors it takes few
    /// products, which hardly wait for one another. 2^n goes into the exponent.
    @inline(__always) var powerOfTwo: Lanes {
        let x = Lanes(repeating: -126).highest(self)
        let shifted = x + 12_582_912  // 1.5 * 2^23: what is behind the point goes
        let f = x - (shifted - 12_582_912)
        let first = (f - 0.681_627_8) * f + 20.361_357
        let second = (f + 4.797_399_5) * f + 11.662_252
        let p = (f + 3.171_963_6) * first * second
        let exponent = unsafeBitCast(shifted, to: SIMD8<UInt32>.self) &<< 23
        return unsafeBitCast(unsafeBitCast(p, to: SIMD8<UInt32>.self) &+ exponent, to: Lanes.self)
    }

    /// Between 1 and 1.0615 times 2 to the power of each, and what it is at -126 below and for what
    /// is no number: the fraction becomes the mantissa as it is (Schraudolph 1999).
    @inline(__always) var roughPowerOfTwo: Lanes {
        // 1.5 * 2^11: what is behind the point keeps 12 bits; and the exponent's bias.
        let shifted = Lanes(repeating: -126).highest(self) + (3072 + 127)
        return unsafeBitCast(
            unsafeBitCast(shifted, to: SIMD8<UInt32>.self) &<< 11,
            to: Lanes.self
        )
    }

    /// What makes rough powers those of `powerOfTwo`, within `roughError`.
    static let roughUnit = 730.75
    static let roughError = 0.031
}
