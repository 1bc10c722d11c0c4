import Kernels

extension KVStore {
    /// Copies one block of one kind, in every layer that has blocks of that kind.
    func copyBlock(_ from: Int, to: Int, windowed: Bool, _ layers: [LayerConfiguration]) {
        guard from != to else { return }
        for index in layers.indices where (layers[index].window != nil) == windowed {
            layer(index).copyBlock(from, to: to)
        }
    }
}
