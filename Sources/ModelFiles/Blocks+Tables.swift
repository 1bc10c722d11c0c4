// Formats whose 4-bit codes name the entries of a table.

extension Blocks {
    /// The values of IQ4 codes: denser around zero, where weights are.
    static let iq4Values: InlineArray<16, Float> = [
        -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
    ]

    /// Twice the values of OCP's E2M1: one sign, two exponent and one mantissa bit.
    static let e2m1Values: InlineArray<16, Float> = [
        0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12,
    ]

    /// `d` f16, 16 bytes of nibbles: d * table[q].
    static func decodeIQ4NL(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
        look(up: block + 2, iq4Values, half(block), out)
    }

    /// `d` f16; the high bit pairs of eight 6-bit scales in two bytes, their low nibbles in four; 8
    /// times 16 bytes of nibbles: d * (scale - 32) * table[q].
    static func decodeIQ4XS(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
        let d = half(block)
        let high = UInt16(block[2]) | UInt16(block[3]) << 8
        for sub in 0..<8 {
            let low = block[4 &+ sub >> 1] &>> (UInt8(sub & 1) &* 4) & 15
            let scale = Int32(low) | Int32(high &>> (UInt16(sub) &* 2) & 3) << 4
            look(up: block + (8 &+ 16 &* sub), iq4Values, d * Float(scale &- 32), out + 32 &* sub)
        }
    }

    /// A power of two as its exponent (OCP's E8M0), 16 bytes of nibbles: 2^(e - 128) * table[q].
    static func decodeMXFP4(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
        look(up: block + 1, e2m1Values, halfPower(block[0]), out)
    }

    /// Four unsigned E4M3 scales for 16 values each, and 8 bytes of nibbles for each, whose low
    /// halves come first: scale / 2 * table[q]. The scale that is not a number counts as 0.
    static func decodeNVFP4(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
        for sub in 0..<4 {
            let scale = block[sub] == 0x7F ? 0 : 0.5 * unsignedE4M3(block[sub])
            let nibbles = block + (4 &+ 8 &* sub), values = out + 16 &* sub
            for j in 0..<8 {
                values[j] = scale * e2m1Values[Int(nibbles[j] & 15)]
                values[j &+ 8] = scale * e2m1Values[Int(nibbles[j] >> 4)]
            }
        }
    }

    /// Four exponent bits with bias 7 and three mantissa bits; the highest bit is ignored.
    private static func unsignedE4M3(_ bits: UInt8) -> Float {
        let exponent = bits >> 3 & 15, mantissa = Float(Int32(bits & 7))
        if exponent == 0 { return mantissa / 512 }
        return (1 + mantissa / 8) * Float(bitPattern: (UInt32(exponent) &+ 120) << 23)
    }

    /// 2^(exponent - 128), half of what E8M0 means, because the table's values are doubled. The
    /// smallest two are subnormal.
    static func halfPower(_ exponent: UInt8) -> Float {
        let bits: UInt32 =
            exponent < 2 ? 0x20_0000 &<< UInt32(exponent) : UInt32(exponent &- 1) << 23
        return Float(bitPattern: bits)
    }

    private static func look(
        up nibbles: UnsafePointer<UInt8>,
        _ table: InlineArray<16, Float>,
        _ scale: Float,
        _ out: UnsafeMutablePointer<Float>
    ) {
        for j in 0..<16 {
            out[j] = scale * table[Int(nibbles[j] & 15)]
            out[j &+ 16] = scale * table[Int(nibbles[j] >> 4)]
        }
    }
}
