/// ggml's block formats, as that library defines them: what every byte means, and which floats come
/// out, bit for bit. One file per family: `Blocks+32` has the old formats of 32 values, `Blocks+K`
/// the superblocks of 256, `Blocks+Tables` those whose codes name table entries, `Blocks+Small` those
/// of fewer than four values a weight.
package enum Blocks {
    /// Decodes whole blocks, which may start at any address, into `bytes.count / type.byteCount *
    /// type.blockWidth` floats.
    /// - Precondition: `type` is one of ggml's block formats, and known.
    package static func decode(
        _ type: TensorType,
        _ bytes: UnsafeRawBufferPointer,
        into out: UnsafeMutablePointer<Float>
    ) {
        guard let start = bytes.baseAddress else { return }
        let count = bytes.count / type.byteCount
        let blocks = start.assumingMemoryBound(to: UInt8.self)
        func each(_ decode: (UnsafePointer<UInt8>, UnsafeMutablePointer<Float>) -> Void) {
            for index in 0..<count {
                decode(blocks + index &* type.byteCount, out + index &* type.blockWidth)
            }
        }
        switch type {
        case .q4_0: each(decodeQ4_0)
        case .q4_1: each(decodeQ4_1)
        case .q5_0: each(decodeQ5_0)
        case .q5_1: each(decodeQ5_1)
        case .q8_0: each(decodeQ8_0)
        case .q2_k: each(decodeQ2K)
        case .q3_k: each(decodeQ3K)
        case .q4_k: each(decodeQ4K)
        case .q5_k: each(decodeQ5K)
        case .q6_k: each(decodeQ6K)
        case .iq4_nl: each(decodeIQ4NL)
        case .iq4_xs: each(decodeIQ4XS)
        case .mxfp4: each(decodeMXFP4)
        case .nvfp4: each(decodeNVFP4)
        case .tq1_0: each(decodeTQ1)
        case .tq2_0: each(decodeTQ2)
        case .q1_0: each(decodeQ1)
        case .q2_0: each(decodeQ2)
        case .f64, .f32, .f16, .bf16, .f8E4M3, .f8E5M2, .f8E8M0, .i64, .i32, .i16, .i8, .u64, .u32,
            .u16, .u8, .bool, .iq1_s, .iq1_m, .iq2_xxs, .iq2_xs, .iq2_s, .iq3_xxs, .iq3_s:
            preconditionFailure("\(type) has no blocks that are known")
        }
    }

    /// The half-precision float at `bytes`, at any address.
    static func half(_ bytes: UnsafePointer<UInt8>) -> Float {
        Float(Float16(bitPattern: UInt16(bytes[0]) | UInt16(bytes[1]) << 8))
    }

    /// Four bytes at any address.
    static func word(_ bytes: UnsafePointer<UInt8>) -> UInt32 {
        UInt32(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt32.self))
    }
}
