internal import CKernels

/// How a matrix stores its weights: every format that model files bring has one of the same size, so
/// that nothing grows or loses precision on the way into memory. `CKernels.h` has the layouts.
package enum WeightFormat: String, Sendable, CaseIterable {
    case f32, f16, bf16
    /// 32 weights share a half-precision scale; int8.
    case q8_0
    /// 32 weights share a half-precision scale; 4 bits, symmetric around 8.
    case q4_0
    /// 32 weights share a half-precision scale and minimum; 4 bits.
    case q4_1
    /// 32 weights share a half-precision scale; 5 bits, symmetric around 16.
    case q5_0
    /// 32 weights share a half-precision scale and minimum; 5 bits.
    case q5_1
    /// 32 weights share a half-precision scale; 4 bits index ggml's 16 uneven steps.
    case iq4_nl
    /// 32 weights share a power of two; 4 bits are an E2M1 number (OCP Microscaling).
    case mxfp4
    /// 16 weights share a 4-bit scale and minimum, 256 what those are multiples of; 2 bits.
    case q2_k
    /// 16 weights share a 6-bit scale, 256 what that is a multiple of; 3 bits around 4.
    case q3_k
    /// 32 weights share a 6-bit scale and minimum, 256 what those are multiples of; 4 bits.
    case q4_k
    /// 32 weights share a 6-bit scale and minimum, 256 what those are multiples of; 5 bits.
    case q5_k
    /// 16 weights share an 8-bit scale, 256 what that is a multiple of; 6 bits around 32.
    case q6_k
    /// 32 weights share a 6-bit scale, 256 what that is a multiple of; the steps of `iq4_nl`.
    case iq4_xs
    /// 32 (128) weights share a float scale and a zero of 4 bits; 4 bits (AWQ, GPTQ).
    case u4g32, u4g128
    /// 32 (128) weights share a float scale; int8 (compressed-tensors, GPTQ).
    case s8g32, s8g128
    /// 128 weights share a float scale; E4M3 bytes. A row's last group may be short.
    case f8g128

    var code: tm_format {
        switch self {
        case .f32: TM_F32
        case .f16: TM_F16
        case .bf16: TM_BF16
        case .q8_0: TM_Q8_0
        case .q4_0: TM_Q4_0
        case .q4_1: TM_Q4_1
        case .q5_0: TM_Q5_0
        case .q5_1: TM_Q5_1
        case .iq4_nl: TM_IQ4_NL
        case .mxfp4: TM_MXFP4
        case .q2_k: TM_Q2_K
        case .q3_k: TM_Q3_K
        case .q4_k: TM_Q4_K
        case .q5_k: TM_Q5_K
        case .q6_k: TM_Q6_K
        case .iq4_xs: TM_IQ4_XS
        case .u4g32: TM_U4G32
        case .u4g128: TM_U4G128
        case .s8g32: TM_S8G32
        case .s8g128: TM_S8G128
        case .f8g128: TM_F8G128
        }
    }

    /// Where a matrix of the format gets its weights from.
    package enum Source: Sendable {
        /// Floats, or the format's own blocks.
        case floatsOrBlocks
        /// The format's own blocks, byte for byte as a file has them.
        case blocks
        /// One code per weight, with float scales (and zeros) per group.
        case codes
    }

    package var source: Source {
        switch self {
        case .f32, .f16, .bf16, .q8_0, .q4_0: .floatsOrBlocks
        case .u4g32, .u4g128, .s8g32, .s8g128, .f8g128: .codes
        default: .blocks
        }
    }

    /// Quantised formats multiply with int8 activations, the others with floats.
    package var isQuantized: Bool {
        switch self {
        case .f32, .f16, .bf16, .f8g128: false
        default: true
        }
    }

    /// Row lengths must be a multiple of this.
    package var blockWidth: Int { Int(tm_block_width(code)) }

    /// Weights that share a scale of a format with `codes`; nil for the others.
    package var groupSize: Int? {
        switch self {
        case .u4g32, .s8g32: 32
        case .u4g128, .s8g128, .f8g128: 128
        default: nil
        }
    }

    /// Bytes of `count` weights of a row as a file has them: blocks, or codes without their scales.
    /// - Precondition: `count` is a multiple of the block width.
    package func storedBytes(_ count: Int) -> Int { count / blockWidth * tm_block_bytes(code) }

    /// Memory per weight, scales included.
    package var bitsPerWeight: Double { Double(tm_panel_bytes(code, 256)) * 8 / (16 * 256) }
}
