import Foundation
import ModelFiles
import Testing

/// Blocks against what the gguf package makes of them (tools/goldens/gguf_blocks.py), bit by bit.
@Suite struct BlocksTests {
    static let types = TensorType.allCases.filter { $0.blockWidth > 1 && $0.isKnown }

    @Test(arguments: types)
    func decodesExactly(_ type: TensorType) throws {
        try compare(type, with: golden("blocks.safetensors"))
    }

    /// The same with a file of any size: `gguf_blocks.py --count 10000 --out FILE`.
    @Test(
        .enabled(if: ProcessInfo.processInfo.environment["TOKENMILL_BLOCKS"] != nil),
        arguments: types
    )
    func decodesManyExactly(_ type: TensorType) throws {
        let path = try #require(ProcessInfo.processInfo.environment["TOKENMILL_BLOCKS"])
        try compare(type, with: path)
    }

    private func compare(_ type: TensorType, with path: String) throws {
        let file = try SafetensorsFile(path)
        let blocks = try file.tensor("\(type).blocks")
        let expected = try file.tensor("\(type).floats").floats()
        #expect(blocks.shape.last == type.byteCount)
        #expect(expected.count == blocks.shape[0] * type.blockWidth)
        // At an odd address, because mapped rows may start at any.
        let found = decoded(type, [0] + blocks.bytes, from: 1)
        let differing = zip(found, expected).enumerated().filter {
            $0.element.0.bitPattern != $0.element.1.bitPattern
        }
        #expect(found.count == expected.count)
        #expect(differing.isEmpty, "\(differing.count) differ, first \(differing.prefix(3))")
        withExtendedLifetime(file) {}
    }

    @Test func decodesNothing() {
        for type in Self.types { #expect(decoded(type, [], from: 0).isEmpty) }
    }
}

/// The path of a golden file.
func golden(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/goldens/" + name
}

/// The floats of whole blocks.
func decoded(_ type: TensorType, _ bytes: [UInt8], from start: Int = 0) -> [Float] {
    let count = (bytes.count - start) / type.byteCount * type.blockWidth
    return [Float](unsafeUninitializedCapacity: count) { floats, filled in
        filled = count
        guard let out = floats.baseAddress else { return }
        bytes.withUnsafeBytes { bytes in
            Blocks.decode(type, UnsafeRawBufferPointer(rebasing: bytes[start...]), into: out)
        }
    }
}
