import Foundation

/// The tensors of goldens/blocks.safetensors, which tools/goldens/blocks.py made.
struct Goldens {
    private let tensors: [String: Data]

    init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "goldens/blocks.safetensors")
        let data = try Data(contentsOf: file)
        let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONDecoder().decode([String: Entry].self, from: data[8..<8 + length])
        tensors = header.compactMapValues { entry in
            guard let offsets = entry.data_offsets, offsets.count == 2 else { return nil }
            return data[8 + length + offsets[0]..<8 + length + offsets[1]]
        }
    }

    private struct Entry: Decodable {
        let data_offsets: [Int]?
    }

    func bytes(_ name: String) throws -> [UInt8] {
        guard let data = tensors[name] else { throw GoldenMissing(name: name) }
        return Array(data)
    }

    func floats(_ name: String) throws -> [Float] {
        let bytes = try bytes(name)
        return stride(from: 0, to: bytes.count, by: 4).map { at in
            let bits = bytes[at..<at + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return Float(bitPattern: bits)
        }
    }
}

struct GoldenMissing: Error {
    let name: String
}
