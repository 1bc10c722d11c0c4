internal import Core
package import Kernels

/// The bytes of the paged key/value cache: blocks of 32 tokens, `blockCount` of them for every layer
/// that sees all positions and `windowBlockCount` for every layer that sees a window. It knows no
/// sequences; block tables come with each step.
package final class KVStore: @unchecked Sendable {  // written by one step at a time
    package let blockCount: Int
    package let windowBlockCount: Int
    private let memory: Memory
    /// The first layer's part, were it at the start of the memory.
    let shape: CacheLayer
    /// Bytes before each layer's part.
    private let starts: [Int]
    private let isWindowed: [Bool]

    /// - Parameters:
    ///   - format: nil takes the configuration's.
    package init(
        _ configuration: DecoderConfiguration,
        blockCount: Int,
        windowBlockCount: Int,
        format: KVFormat? = nil
    ) throws(KernelError) {
        self.blockCount = blockCount
        self.windowBlockCount = windowBlockCount
        var configuration = configuration
        if let format { configuration.cacheFormat = format }
        let bytes =
            KVBlock.size * blockCount * configuration.cacheBytesPerToken
            + KVBlock.size * windowBlockCount * configuration.windowCacheBytesPerToken
        guard let memory = Memory(byteCount: bytes) else { throw .outOfMemory(bytes) }
        self.memory = memory
        shape = CacheLayer(
            base: memory.base,
            format: configuration.cacheFormat,
            heads: configuration.keyValueHeadCount,
            headWidth: configuration.headWidth,
            valueWidth: configuration.valueWidth
        )
        isWindowed = configuration.layers.map { $0.window != nil }
        var starts: [Int] = []
        var start = 0
        for isWindowed in isWindowed {
            starts.append(start)
            start += shape.blockStride * (isWindowed ? windowBlockCount : blockCount)
        }
        self.starts = starts
    }

    package var byteCount: Int { memory.byteCount }
    package var format: KVFormat { shape.format }

    func layer(_ index: Int) -> CacheLayer { shape.moved(by: starts[index]) }

    /// Copies one block of one kind, in every layer that has blocks of that kind.
    func copyBlock(_ from: Int, to: Int, windowed: Bool) {
        guard from != to else { return }
        for index in isWindowed.indices where isWindowed[index] == windowed {
            layer(index).copyBlock(from, to: to)
        }
    }

    /// Fills every block with NaN, so that a test sees any read of what was not written.
    package func poison() {
        for block in 0..<blockCount { poison(block, windowed: false) }
        for block in 0..<windowBlockCount { poison(block, windowed: true) }
    }

    /// The same for one block of one kind. Int8 values have no NaN, but their scales do.
    package func poison(_ block: Int, windowed: Bool) {
        for (layer, start) in starts.enumerated() where isWindowed[layer] == windowed {
            let base = memory.base + start + block * shape.blockStride
            let words = base.assumingMemoryBound(to: UInt32.self)
            words.update(repeating: Self.poison, count: shape.blockStride / 4)
        }
    }

    /// Not a number, as one float or as two of bfloat16.
    private static let poison: UInt32 = 0x7FC0_7FC0
}

extension KVFormat {
    /// Int8 costs less than the rounding of such weights does; models in float32 stay exact, and so
    /// do heads too narrow to spread anything over.
    package static func usual(allWeightsFloat32: Bool, headWidth: Int) -> KVFormat {
        allWeightsFloat32 || headWidth < 32 ? .f32 : .int8
    }
}
