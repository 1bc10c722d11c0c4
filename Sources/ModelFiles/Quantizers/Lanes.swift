/// Eight values at a time. The methods are written so that they compile to vector instructions of
/// every x86-64 processor, and so that no value, also not-a-number, can trap.
typealias Lanes = SIMD8<Float>

extension SIMD8<Float> {
    /// Values 8 `index` to 8 `index` + 7.
    @inline(__always)
    init(_ floats: UnsafePointer<Float>, _ index: Int) {
        self = UnsafeRawPointer(floats).loadUnaligned(fromByteOffset: 32 &* index, as: Self.self)
    }

    @inline(__always)
    func store(_ floats: UnsafeMutablePointer<Float>, _ index: Int) {
        UnsafeMutableRawPointer(floats).storeBytes(
            of: self,
            toByteOffset: 32 &* index,
            as: Self.self
        )
    }

    @inline(__always)
    var size: Self {
        unsafeBitCast(unsafeBitCast(self, to: SIMD8<UInt32>.self) & 0x7FFF_FFFF, to: Self.self)
    }

    /// Not-a-number becomes `least`. Lane by lane, because that becomes two instructions, where
    /// `replacing(with:where:)` takes many.
    @inline(__always)
    func clamped(_ least: Float, _ most: Float) -> Self {
        var result = Self()
        for lane in 0..<8 {
            let above = self[lane] > least ? self[lane] : least
            result[lane] = above < most ? above : most
        }
        return result
    }

    /// The nearest whole numbers, ties to even. From 2^23 on floats have no fraction, so adding
    /// 1.5 * 2^23 rounds; right for sizes up to 2^22.
    @inline(__always)
    var nearest: Self { (self + 12_582_912) - 12_582_912 }

    /// The next whole numbers below; for sizes up to 2^22.
    @inline(__always)
    var floor: Self {
        let near = nearest
        return near.replacing(with: near - 1, where: near .> self)
    }

    /// The low bytes of whole numbers.
    @inline(__always)
    var bytes: SIMD8<UInt8> {
        .init(truncatingIfNeeded: unsafeBitCast(self + 12_582_912, to: SIMD8<UInt32>.self))
    }

    @inline(__always)
    var total: Float {
        let four = lowHalf + highHalf
        let two = four.lowHalf + four.highHalf
        return two[0] + two[1]
    }

    @inline(__always)
    func larger(_ other: Self) -> Self {
        var result = Self()
        for lane in 0..<8 { result[lane] = other[lane] > self[lane] ? other[lane] : self[lane] }
        return result
    }

    @inline(__always)
    func smaller(_ other: Self) -> Self {
        var result = Self()
        for lane in 0..<8 { result[lane] = other[lane] < self[lane] ? other[lane] : self[lane] }
        return result
    }

    /// Adds `step` to the lanes whose value in `values` is beyond `bound`.
    @inline(__always)
    mutating func add(_ step: Float, where values: Self, beyond bound: Float) {
        self += Self.zero.replacing(with: step, where: values .> bound)
    }
}

/// A run of values, 8 `vectors` long.
struct Run {
    let values: UnsafePointer<Float>
    let vectors: Int

    @inline(__always)
    subscript(index: Int) -> Lanes { Lanes(values, index) }

    var least: Float {
        var lanes = self[0]
        for i in 1..<vectors { lanes = lanes.smaller(self[i]) }
        var least = lanes[0]
        for lane in 1..<8 { least = lanes[lane] < least ? lanes[lane] : least }
        return least
    }

    var most: Float {
        var lanes = self[0]
        for i in 1..<vectors { lanes = lanes.larger(self[i]) }
        return Self.most(lanes)
    }

    private static func most(_ lanes: Lanes) -> Float {
        var most = lanes[0]
        for lane in 1..<8 { most = lanes[lane] > most ? lanes[lane] : most }
        return most
    }

    /// The value of the largest size, the first of several; 0 where not-a-number hides it.
    var extreme: Float {
        var sizes = self[0].size
        for i in 1..<vectors { sizes = sizes.larger(self[i].size) }
        let size = Self.most(sizes)
        for i in 0..<8 &* vectors where abs(values[i]) == size { return values[i] }
        return 0
    }

    /// Writes `code(value)` for every value: whole numbers, of which the low byte stays.
    @inline(__always)
    func write(_ codes: UnsafeMutablePointer<UInt8>, _ code: (Lanes) -> Lanes) {
        for i in 0..<vectors {
            UnsafeMutableRawPointer(codes).storeBytes(
                of: code(self[i]).bytes,
                toByteOffset: 8 &* i,
                as: SIMD8<UInt8>.self
            )
        }
    }
}

/// 1 / `value`, or 0 where that has no answer.
func inverse(_ value: Float) -> Float {
    let inverse = 1 / value
    return inverse.isFinite ? inverse : 0
}
