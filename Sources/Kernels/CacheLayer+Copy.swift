extension CacheLayer {
    /// Copies all keys and values of a block.
    /// - Precondition: the layer has both, and they differ.
    package func copyBlock(_ from: Int, to: Int) {
        keys(to, 0).update(from: keys(from, 0), count: blockStride)
    }
}
