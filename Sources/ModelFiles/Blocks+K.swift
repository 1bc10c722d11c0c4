// Superblocks of 256 values: sub-blocks of 16 or 32 whose scales are themselves small integers,
// multiplied by one half-precision scale (and one for the offsets).

extension Blocks {
    /// 16 bytes: scale (low) and offset (high) nibbles of 16 sub-blocks; 64 bytes of 2-bit codes;
    /// `d` f16; `dmin` f16: d * scale * q - dmin * offset.
    static func decodeQ2K(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
        let d = half(block + 80), dmin = half(block + 82)
        for sub in 0..<16 {
            let scale = d * Float(Int32(block[sub] & 15)),
                offset = dmin * Float(Int32(block[sub] >> 4))
            let codes = block + (16 &+ twoBitPlace(sub)), shift = UInt8(sub >> 1 & 3) &* 2
            let values = out + 16 &* sub
            for j in 0..<16 { values[j] = scale * Float(Int32(codes[j] &>> shift & 3)) - offset }
        }
    }

    /// 32 bytes: third bits, of which sub-block pair i uses bit i; 64 bytes of 2-bit codes; 12 bytes
    /// of 6-bit scales; `d` f16: d * (scale - 32) * (q - 4).
    static func decodeQ3K(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
        let d = half(block + 108)
        for sub in 0..<16 {
            let scale = d * Float(q3KScale(block + 96, sub) &- 32)
            let codes = block + (32 &+ twoBitPlace(sub)), shift = UInt8(sub >> 1 & 3) &* 2
            let third = block + 16 &* (sub & 1), bit = UInt8(sub >> 1)
            let values = out + 16 &* sub
            for j in 0..<16 {
                let q = codes[j] &>> shift & 3 | (third[j] &>> bit & 1) << 2
                values[j] = scale * Float(Int32(q) &- 4)
            }
        }
    }

    /// Bytes of the 2-bit codes before those of sub-block `sub`: each half of the superblock has 32
    /// bytes, which hold two sub-blocks in each pair of their bits.
    private static func twoBitPlace(_ sub: Int) -> Int { 32 &* (sub >> 3) &+ 16 &* (sub & 1) }

    /// Eight bytes with the low four bits of scales i and i + 8, then four whose bit pairs are the
    /// high bits of scales i, i + 4, i + 8 and i + 12.
    private static func q3KScale(_ bytes: UnsafePointer<UInt8>, _ sub: Int) -> Int32 {
        let low = sub < 8 ? bytes[sub] & 15 : bytes[sub &- 8] >> 4
        let high = bytes[8 &+ sub & 3] &>> UInt8(2 &* (sub >> 2)) & 3
        return Int32(low | high << 4)
    }

    /// `d` f16, `dmin` f16, 12 bytes of 6-bit scales and offsets, 128 bytes: 32 at a time hold two
    /// sub-blocks, in their low and in their high nibbles. d * scale * q - dmin * offset.
    static func decodeQ4K(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
        let d = half(block), dmin = half(block + 2)
        for sub in 0..<8 {
            let (scale, offset) = q4KScale(block + 4, sub)
            let factor = d * scale, shift = dmin * offset
            let codes = block + (16 &+ 32 &* (sub >> 1)), nibble = UInt8(sub & 1) &* 4
            let values = out + 32 &* sub
            for j in 0..<32 { values[j] = factor * Float(Int32(codes[j] &>> nibble & 15)) - shift }
        }
    }

    /// As `decodeQ4K`, with 32 bytes of fifth bits before the nibbles: sub-block i has bit i.
    static func decodeQ5K(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
        let d = half(block), dmin = half(block + 2), fifth = block + 16
        for sub in 0..<8 {
            let (scale, offset) = q4KScale(block + 4, sub)
            let factor = d * scale, shift = dmin * offset
            let codes = block + (48 &+ 32 &* (sub >> 1)), nibble = UInt8(sub & 1) &* 4
            let values = out + 32 &* sub
            for j in 0..<32 {
                let q = codes[j] &>> nibble & 15 | (fifth[j] &>> UInt8(sub) & 1) << 4
                values[j] = factor * Float(Int32(q)) - shift
            }
        }
    }

    /// The 6-bit scale and offset of sub-block `sub`: the first four lie in the low bits of bytes 0-3
    /// and 4-7, the rest in the nibbles of bytes 8-11 with their high bits on top of bytes 0-7.
    private static func q4KScale(_ bytes: UnsafePointer<UInt8>, _ sub: Int) -> (Float, Float) {
        if sub < 4 {
            return (Float(Int32(bytes[sub] & 63)), Float(Int32(bytes[sub &+ 4] & 63)))
        }
        let scale = bytes[sub &+ 4] & 15 | (bytes[sub &- 4] >> 6) << 4
        let offset = bytes[sub &+ 4] >> 4 | (bytes[sub] >> 6) << 4
        return (Float(Int32(scale)), Float(Int32(offset)))
    }

    /// 128 bytes of nibbles, 64 bytes of bit pairs above them, 16 signed scales, `d` f16. Each half
    /// of the superblock has four rows of 32 values: rows 0 and 1 in the low nibbles of 64 bytes,
    /// rows 2 and 3 in the high ones; row i's pairs are bits 2i and 2i + 1 of 32 bytes.
    /// d * scale * (q - 32).
    static func decodeQ6K(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
        let d = half(block + 208)
        for sub in 0..<16 {
            let scale = d * Float(Int32(Int8(bitPattern: block[192 &+ sub])))
            let side = sub >> 3, row = sub >> 1 & 3, place = 16 &* (sub & 1)
            let codes = block + (64 &* side &+ 32 &* (row & 1) &+ place)
            let pairs = block + (128 &+ 32 &* side &+ place)
            let nibble = UInt8(row >> 1) &* 4, pair = UInt8(row) &* 2
            let values = out + 16 &* sub
            for j in 0..<16 {
                let q = codes[j] &>> nibble & 15 | (pairs[j] &>> pair & 3) << 4
                values[j] = scale * Float(Int32(q) &- 32)
            }
        }
    }
}
