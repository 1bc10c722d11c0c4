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
