// Formats of two, three or four values a weight: d * (code - 1), codes from 0 to 3.

extension Blocks {
    /// 32 and 16 bytes with five ternary digits each, 4 bytes with four, `d` f16.
    static func decodeTQ1(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
        decodeSmall(.tq1_0, block, out)
    }

    /// 64 bytes of 2-bit codes, `d` f16: each half of the block has 32 bytes, whose bit pairs are
    /// four rows of 32.
    static func decodeTQ2(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
        decodeSmall(.tq2_0, block, out)
    }

    /// `d` f16, 16 bytes of signs, set where positive.
    static func decodeQ1(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
        decodeSmall(.q1_0, block, out)
    }

    /// `d` f16, 16 bytes of 2-bit codes.
    static func decodeQ2(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
        decodeSmall(.q2_0, block, out)
    }

    private static func decodeSmall(
        _ type: TensorType,
        _ block: UnsafePointer<UInt8>,
        _ out: UnsafeMutablePointer<Float>
    ) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: type.blockWidth) { room in
            guard let codes = room.baseAddress else { return }
            let d = unpackSmall(type, block, into: codes)
            for j in 0..<type.blockWidth { out[j] = d * Float(Int32(codes[j]) &- 1) }
        }
    }

    /// Writes the codes of a block, one per byte.
    /// - Returns: `d`.
    /// - Precondition: `type.isSmall`.
    static func unpackSmall(
        _ type: TensorType,
        _ block: UnsafePointer<UInt8>,
        into codes: UnsafeMutablePointer<UInt8>
    ) -> Float {
        switch type {
        case .tq1_0:
            unpackTernary(block, width: 32, digits: 5, into: codes)
            unpackTernary(block + 32, width: 16, digits: 5, into: codes + 160)
            unpackTernary(block + 48, width: 4, digits: 4, into: codes + 240)
            return half(block + 52)
        case .tq2_0:
            for j in 0..<256 {
                let pair = UInt8(j >> 5 & 3) &* 2
                codes[j] = block[32 &* (j >> 7) &+ j & 31] &>> pair & 3
            }
            return half(block + 64)
        case .q1_0:
            for j in 0..<128 { codes[j] = (block[2 &+ j >> 3] &>> UInt8(j & 7) & 1) &* 2 }
            return half(block)
        case .q2_0:
            for j in 0..<64 { codes[j] = block[2 &+ j >> 2] &>> (UInt8(j & 3) &* 2) & 3 }
            return half(block)
        default: preconditionFailure("\(type) has other codes")
        }
    }

    /// Rows of `width` values, the first of the first digits. A byte is a fraction of 256, in base 3.
    private static func unpackTernary(
        _ bytes: UnsafePointer<UInt8>,
        width: Int,
        digits: Int,
        into codes: UnsafeMutablePointer<UInt8>
    ) {
        var power: UInt8 = 1
        for digit in 0..<digits {
            for j in 0..<width {
                codes[digit &* width &+ j] = UInt8((UInt16(bytes[j] &* power) &* 3) >> 8)
            }
            power = power &* 3
        }
    }
}

extension TensorType {
    /// Whether values are d * (code - 1) with codes from 0 to 3, one d in a block.
    var isSmall: Bool {
        switch self {
        case .tq1_0, .tq2_0, .q1_0, .q2_0: true
        default: false
        }
    }
}

/// A tensor of such blocks as 4-bit integers, which kernels have panels for.
struct SmallCodeMatrix: StoredMatrix {
    private let blocks: TensorMatrix

    /// - Precondition: the tensor's type `isSmall`, and it has at least one dimension.
    init(_ tensor: Tensor) { blocks = TensorMatrix(tensor) }

    var rows: Int { blocks.rows }
    var columns: Int { blocks.columns }
    var encoding: MatrixEncoding {
        .integers(bits: 4, groupSize: blocks.tensor.type.blockWidth)
    }

    func read(row index: Int, into row: EncodedRow) {
        let type = blocks.tensor.type, count = columns / type.blockWidth
        let size = count * type.byteCount
        let bytes = blocks.tensor.bytes[index * size..<(index + 1) * size]
        guard let start = UnsafeRawBufferPointer(rebasing: bytes).baseAddress else { return }
        let source = start.assumingMemoryBound(to: UInt8.self)
        let codes = row.bytes.assumingMemoryBound(to: UInt8.self)
        for block in 0..<count {
            row.scales[block] = Blocks.unpackSmall(
                type,
                source + block * type.byteCount,
                into: codes + block * type.blockWidth
            )
            row.zeros[block] = 1
        }
    }
}
