import Foundation
import ModelFiles
import Testing

/// A folder for one test, removed with this object.
final class Scratch {
    let path = NSTemporaryDirectory() + "tokenmill-" + UUID().uuidString

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes `bytes` to `name`, making folders on the way.
    @discardableResult
    func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        let file = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: file)
        return file.path
    }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String { try write(name, text.utf8) }

    /// A safetensors file of f32 vectors.
    @discardableResult
    func writeTensors(_ name: String, _ vectors: [(String, [Float])]) throws -> String {
        let file = try write(name, "")
        let writer = try SafetensorsWriter(
            path: file,
            tensors: vectors.map { .init(name: $0.0, type: .f32, shape: [$0.1.count]) }
        )
        for (_, values) in vectors { try writer.append(values) }
        try writer.finish()
        return file
    }
}

/// A safetensors file with any header text and any number of data bytes.
func safetensors(_ header: some Sequence<UInt8>, data: Int = 0, claimed: UInt64? = nil) -> [UInt8] {
    let header = [UInt8](header)
    let length = claimed ?? UInt64(header.count)
    let prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    return prefix + header + [UInt8](repeating: 0, count: data)
}

func safetensors(_ header: String, data: Int = 0, claimed: UInt64? = nil) -> [UInt8] {
    safetensors(header.utf8, data: data, claimed: claimed)
}

/// What the header parser says to `bytes`; nil when it accepts them.
func refusal(_ bytes: [UInt8]) -> ModelFileError? {
    bytes.withUnsafeBytes { buffer in
        do throws(ModelFileError) {
            _ = try SafetensorsHeader(parsing: buffer, path: "m.safetensors")
            return nil
        } catch { return error }
    }
}
