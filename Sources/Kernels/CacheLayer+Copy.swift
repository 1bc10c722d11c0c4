extension CacheLayer {
    /// Copies all keys and values of a block.
    /// - Precondition: the layer has both, and they differ.
    package func copyBlock(_ from: Int, to: Int) {
        block(to, 0).copyMemory(from: block(from, 0), byteCount: blockStride)
    }
}
