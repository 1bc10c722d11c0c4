internal import Glibc

// Formats whose codes name the entries of a table.

extension Blocks {
    private static let iq4Targets: [Float] =
        (-4...4).map { -127 + 4 * Float($0) } + (-2...2).map { 113 + 5 * Float($0) }

    static func encodeIQ4NL(_ scratch: BlockScratch, _ out: UnsafeMutablePointer<UInt8>) {
        let block = WeightedRun(scratch, count: 32)
        let inverse = inverse(storeHalf(scaleOfIQ4(block), out))
        block.run.write(scratch.codes) { iq4Code($0 * inverse) }
        packNibbles(scratch.codes, out + 2)
    }

    static func scaleOfIQ4(_ block: WeightedRun) -> Float {
        block.scale(targets: iq4Targets, quantise: nearestIQ4)
    }

    /// The place of the table's value nearest to `value`.
    static func iq4Code(_ value: Float) -> UInt8 {
        var code: UInt8 = 0
        for i in 0..<15 where value > (iq4Values[i] + iq4Values[i + 1]) / 2 { code += 1 }
        return code
    }

    /// The nearest values of the table.
    @inline(__always)
    private static func nearestIQ4(_ values: Lanes) -> Lanes {
        var nearest = Lanes(repeating: iq4Values[0])
        for i in 0..<15 {
            let middle = (iq4Values[i] + iq4Values[i + 1]) / 2
            nearest.add(iq4Values[i + 1] - iq4Values[i], where: values, beyond: middle)
        }
        return nearest
    }

    /// The nearest values' places in the table.
    @inline(__always)
    private static func iq4Code(_ values: Lanes) -> Lanes {
        var code = Lanes.zero
        for i in 0..<15 {
            code.add(1, where: values, beyond: (iq4Values[i] + iq4Values[i + 1]) / 2)
        }
        return code
    }

    /// OCP's rule: the largest size's power of two becomes that of the largest code, 4.
    static func encodeMXFP4(
        _ floats: UnsafePointer<Float>,
        _ scratch: BlockScratch,
        _ out: UnsafeMutablePointer<UInt8>
    ) {
        let run = Run(values: floats, vectors: 4)
        let size = abs(run.extreme)
        out[0] = mxfp4Exponent(size)
        let scale = halfPower(out[0])
        run.write(scratch.codes) { values in
            let sizes = values.size
            var code = Lanes.zero
            // Half-way values take the smaller code. Products with a power of two are exact.
            for i in 0..<7 {
                code.add(1, where: sizes, beyond: (e2m1Values[i] + e2m1Values[i + 1]) / 2 * scale)
            }
            return code.replacing(with: code + 8, where: values .< 0 .& code .> 0)
        }
        packNibbles(scratch.codes, out + 1)
    }

    private static func mxfp4Exponent(_ size: Float) -> UInt8 {
        guard size > 0, size.isFinite else { return 0 }
        // As ggml: the logarithm of a size just below a power of two may round up to it.
        let exponent = log2f(size).rounded(.down) - 2 + 127
        return UInt8(min(max(exponent, 0), 254))
    }
}
