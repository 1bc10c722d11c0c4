import Core
import Execution
import Foundation
import ModelFiles
import Testing

/// Our GGUF files against those of llama.cpp's converter, of the same checkpoints.
/// `tools/goldens/gguf_converter.py` makes the references.
@Suite struct GGUFConverterTests {
    static let reference: JSON = {
        let file = GGUFFiles.goldens.appending(path: "gguf.json")
        return (try? JSON(parsing: Data(contentsOf: file))["models"]) ?? .null
    }()
    static let models = reference.object?.keys ?? []

    /// What the converter takes for granted, which is otherwise in these models.
    private static let granted: Set<String> = [
        "phi/phi2.feed_forward_length", "falcon/falcon.feed_forward_length",
        "falcon-new/falcon.feed_forward_length", "falcon-one-norm/falcon.feed_forward_length",
        "falcon/falcon.context_length", "falcon-new/falcon.context_length",
        "falcon-one-norm/falcon.context_length",
        // Those of the remote code that came before this config.json.
        "glm/chatglm.context_length", "glm/chatglm.attention.layer_norm_rms_epsilon",
        "glm/chatglm.rope.dimension_count",
    ]

    @Test func goldensAreFound() { #expect(Self.models.count > 40) }

    @Test(arguments: models)
    func tensorsAndMetadataAreTheConverters(_ name: String) throws {
        let golden = try #require(Self.reference[name])
        let file = try GGUFFiles.written(name)
        defer { try? FileManager.default.removeItem(atPath: file.path) }
        let tensors = try #require(golden["tensors"]?.object)
        #expect(Set(file.tensorNames) == Set(tensors.keys))
        for tensor in tensors.members {
            let found = try file.tensor(tensor.key)
            #expect(tensor.value[0]?.string == found.type.rawValue, "\(tensor.key)")
            #expect(tensor.value[1]?.array?.compactMap(\.int) == found.shape, "\(tensor.key)")
            #expect(tensor.value[2]?.int == crc32(found.bytes), "\(tensor.key)")
        }
        for pair in try #require(golden["metadata"]?.object).members {
            if Self.granted.contains("\(name)/\(pair.key)") { continue }
            let type = pair.value[0]?.string ?? ""
            let value = file.metadata[pair.key]
            #expect(value.map(json) == pair.value[1], "\(pair.key)")
            #expect("\(value?.array?.elementType ?? value?.type ?? .array)" == type, "\(pair.key)")
        }
    }

    /// Models of which the converter keeps less than we do: windows that llama.cpp does not have,
    /// scales of scores that it takes for granted, heads that are wider than their share.
    private static let lossy: Set<String> = [
        "qwen2-window", "mistral", "starcoder2", "gemma2", "gemma3", "gpt2-inverse-layer", "glm",
        "deepseek_v2", "deepseek_v3", "deepseek_v3-half",
    ]

    /// A file with the converter's metadata and nothing else is the same model.
    @Test(arguments: models.filter { !lossy.contains($0) })
    func convertersFilesAreRead(_ name: String) throws {
        let golden = try #require(Self.reference[name]?["metadata"]?.object)
        let file = try GGUFFiles.written(name)
        defer { try? FileManager.default.removeItem(atPath: file.path) }
        let metadata = try golden.members.map { pair in
            if Self.granted.contains("\(name)/\(pair.key)") {
                return (key: pair.key, value: try #require(file.metadata[pair.key]))
            }
            return (key: pair.key, value: try value(pair.value))
        }
        let path = file.path + ".copy.gguf"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try copy(file, metadata, to: path)
        let folder = try ModelSource.open(GGUFFiles.goldens.appending(path: name).path)
        let expected = try GGUFFiles.logits(folder, name)
        #expect(try expected == GGUFFiles.logits(ModelSource.open(path), name), "\(name)")
    }

    private func copy(
        _ file: GGUFFile,
        _ metadata: [(key: String, value: GGUFValue)],
        to path: String
    ) throws {
        let tensors = try file.tensorNames.map { try file.tensor($0) }
        let writer = try GGUFWriter(
            path: path,
            metadata: metadata,
            tensors: tensors.map { .init(name: $0.name, type: $0.type, shape: $0.shape) }
        )
        for tensor in tensors { try writer.append(tensor.bytes) }
        try writer.finish()
    }

    /// A value as gguf.json describes it: type, and value or values.
    private func value(_ json: JSON) throws -> GGUFValue {
        let value = try #require(json[1])
        switch json[0]?.string {
        case "uint32": return GGUFValue(UInt32(try #require(value.int)))
        case "int32": return GGUFValue(Int32(try #require(value.int)))
        case "float32": return GGUFValue(Float(try #require(value.double)))
        case "string": return GGUFValue(try #require(value.string))
        default:
            if let list = value.array { return GGUFValue(array: list.compactMap(\.bool)) }
            let flag: Bool? = value.bool
            return GGUFValue(flag == true)
        }
    }

    private func json(_ value: GGUFValue) -> JSON {
        if let array = value.array {
            return .array(
                array.bools()?.map { .bool($0) } ?? array.ints()?.map { .int($0) } ?? []
            )
        }
        if let bool = value.bool { return .bool(bool) }
        if let string = value.string { return .string(string) }
        return value.int.map { .int($0) } ?? value.double.map { .double($0) } ?? .null
    }
}

/// The check sum of zlib and PNG.
func crc32(_ bytes: UnsafeRawBufferPointer) -> Int {
    let sum = bytes.reduce(UInt32.max) { sum, byte in
        (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in
            value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0)
        }
    }
    return Int(~sum)
}

private extension JSON {
    subscript(index: Int) -> JSON? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }
}
