/// The type of a metadata value, by its number in the file.
package enum GGUFValueType: UInt32, Sendable, CaseIterable {
    case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64
    case float64

    /// Bytes of a value; nil where values differ in length.
    var byteCount: Int? {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .string, .array: nil
        }
    }

    /// The fewest bytes a value can have: of an empty string its length, of an empty array its type
    /// and length.
    var leastByteCount: Int { byteCount ?? (self == .string ? 8 : 12) }
}

/// Tensor types by ggml's numbers.
enum GGMLTypes {
    private static let known: [(UInt32, TensorType)] = [
        (0, .f32), (1, .f16), (2, .q4_0), (3, .q4_1), (6, .q5_0), (7, .q5_1), (8, .q8_0),
        (10, .q2_k), (11, .q3_k), (12, .q4_k), (13, .q5_k), (14, .q6_k), (16, .iq2_xxs),
        (17, .iq2_xs), (18, .iq3_xxs), (19, .iq1_s), (20, .iq4_nl), (21, .iq3_s), (22, .iq2_s),
        (23, .iq4_xs), (24, .i8), (25, .i16), (26, .i32), (27, .i64), (28, .f64), (29, .iq1_m),
        (30, .bf16), (34, .tq1_0), (35, .tq2_0), (39, .mxfp4), (40, .nvfp4), (41, .q1_0),
        (42, .q2_0),
    ]

    /// Types that ggml has for its own use or had once: files of today hold none.
    private static let unread: [UInt32: String] = [
        4: "q4_2", 5: "q4_3", 9: "q8_1", 15: "q8_k", 31: "q4_0_4_4", 32: "q4_0_4_8",
        33: "q4_0_8_8", 36: "iq4_nl_4_4", 37: "iq4_nl_4_8", 38: "iq4_nl_8_8",
    ]

    static func type(_ number: UInt32) -> TensorType? { known.first { $0.0 == number }?.1 }

    /// Nil for types that GGUF does not have.
    static func number(_ type: TensorType) -> UInt32? { known.first { $0.1 == type }?.0 }

    /// What to call a type that `type(_:)` does not give.
    static func name(unread number: UInt32) -> String {
        unread[number].map { "\($0) (number \(number))" } ?? "number \(number), which is unknown"
    }
}
