internal import CKernels

/// How a matrix stores its weights.
package enum WeightFormat: String, Sendable, CaseIterable {
    case f32, f16, bf16
    /// 32 weights share a half-precision scale; int8.
    case q8_0
    /// 32 weights share a half-precision scale; 4 bits, symmetric around 8.
    case q4_0

    var code: tm_format {
        switch self {
        case .f32: TM_F32
        case .f16: TM_F16
        case .bf16: TM_BF16
        case .q8_0: TM_Q8_0
        case .q4_0: TM_Q4_0
        }
    }

    /// Quantised formats multiply with int8 activations.
    package var isQuantized: Bool { self == .q8_0 || self == .q4_0 }

    /// Row lengths must be a multiple of this.
    package var blockWidth: Int { isQuantized ? Int(TM_BLOCK) : 1 }
}
