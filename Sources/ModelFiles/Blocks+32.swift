// Blocks of 32 values. In the 4- and 5-bit formats byte j holds the low four bits of value j in its
// low nibble and those of value j + 16 in its high nibble.

extension Blocks {
    /// `d` f16, 16 bytes of nibbles: d * (q - 8).
    static func decodeQ4_0(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
        let d = half(block), codes = block + 2
        for j in 0..<16 {
            out[j] = d * Float(Int32(codes[j] & 15) &- 8)
            out[j &+ 16] = d * Float(Int32(codes[j] >> 4) &- 8)
        }
    }

    /// `d` f16, `m` f16, 16 bytes of nibbles: d * q + m.
    static func decodeQ4_1(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
        let d = half(block), m = half(block + 2), codes = block + 4
        for j in 0..<16 {
            out[j] = d * Float(Int32(codes[j] & 15)) + m
            out[j &+ 16] = d * Float(Int32(codes[j] >> 4)) + m
        }
    }

    /// `d` f16, 32 fifth bits, 16 bytes of nibbles: d * (q - 16).
    static func decodeQ5_0(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
        let d = half(block), high = word(block + 2), codes = block + 6
        for j in 0..<16 {
            let (low, top) = fiveBits(codes[j], high >> UInt32(j))
            out[j] = d * Float(low &- 16)
            out[j &+ 16] = d * Float(top &- 16)
        }
    }

    /// `d` f16, `m` f16, 32 fifth bits, 16 bytes of nibbles: d * q + m.
    static func decodeQ5_1(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
        let d = half(block), m = half(block + 2), high = word(block + 4), codes = block + 8
        for j in 0..<16 {
            let (low, top) = fiveBits(codes[j], high >> UInt32(j))
            out[j] = d * Float(low) + m
            out[j &+ 16] = d * Float(top) + m
        }
    }

    /// Values j and j + 16: their nibbles, and their fifth bits at bits 0 and 16 of `high`.
    private static func fiveBits(_ nibbles: UInt8, _ high: UInt32) -> (Int32, Int32) {
        let low = UInt32(nibbles & 15) | (high & 1) << 4
        let top = UInt32(nibbles >> 4) | (high >> 16 & 1) << 4
        return (Int32(bitPattern: low), Int32(bitPattern: top))
    }

    /// `d` f16, 32 signed bytes: d * q.
    static func decodeQ8_0(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
        let d = half(block), codes = block + 2
        for j in 0..<32 { out[j] = Float(Int32(Int8(bitPattern: codes[j]))) * d }
    }
}
