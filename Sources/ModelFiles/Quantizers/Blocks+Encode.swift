extension Blocks {
    /// The types that `encode` writes.
    package static let encodable: [TensorType] = [
        .f32, .f16, .bf16, .q8_0, .q4_0, .q4_1, .q5_0, .q5_1, .q4_k, .q5_k, .q6_k, .iq4_nl, .mxfp4,
    ]

    /// Writes `count` floats as values of `type`, `count / blockWidth * byteCount` bytes.
    ///
    /// `f32`, `f16` and `bf16` round to the nearest, ties to even. `q8_0` and `mxfp4`, and without
    /// importance `q4_0`, `q4_1`, `q5_0` and `q5_1`, are byte for byte what ggml makes. The others
    /// search for the scales that make the weighted sum of squared errors least. Infinities and
    /// not-a-number become any value, without harm to values of other blocks.
    ///
    /// - Parameters:
    ///   - floats: a row, or a part of one.
    ///   - importance: for each value how much its error counts, from 0 on: the mean square of the
    ///     activations that meet it. Without it a value's own size says that, as in ggml. `q8_0` and
    ///     `mxfp4` and the plain types do not look at it.
    ///   - bytes: any address.
    /// - Precondition: `type` is one of `encodable`, and `count` a multiple of its `blockWidth`.
    package static func encode(
        _ type: TensorType,
        floats: UnsafePointer<Float>,
        count: Int,
        into bytes: UnsafeMutableRawPointer,
        importance: UnsafePointer<Float>? = nil
    ) {
        precondition(count % type.blockWidth == 0)
        let out = bytes.assumingMemoryBound(to: UInt8.self)
        let scratch = BlockScratch()
        defer { scratch.deallocate() }
        func each(_ encode: (UnsafePointer<Float>, UnsafeMutablePointer<UInt8>) -> Void) {
            for block in 0..<count / type.blockWidth {
                encode(floats + block &* type.blockWidth, out + block &* type.byteCount)
            }
        }
        /// For the types that search: with the weights of each block in the scratch.
        func search(_ encode: (BlockScratch, UnsafeMutablePointer<UInt8>) -> Void) {
            for block in 0..<count / type.blockWidth {
                let start = block &* type.blockWidth
                scratch.fill(floats + start, importance.map { $0 + start }, type.blockWidth)
                encode(scratch, out + block &* type.byteCount)
            }
        }
        let weighted = importance != nil
        switch type {
        case .f32: bytes.copyMemory(from: floats, byteCount: 4 &* count)
        case .f16: each { store(Float16($0[0]).bitPattern, $1) }
        case .bf16: each { store(bfloat16($0[0]), $1) }
        case .q8_0: each { encodeQ8_0($0, $1) }
        case .q4_0: weighted ? search(searchQ4_0) : each { encodeQ4_0($0, scratch, $1) }
        case .q4_1: weighted ? search(searchQ4_1) : each { encodeQ4_1($0, scratch, $1) }
        case .q5_0: weighted ? search(searchQ5_0) : each { encodeQ5_0($0, scratch, $1) }
        case .q5_1: weighted ? search(searchQ5_1) : each { encodeQ5_1($0, scratch, $1) }
        case .q4_k: search(encodeQ4K)
        case .q5_k: search(encodeQ5K)
        case .q6_k: search(encodeQ6K)
        case .iq4_nl: search(encodeIQ4NL)
        case .mxfp4: each { encodeMXFP4($0, scratch, $1) }
        default: preconditionFailure("\(type) cannot be encoded")
        }
    }

    /// Nearest, ties to even; not-a-number stays so.
    private static func bfloat16(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 64 }
        return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
    }

    /// Two bytes at any address.
    static func store(_ bits: UInt16, _ out: UnsafeMutablePointer<UInt8>) {
        UnsafeMutableRawPointer(out).storeBytes(of: bits.littleEndian, as: UInt16.self)
    }

    /// Stores a scale in half precision.
    /// - Returns: what it became.
    @discardableResult
    static func storeHalf(_ value: Float, _ out: UnsafeMutablePointer<UInt8>) -> Float {
        let half = Float16(value)
        store(half.bitPattern, out)
        return Float(half)
    }

    /// The nearest half-precision float.
    static func half(nearest value: Float) -> Float { Float(Float16(value)) }
}

/// Room for what an encoder knows of one block, used block after block.
struct BlockScratch {
    /// The block's values; set by `fill`.
    let values: UnsafeMutablePointer<Float>
    /// How much the error of each value counts; set by `fill`.
    let weights: UnsafeMutablePointer<Float>
    /// One code per value.
    let codes: UnsafeMutablePointer<UInt8>

    init() {
        values = .allocate(capacity: 512)
        weights = values + 256
        codes = .allocate(capacity: 256)
    }

    func deallocate() {
        values.deallocate()
        codes.deallocate()
    }

    /// Large values count more even without importance, as in ggml: |x| + root mean square, or with
    /// importance that times sqrt(x^2 + twice the mean square).
    func fill(_ floats: UnsafePointer<Float>, _ importance: UnsafePointer<Float>?, _ count: Int) {
        values.update(from: floats, count: count)
        var squares = Lanes.zero
        for i in 0..<count / 8 { squares += Lanes(floats, i) * Lanes(floats, i) }
        let mean = squares.total / Float(count)
        guard let importance else {
            let root = mean.squareRoot()
            for i in 0..<count / 8 { (Lanes(floats, i).size + root).store(weights, i) }
            return
        }
        for i in 0..<count / 8 {
            let value = Lanes(floats, i)
            (Lanes(importance, i) * (value * value + 2 * mean).squareRoot()).store(weights, i)
        }
    }
}
