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
    private let shape: CacheLayer
    /// Floats before each layer's part.
    private let starts: [Int]
    private let isWindowed: [Bool]

    package init(
        _ configuration: DecoderConfiguration,
        blockCount: Int,
        windowBlockCount: Int
    ) throws(KernelError) {
        self.blockCount = blockCount
        self.windowBlockCount = windowBlockCount
        let bytes =
            KVBlock.size * blockCount * configuration.cacheBytesPerToken
            + KVBlock.size * windowBlockCount * configuration.windowCacheBytesPerToken
        guard let memory = Memory(byteCount: bytes) else { throw .outOfMemory(bytes) }
        self.memory = memory
        shape = CacheLayer(
            base: memory.base.assumingMemoryBound(to: Float.self),
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

    func layer(_ index: Int) -> CacheLayer { shape.moved(by: starts[index]) }

    /// Fills every block with NaN, so that a test sees any read of what was not written.
    package func poison() {
        for block in 0..<blockCount { poison(block, windowed: false) }
        for block in 0..<windowBlockCount { poison(block, windowed: true) }
    }

    /// The same for one block of one kind.
    package func poison(_ block: Int, windowed: Bool) {
        let floats = memory.base.assumingMemoryBound(to: Float.self)
        for (layer, start) in starts.enumerated() where isWindowed[layer] == windowed {
            let base = floats + start + block * shape.blockStride
            base.update(repeating: .nan, count: shape.blockStride)
        }
    }
}
