/// What the codes of one block may stand for, once its scales are chosen: step * q - offset, with
/// steps and offsets of their own for each run of values. For rounding that chooses one code after
/// the other, where `Blocks.encode` takes the nearest everywhere.
package struct BlockLattice {
    /// The types of blocks that this can make.
    package static let types: Set<TensorType> = [.q4_0, .iq4_nl, .q4_k, .q5_k, .q6_k]

    private enum Scales {
        case single(Float)
        case affine(AffineSuperblock)
        case signed(Q6Superblock)
    }

    private let type: TensorType
    private let scales: Scales
    /// Of the runs of `runWidth` values.
    private var steps = InlineArray<16, Float>(repeating: 0)
    private var offsets = InlineArray<16, Float>(repeating: 0)
    private let runWidth: Int
    /// The least and the largest q.
    private let least: Float, most: Float

    /// Chooses the scales for which the weighted squared error is least.
    /// - Parameters:
    ///   - floats, weights: `type.blockWidth` values, and how much the error of each counts.
    /// - Precondition: `type` is one of `types`.
    package init(
        _ type: TensorType,
        _ floats: UnsafePointer<Float>,
        weights: UnsafePointer<Float>
    ) {
        precondition(Self.types.contains(type))
        let scratch = BlockScratch()
        defer { scratch.deallocate() }
        scratch.values.update(from: floats, count: type.blockWidth)
        scratch.weights.update(from: weights, count: type.blockWidth)
        self.type = type
        switch type {
        case .q4_k, .q5_k:
            (least, most, runWidth) = (0, type == .q4_k ? 15 : 31, 32)
            let block = AffineSuperblock(scratch, most: most)
            scales = .affine(block)
            for run in 0..<8 { (steps[run], offsets[run]) = block.scale(of: run) }
        case .q6_k:
            (least, most, runWidth) = (-32, 31, 16)
            let block = Q6Superblock(scratch)
            scales = .signed(block)
            for run in 0..<16 { steps[run] = block.scale(of: run) }
        default:
            (least, most, runWidth) = (-8, 7, 32)
            let block = WeightedRun(scratch, count: 32)
            let best =
                type == .q4_0 ? Blocks.scaleOfEights(block) : Blocks.scaleOfIQ4(block)
            steps[0] = Blocks.half(nearest: best)
            scales = .single(steps[0])
        }
    }

    /// The code whose value is nearest to `value` at `place` in the block, and that value.
    package func nearest(_ value: Float, at place: Int) -> (code: UInt8, value: Float) {
        let step = steps[place / runWidth], offset = offsets[place / runWidth]
        let wanted = (value + offset) * inverse(step)
        if type == .iq4_nl {
            let code = Blocks.iq4Code(wanted)
            return (code, step * Blocks.iq4Values[Int(code)])
        }
        // Written so that not-a-number becomes the least.
        let bounded = wanted > least ? min(wanted, most) : least
        let q = bounded.rounded(.toNearestOrEven)
        return (UInt8(q - least), step * q - offset)
    }

    /// Writes the block, at any address.
    /// - Parameter codes: `type.blockWidth` of those that `nearest` gave.
    package func store(_ codes: UnsafePointer<UInt8>, into bytes: UnsafeMutableRawPointer) {
        let out = bytes.assumingMemoryBound(to: UInt8.self)
        switch scales {
        case .single(let scale):
            Blocks.storeHalf(scale, out)
            Blocks.packNibbles(codes, out + 2)
        case .affine(let block):
            block.storeScales(out)
            type == .q4_k ? Blocks.packQ4K(codes, out) : Blocks.packQ5K(codes, out)
        case .signed(let block):
            block.storeScales(out)
            Blocks.packQ6K(codes, out)
        }
    }
}
