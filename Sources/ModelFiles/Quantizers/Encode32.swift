// Blocks of 32: ggml's own rules, which look at the extremes only; and for rows with importance a
// search for the scale.

extension Blocks {
    /// Largest size to 127; halves round away from zero.
    static func encodeQ8_0(_ floats: UnsafePointer<Float>, _ out: UnsafeMutablePointer<UInt8>) {
        let run = Run(values: floats, vectors: 4)
        let d = abs(run.extreme) / 127, inverse = inverse(d)
        storeHalf(d, out)
        run.write(out + 2) { value in
            let size = (value * inverse).size.clamped(0, 127), near = size.nearest
            let away = near.replacing(with: near + 1, where: size - near .== 0.5)
            return away.replacing(with: -away, where: value .< 0)
        }
    }

    /// The value of the largest size to the lowest code.
    static func encodeQ4_0(
        _ floats: UnsafePointer<Float>,
        _ scratch: BlockScratch,
        _ out: UnsafeMutablePointer<UInt8>
    ) {
        let d = codesByExtreme(floats, 8, scratch.codes)
        storeHalf(d, out)
        packNibbles(scratch.codes, out + 2)
    }

    static func encodeQ5_0(
        _ floats: UnsafePointer<Float>,
        _ scratch: BlockScratch,
        _ out: UnsafeMutablePointer<UInt8>
    ) {
        let d = codesByExtreme(floats, 16, scratch.codes)
        storeHalf(d, out)
        packFifthBits(scratch.codes, out + 2)
        packNibbles(scratch.codes, out + 6)
    }

    /// Least to 0, largest to the highest code.
    static func encodeQ4_1(
        _ floats: UnsafePointer<Float>,
        _ scratch: BlockScratch,
        _ out: UnsafeMutablePointer<UInt8>
    ) {
        let (d, least) = codesByRange(floats, 15, scratch.codes)
        storeHalf(d, out)
        storeHalf(least, out + 2)
        packNibbles(scratch.codes, out + 4)
    }

    static func encodeQ5_1(
        _ floats: UnsafePointer<Float>,
        _ scratch: BlockScratch,
        _ out: UnsafeMutablePointer<UInt8>
    ) {
        let (d, least) = codesByRange(floats, 31, scratch.codes)
        storeHalf(d, out)
        storeHalf(least, out + 2)
        packFifthBits(scratch.codes, out + 4)
        packNibbles(scratch.codes, out + 8)
    }

    private static func codesByExtreme(
        _ floats: UnsafePointer<Float>,
        _ zero: Float,
        _ codes: UnsafeMutablePointer<UInt8>
    ) -> Float {
        let run = Run(values: floats, vectors: 4)
        let d = run.extreme / -zero, inverse = inverse(d)
        run.write(codes) {
            ($0 * inverse + (zero + 0.5)).clamped(0, 2 * zero - 0.5).floor
        }
        return d
    }

    private static func codesByRange(
        _ floats: UnsafePointer<Float>,
        _ most: Float,
        _ codes: UnsafeMutablePointer<UInt8>
    ) -> (d: Float, least: Float) {
        let run = Run(values: floats, vectors: 4)
        let least = run.least, d = (run.most - least) / most, inverse = inverse(d)
        run.write(codes) {
            (($0 - least) * inverse + 0.5).clamped(0, most + 0.5).floor
        }
        return (d, least)
    }

    // MARK: with importance

    static func searchQ4_0(_ scratch: BlockScratch, _ out: UnsafeMutablePointer<UInt8>) {
        searchScale(8, scratch, out)
        packNibbles(scratch.codes, out + 2)
    }

    static func searchQ5_0(_ scratch: BlockScratch, _ out: UnsafeMutablePointer<UInt8>) {
        searchScale(16, scratch, out)
        packFifthBits(scratch.codes, out + 2)
        packNibbles(scratch.codes, out + 6)
    }

    static func searchQ4_1(_ scratch: BlockScratch, _ out: UnsafeMutablePointer<UInt8>) {
        searchScaleAndOffset(15, scratch, out)
        packNibbles(scratch.codes, out + 4)
    }

    static func searchQ5_1(_ scratch: BlockScratch, _ out: UnsafeMutablePointer<UInt8>) {
        searchScaleAndOffset(31, scratch, out)
        packFifthBits(scratch.codes, out + 4)
        packNibbles(scratch.codes, out + 8)
    }

    /// Guesses for codes from -`zero` to `zero` - 1: around what either end would make of the value
    /// of the largest size.
    static func targets(_ zero: Float) -> [Float] {
        (-7...7).map { 0.12 * Float($0) - zero } + (-3...3).map { zero - 1 + 0.25 * Float($0) }
    }

    private static let targets8 = targets(8)
    private static let targets16 = targets(16)

    /// The best scale for codes from -8 to 7.
    static func scaleOfEights(_ block: WeightedRun) -> Float {
        block.scale(targets: targets8) { $0.clamped(-8, 7).nearest }
    }

    private static func searchScale(
        _ zero: Float,
        _ scratch: BlockScratch,
        _ out: UnsafeMutablePointer<UInt8>
    ) {
        let block = WeightedRun(scratch, count: 32)
        let scale =
            zero == 8
            ? scaleOfEights(block)
            : block.scale(targets: targets16) { $0.clamped(-16, 15).nearest }
        let inverse = inverse(storeHalf(scale, out))
        block.run.write(scratch.codes) {
            ($0 * inverse).clamped(-zero, zero - 1).nearest + zero
        }
    }

    private static func searchScaleAndOffset(
        _ most: Float,
        _ scratch: BlockScratch,
        _ out: UnsafeMutablePointer<UInt8>
    ) {
        let block = WeightedRun(scratch, count: 32)
        let (scale, offset) = block.scaleAndOffset(most: most, positive: false)
        let inverse = inverse(storeHalf(scale, out)), least = storeHalf(-offset, out + 2)
        block.run.write(scratch.codes) { (($0 - least) * inverse).clamped(0, most).nearest }
    }

    // MARK: packing

    /// The low four bits of 32 codes, j and j + 16 in one byte.
    static func packNibbles(_ codes: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<UInt8>) {
        for j in 0..<16 { out[j] = codes[j] & 15 | codes[j &+ 16] << 4 }
    }

    /// The fifth bits of 32 codes, as a little-endian word.
    private static func packFifthBits(
        _ codes: UnsafePointer<UInt8>,
        _ out: UnsafeMutablePointer<UInt8>
    ) {
        for byte in 0..<4 {
            var bits: UInt8 = 0
            for j in 0..<8 { bits |= (codes[8 &* byte &+ j] >> 4) &<< UInt8(j) }
            out[byte] = bits
        }
    }
}
