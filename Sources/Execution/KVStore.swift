internal import Core
package import Kernels

/// The bytes of the paged key/value cache: for every layer, `blockCount` blocks of 32 tokens. It
/// knows no sequences; block tables come with each step.
package final class KVStore: @unchecked Sendable {  // written by one step at a time
    package let blockCount: Int
    private let memory: Memory
    private let layerCount: Int
    private let heads: Int
    private let headWidth: Int
    private let valueWidth: Int

    package init(_ configuration: DecoderConfiguration, blockCount: Int) throws(KernelError) {
        self.blockCount = blockCount
        layerCount = configuration.layerCount
        heads = configuration.keyValueHeadCount
        headWidth = configuration.headWidth
        valueWidth = configuration.valueWidth
        let bytes = blockCount * KVBlock.size * configuration.cacheBytesPerToken
        guard let memory = Memory(byteCount: bytes) else { throw .outOfMemory(bytes) }
        self.memory = memory
    }

    package var byteCount: Int { memory.byteCount }

    func layer(_ index: Int) -> CacheLayer {
        let floats = memory.base.assumingMemoryBound(to: Float.self)
        let first = CacheLayer(
            base: floats,
            heads: heads,
            headWidth: headWidth,
            valueWidth: valueWidth
        )
        return first.moved(by: index * first.blockStride * blockCount)
    }

    /// Fills every block with NaN, so that a test sees any read of what was not written.
    package func poison() {
        let floats = memory.base.assumingMemoryBound(to: Float.self)
        floats.update(repeating: .nan, count: byteCount / MemoryLayout<Float>.size)
    }
}
