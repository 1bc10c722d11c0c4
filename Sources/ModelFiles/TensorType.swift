/// How a tensor's values are stored. Values come in blocks of `blockWidth` along the last dimension;
/// in the plain types a block is one value.
package enum TensorType: Sendable, Hashable, CaseIterable {
    case f64, f32, f16, bf16
    case f8E4M3, f8E5M2
    case i64, i32, i16, i8
    case u64, u32, u16, u8
    case bool

    /// Values in a block.
    package var blockWidth: Int { 1 }

    /// Bytes in a block.
    package var byteCount: Int {
        switch self {
        case .f64, .i64, .u64: 8
        case .f32, .i32, .u32: 4
        case .f16, .bf16, .i16, .u16: 2
        case .f8E4M3, .f8E5M2, .i8, .u8, .bool: 1
        }
    }

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
    package var description: String { safetensorsName.lowercased() }

    /// The `dtype` of a safetensors header.
    package var safetensorsName: String {
        switch self {
        case .f64: "F64"
        case .f32: "F32"
        case .f16: "F16"
        case .bf16: "BF16"
        case .f8E4M3: "F8_E4M3"
        case .f8E5M2: "F8_E5M2"
        case .i64: "I64"
        case .i32: "I32"
        case .i16: "I16"
        case .i8: "I8"
        case .u64: "U64"
        case .u32: "U32"
        case .u16: "U16"
        case .u8: "U8"
        case .bool: "BOOL"
        }
    }

    package init?(safetensorsName name: String) {
        guard let type = Self.allCases.first(where: { $0.safetensorsName == name }) else {
            return nil
        }
        self = type
    }
}
