import Core
import Execution
import Foundation
import Kernels
import ModelFiles
import Testing

/// Models whose GGUF files have tensors of types that nobody here writes.
@Suite struct GGUFTypesTests {
    /// Of the checkpoint "llama", in rows of 64.
    static let tensor = "blk.0.ffn_up.weight"

    /// What a block stands for is what is computed with: exactly where the kernels' format is of
    /// floats, and within what rounding activations to 8 bits costs where it is of integers.
    @Test(arguments: [(TensorType.nvfp4, Float(0)), (.q2_0, 0.05)])
    func blocksComputeAsTheirValues(_ type: TensorType, _ tolerance: Float) throws {
        let blocks = try written(type, Self.bytes(type))
        defer { try? FileManager.default.removeItem(atPath: blocks) }
        let values = try GGUFFile(blocks).tensor(Self.tensor).floats()
        let plain = try written(.f32, values.withUnsafeBytes { [UInt8]($0) })
        defer { try? FileManager.default.removeItem(atPath: plain) }
        let expected = try GGUFFiles.logits(ModelSource.open(plain), "llama")
        let found = try GGUFFiles.logits(ModelSource.open(blocks), "llama")
        let range = (expected.max() ?? 0) - (expected.min() ?? 0)
        let difference = zip(expected, found).map { abs($0 - $1) }.max() ?? .infinity
        #expect(range > 0.1 && difference <= tolerance * range, "\(difference) of \(range)")
    }

    @Test func unknownTypesAreRefusedBeforeAnythingIsRead() throws {
        let golden = try ModelSource.open(GGUFFiles.goldens.path + "/llama")
        let rows = try golden.tensor("model.layers.0.mlp.up_proj.weight").shape[0]
        let path = try written(.iq2_xxs, [UInt8](repeating: 0, count: rows * 66), columns: 256)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let source = try ModelSource.open(path)
        let error = #expect(throws: ExecutionError.self) {
            try Model(source, pool: WorkerPool(threads: 1))
        }
        #expect(error?.message.contains("iq2_xxs, which this build does not compute") == true)
    }

    /// Blocks of any codes, with scales near 1/16.
    private static func bytes(_ type: TensorType) throws -> [UInt8] {
        let golden = try ModelSource.open(GGUFFiles.goldens.path + "/llama")
        let count = try golden.tensor("model.layers.0.mlp.up_proj.weight").count / 64
        return (0..<count * type.byteCount).map { index in
            let (block, place) = index.quotientAndRemainder(dividingBy: type.byteCount)
            switch (type, place) {
            case (.nvfp4, 0..<4): return UInt8(16 + (block * 7 + place) % 16)
            case (.q2_0, 0): return UInt8(block % 251)
            case (.q2_0, 1): return 0x2C
            default: return UInt8((index * 37 + block * 11) % 256)
            }
        }
    }

    /// The checkpoint "llama" as GGUF in full precision, one tensor exchanged.
    private func written(_ type: TensorType, _ bytes: [UInt8], columns: Int = 64) throws -> String {
        let file = try GGUFFiles.written("llama")
        defer { try? FileManager.default.removeItem(atPath: file.path) }
        let path = NSTemporaryDirectory() + "tokenmill-\(UUID().uuidString).gguf"
        let tensors = try file.tensorNames.map { try file.tensor($0) }
        let writer = try GGUFWriter(
            path: path,
            metadata: file.metadata.keys.compactMap { key in
                file.metadata[key].map { (key, $0) }
            },
            tensors: tensors.map { tensor in
                tensor.name == Self.tensor
                    ? .init(name: tensor.name, type: type, shape: [tensor.shape[0], columns])
                    : .init(name: tensor.name, type: tensor.type, shape: tensor.shape)
            }
        )
        for tensor in tensors {
            if tensor.name == Self.tensor {
                try writer.append(bytes)
            } else {
                try writer.append(tensor.bytes)
            }
        }
        try writer.finish()
        return path
    }
}
