/// How a tensor's values are stored. Values come in blocks of `blockWidth` along the last dimension;
/// in the plain types a block is one value.
package enum TensorType: String, Sendable, CaseIterable {
    case f64, f32, f16, bf16
    case f8E4M3 = "f8_e4m3"
    case f8E5M2 = "f8_e5m2"
    /// An exponent alone: scales.
    case f8E8M0 = "f8_e8m0"
    case i64, i32, i16, i8
    case u64, u32, u16, u8
    case bool
    // ggml's blocks: 32 values, or 256 in the K and XS types, with their scales.
    case q4_0, q4_1, q5_0, q5_1, q8_0
    case q2_k, q3_k, q4_k, q5_k, q6_k
    case iq4_nl, iq4_xs, mxfp4, nvfp4
    // One, two or three values a weight, with a scale for 64 to 256.
    case tq1_0, tq2_0, q1_0, q2_0
    // Blocks that name entries of tables, which this build does not have.
    case iq1_s, iq1_m, iq2_xxs, iq2_xs, iq2_s, iq3_xxs, iq3_s

    /// Values in a block.
    package var blockWidth: Int {
        switch self {
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .iq4_nl, .mxfp4: 32
        case .nvfp4, .q2_0: 64
        case .q1_0: 128
        case .q2_k, .q3_k, .q4_k, .q5_k, .q6_k, .iq4_xs, .tq1_0, .tq2_0: 256
        case .iq1_s, .iq1_m, .iq2_xxs, .iq2_xs, .iq2_s, .iq3_xxs, .iq3_s: 256
        case .f64, .f32, .f16, .bf16, .f8E4M3, .f8E5M2, .f8E8M0, .i64, .i32, .i16, .i8, .u64, .u32,
            .u16, .u8, .bool:
            1
        }
    }

    /// Bytes in a block.
    package var byteCount: Int {
        switch self {
        case .f64, .i64, .u64: 8
        case .f32, .i32, .u32: 4
        case .f16, .bf16, .i16, .u16: 2
        case .f8E4M3, .f8E5M2, .f8E8M0, .i8, .u8, .bool: 1
        case .mxfp4: 17
        case .q4_0, .iq4_nl, .q1_0, .q2_0: 18
        case .q4_1: 20
        case .q5_0: 22
        case .q5_1: 24
        case .q8_0: 34
        case .nvfp4: 36
        case .iq1_s: 50
        case .tq1_0: 54
        case .iq1_m: 56
        case .tq2_0, .iq2_xxs: 66
        case .iq2_xs: 74
        case .iq2_s: 82
        case .q2_k: 84
        case .iq3_xxs: 98
        case .q3_k, .iq3_s: 110
        case .iq4_xs: 136
        case .q4_k: 144
        case .q5_k: 176
        case .q6_k: 210
        }
    }

    /// Whether this build knows the values. Tensors of other types are only passed over.
    package var isKnown: Bool {
        switch self {
        case .iq1_s, .iq1_m, .iq2_xxs, .iq2_xs, .iq2_s, .iq3_xxs, .iq3_s: false
        default: true
        }
    }

    static let unknownRemedy =
        "which this build does not compute; get the model in another format, such as q4_k_m"

    /// Bytes of a tensor of `shape` (outermost dimension first; empty is a scalar). Nil when a
    /// dimension is negative, rows do not divide into blocks, or the size does not fit an `Int`.
    package func byteCount(ofShape shape: [Int]) -> Int? {
        if (shape.last ?? 1) % blockWidth != 0 { return nil }
        var values = 1
        for dimension in shape {
            let (product, overflow) = values.multipliedReportingOverflow(by: dimension)
            if overflow || dimension < 0 { return nil }
            values = product
        }
        let (bytes, overflow) = (values / blockWidth).multipliedReportingOverflow(by: byteCount)
        return overflow ? nil : bytes
    }
}

extension TensorType: CustomStringConvertible {
    /// The name in messages and tables: the format's own, in small letters.
    package var description: String { rawValue }

    /// The `dtype` of a safetensors header; nil for ggml's blocks, which the format does not have.
    package var safetensorsName: String? { blockWidth == 1 ? rawValue.uppercased() : nil }

    package init?(safetensorsName name: String) {
        guard let type = Self.allCases.first(where: { $0.safetensorsName == name }) else {
            return nil
        }
        self = type
    }
}
