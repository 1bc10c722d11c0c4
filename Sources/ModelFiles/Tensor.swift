/// A tensor of a mapped file: name, type, shape and the bytes where they lie. Keeps its file mapped.
package struct Tensor: Sendable {
    package let name: String
    package let type: TensorType
    /// Outermost dimension first, as in PyTorch; empty for a scalar.
    package let shape: [Int]
    let file: MappedFile
    /// Checked against the file when its header was read.
    let range: Range<Int>

    /// Row-major, little-endian; may start at any address. Valid while this value or the
    /// `ModelSource` it came from lives.
    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: file.bytes[range])
    }

    /// Number of values.
    package var count: Int { range.count / type.byteCount * type.blockWidth }

    /// A copy of the values as floats, for small tensors: norms, biases, tests. Integers above
    /// 2^24 and 64-bit floats are rounded; booleans are 0 and 1.
    /// - Precondition: `type.isKnown`.
    package func floats() -> [Float] {
        withExtendedLifetime(file) {
            switch type {
            case .f64: map { (value: UInt64) in Float(Double(bitPattern: value)) }
            case .f32: map { (value: UInt32) in Float(bitPattern: value) }
            case .f16: map { (value: UInt16) in Float(Float16(bitPattern: value)) }
            case .bf16: map(Self.float(bf16:))
            case .f8E4M3: map(Self.float(f8E4M3:))
            // Five exponent and two mantissa bits: the upper half of an f16.
            case .f8E5M2: map { (value: UInt8) in Float(Float16(bitPattern: UInt16(value) << 8)) }
            case .f8E8M0: map(Self.float(f8E8M0:))
            case .i64: map { (value: Int64) in Float(value) }
            case .i32: map { (value: Int32) in Float(value) }
            case .i16: map { (value: Int16) in Float(value) }
            case .i8: map { (value: Int8) in Float(value) }
            case .u64: map { (value: UInt64) in Float(value) }
            case .u32: map { (value: UInt32) in Float(value) }
            case .u16: map { (value: UInt16) in Float(value) }
            case .u8: map { (value: UInt8) in Float(value) }
            case .bool: map { (value: UInt8) in value == 0 ? 0 : 1 }
            case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q2_k, .q3_k, .q4_k, .q5_k, .q6_k, .iq4_nl,
                .iq4_xs, .mxfp4, .nvfp4, .tq1_0, .tq2_0, .q1_0, .q2_0:
                decodedBlocks()
            case .iq1_s, .iq1_m, .iq2_xxs, .iq2_xs, .iq2_s, .iq3_xxs, .iq3_s:
                preconditionFailure("\(type) is not known")
            }
        }
    }

    /// Refuses a type whose values this build does not know.
    func checkKnown() throws(ModelFileError) {
        if !type.isKnown { throw error(.unsupported, "is \(type), \(TensorType.unknownRemedy)") }
    }

    private func decodedBlocks() -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { floats, filled in
            filled = count
            if let out = floats.baseAddress { Blocks.decode(type, bytes, into: out) }
        }
    }

    private func map<Stored: BitwiseCopyable>(_ convert: (Stored) -> Float) -> [Float] {
        let bytes = bytes
        return (0..<count).map { index in
            convert(
                bytes.loadUnaligned(
                    fromByteOffset: index * MemoryLayout<Stored>.size,
                    as: Stored.self
                )
            )
        }
    }

    /// bfloat16 is the upper half of a float.
    static func float(bf16 bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    /// OCP's power of two: 2^(bits - 127), not-a-number where all bits are set.
    static func float(f8E8M0 bits: UInt8) -> Float {
        switch bits {
        case 0: Float(bitPattern: 0x40_0000)  // subnormal
        case 0xFF: .nan
        default: Float(bitPattern: UInt32(bits) << 23)
        }
    }

    /// The finite-only 8-bit float of OCP: four exponent bits with bias 7, three mantissa bits, no
    /// infinities, not-a-number where all seven bits are set.
    static func float(f8E4M3 bits: UInt8) -> Float {
        if bits & 0x7F == 0x7F { return .nan }
        let exponent = Int(bits >> 3 & 0xF), mantissa = Float(bits & 7)
        let magnitude =
            exponent == 0
            ? mantissa / 512
            : Float(sign: .plus, exponent: exponent - 7, significand: 1 + mantissa / 8)
        return bits & 0x80 == 0 ? magnitude : -magnitude
    }
}
