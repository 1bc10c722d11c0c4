import Foundation
import ModelFiles
import Testing

/// Seeded mutations of valid files. Whatever is accepted must lie inside the file and be no more than
/// its bytes can describe; nothing may crash. `TOKENMILL_FUZZ=N` runs N mutations of each kind.
@Suite struct ParserFuzzTests {
    static let count = ProcessInfo.processInfo.environment["TOKENMILL_FUZZ"].flatMap { Int($0) }

    @Test func gguf() throws {
        let scratch = try Scratch()
        let real = [UInt8](try Data(contentsOf: URL(fileURLWithPath: golden("all.gguf"))))
        var random = SplitMix(state: 7)
        var accepted = 0
        for round in 0..<(Self.count ?? 6000) {
            let seed = round % 4 == 0 ? real : HostileGGUFTests.good
            let bytes = Self.mutated(seed, &random)
            guard let header = Self.header(bytes) else { continue }
            #expect(Self.isSound(header, bytes.count), "round \(round)")
            accepted += 1
            // Values and tensors are looked into as well.
            if Self.count == nil && accepted > 300 { continue }
            let path = try scratch.write("m.gguf", bytes)
            guard let file = try? GGUFFile(path) else { continue }
            for key in file.metadata.keys { Self.touch(file.metadata[key], bytes.count) }
            for name in file.tensorNames { _ = try file.tensor(name).floats() }
        }
        #expect(accepted > 0)
    }

    @Test func safetensors() throws {
        let real = [UInt8](try Data(contentsOf: URL(fileURLWithPath: golden("types.safetensors"))))
        var random = SplitMix(state: 8)
        for round in 0..<(Self.count ?? 3000) {
            let seed = round % 4 == 0 ? real : HostileSafetensorsTests.good
            let bytes = Self.mutated(seed, &random)
            bytes.withUnsafeBytes { buffer in
                let header = try? SafetensorsHeader(parsing: buffer, path: "m")
                let entries = header?.entries ?? []
                // The shortest description of a tensor has 45 characters.
                #expect(entries.count * 45 <= bytes.count, "round \(round)")
                for entry in entries {
                    #expect(entry.range.lowerBound >= 8 && entry.range.upperBound <= bytes.count)
                    #expect(entry.type.byteCount(ofShape: entry.shape) == entry.range.count)
                }
            }
        }
    }

    /// Changes a few places: bytes, numbers that overflow, cuts, insertions, copies.
    private static func mutated(_ seed: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = seed
        for _ in 0...(random.next() % 3) {
            if bytes.isEmpty { return bytes }
            let place = Int(random.next() % UInt64(bytes.count))
            switch random.next() % 8 {
            case 0: bytes.removeSubrange(place...)
            case 1: bytes.insert(random.byte(), at: place)
            case 2: bytes.remove(at: place)
            case 3:
                let huge = HostileGGUFTests.huge
                let number = huge[Int(random.next() % UInt64(huge.count))]
                let end = min(place + 8, bytes.count)
                bytes.replaceSubrange(place..<end, with: GGUFBuilder.packed(number))
            case 4:
                let end = min(place + Int(random.next() % 40), bytes.count)
                bytes.insert(
                    contentsOf: bytes[place..<end],
                    at: Int(random.next() % UInt64(place + 1))
                )
            case 5: bytes[place] ^= 1 << UInt8(random.next() % 8)
            default: bytes[place] = random.byte()
            }
        }
        return bytes
    }

    private static func header(_ bytes: [UInt8]) -> GGUFHeader? {
        bytes.withUnsafeBytes { try? GGUFHeader(parsing: $0, path: "m") }
    }

    private static func isSound(_ header: GGUFHeader, _ size: Int) -> Bool {
        header.fields.count * 13 + header.entries.count * 24 + 24 <= size
            && header.fields.allSatisfy { $0.range.upperBound <= size }
            && header.entries.allSatisfy {
                $0.range.lowerBound >= 24 && $0.range.upperBound <= size
                    && $0.type.byteCount(ofShape: $0.shape) == $0.range.count
            }
            && zip(header.entries, header.entries.dropFirst()).allSatisfy {
                $0.range.upperBound <= $1.range.lowerBound
            }
    }

    /// Asks for everything that a value can give.
    private static func touch(_ value: GGUFValue?, _ size: Int) {
        guard let value else { return }
        _ = (value.int, value.double, value.bool, value.utf8, value.string, value.description)
        if let array = value.array { touch(array, size) }
    }

    private static func touch(_ array: GGUFArray, _ size: Int) {
        let counts = [
            array.ints()?.count, array.floats()?.count, array.doubles()?.count,
            array.bools()?.count, array.strings()?.count,
        ]
        for case let count? in counts { #expect(count == array.count && count <= size) }
        for inner in array.arrays() ?? [] { touch(inner, size) }
    }
}
