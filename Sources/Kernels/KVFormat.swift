internal import CKernels

/// How the cache holds keys and values.
package enum KVFormat: String, CaseIterable, Sendable {
    /// Exact.
    case f32
    /// Rounded to 8 bits of fraction: half of the bytes.
    case bf16
    /// Int8 with one scale per token and head, after a Walsh-Hadamard transform that spreads a few
    /// large elements over their head. A quarter of the bytes, and the fastest.
    case int8

    var code: tm_kv_format {
        switch self {
        case .f32: TM_KV_F32
        case .bf16: TM_KV_BF16
        case .int8: TM_KV_INT8
        }
    }

    /// Bytes of one block of 32 tokens of one key/value head.
    package func blockBytes(headWidth: Int, valueWidth: Int) -> Int {
        tm_kv_block_bytes(code, Int32(headWidth), Int32(valueWidth))
    }
}

/// One layer's part of the paged cache: per block and key/value head, what `KVFormat` says. A view;
/// the owner of the memory outlives it.
package struct CacheLayer {
    let base: UnsafeMutableRawPointer
    package let format: KVFormat
    package let heads: Int
    /// Of keys.
    package let headWidth: Int
    package let valueWidth: Int
    /// Bytes of one block of one head.
    let headStride: Int

    package init(
        base: UnsafeMutableRawPointer,
        format: KVFormat,
        heads: Int,
        headWidth: Int,
        valueWidth: Int
    ) {
        self.base = base
        self.format = format
        self.heads = heads
        self.headWidth = headWidth
        self.valueWidth = valueWidth
        headStride = format.blockBytes(headWidth: headWidth, valueWidth: valueWidth)
    }

    /// The same shape `bytes` further on.
    package func moved(by bytes: Int) -> CacheLayer {
        CacheLayer(
            base: base + bytes,
            format: format,
            heads: heads,
            headWidth: headWidth,
            valueWidth: valueWidth
        )
    }

    /// Bytes of one block of all heads.
    package var blockStride: Int { heads * headStride }

    /// The widest head that there are kernels for.
    package static let mostWidth = Int(TM_ATTENTION_WIDTH)

    /// Query tokens that one tile should have, when `group` query heads share a key/value head.
    package func queriesPerTile(group: Int) -> Int { max(1, rowsPerCall / max(group, 1)) }

    /// Floats that let `threads` workers share the attention of few sequences, each of up to
    /// `contextLength` positions.
    package func partFloats(threads: Int, contextLength: Int) -> Int {
        let chunks = contextLength / Int(TM_ATTENTION_CHUNK) + 1
        return min(3 * threads * chunks * rowsPerCall * (valueWidth + 2), 1 << 24)
    }

    /// The most query heads of query tokens that one call of the kernel takes.
    var rowsPerCall: Int { Int(tm_attention_rows(Int32(headWidth), Int32(valueWidth))) }

    /// Copies all keys and values of a block.
    /// - Precondition: the layer has both, and they differ.
    package func copyBlock(_ from: Int, to: Int) {
        block(to, 0).copyMemory(from: block(from, 0), byteCount: blockStride)
    }

    func block(_ block: Int, _ head: Int) -> UnsafeMutableRawPointer {
        base + block * blockStride + head * headStride
    }
}

/// Room for what workers gathered of one row's positions, before it is joined.
final class AttentionParts: @unchecked Sendable {  // guarded like Rows
    let base: UnsafeMutablePointer<Float>
    let count: Int
    private let memory: Memory

    /// - Parameter count: floats; 0 leaves every row to one worker.
    init(count: Int) throws(KernelError) {
        let bytes = count * MemoryLayout<Float>.size
        guard let memory = Memory(byteCount: bytes) else { throw .outOfMemory(bytes) }
        self.memory = memory
        self.count = count
        base = memory.base.assumingMemoryBound(to: Float.self)
    }
}
