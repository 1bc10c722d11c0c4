import Foundation
import ModelFiles
import Testing

/// Files that lie. None may crash, and each must be refused with the tensor or the place named.
@Suite struct HostileSafetensorsTests {
    /// Header, data bytes, and a piece of the message that must come.
    static let lies: [(String, Int, String)] = [
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9]}}"#, 8, "pass the end"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 8, "takes 8 bytes"),
        (#"{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}}"#, 8, "takes 16 bytes"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, "backwards"),
        (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8, "shape holds"),
        (#"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#, 8, "shape holds"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#, 8, "data_offsets holds"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, 8, "data_offsets"),
        (
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,99999999999999999999]}}"#, 8,
            "offsets"
        ),
        (
            #"{"a":{"dtype":"F32","shape":[9223372036854775807,9],"data_offsets":[0,8]}}"#, 8,
            "memory"
        ),
        (#"{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}"#, 0, "memory"),
        (
            #"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#, 0,
            "memory"
        ),
        (
            #"{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}}"#, 8,
            "dimensions"
        ),
        (#"{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}"#, 8, "\"F31\""),
        (#"{"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}}"#, 8, "dtype"),
        (#"{"a":{"shape":[2],"data_offsets":[0,8]}}"#, 8, "dtype"),
        (#"{"a":{"dtype":"F32","data_offsets":[0,8]}}"#, 8, "shape"),
        (#"{"a":{"dtype":"F32","shape":[2]}}"#, 8, "data_offsets"),
        (#"{"a":[]}"#, 0, "dtype"),
        (#"[]"#, 0, "not an object"),
        (#""#, 0, "not JSON"),
        (#"{}"#, 4, "belong to none"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "hole"),
        (
            #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"#
                + #""b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#, 4, "overlaps"
        ),
        (
            #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
                + #""a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#, 4, "twice"
        ),
    ]

    @Test(arguments: lies.indices)
    func refusesLies(_ index: Int) throws {
        let (header, data, message) = Self.lies[index]
        let error = try #require(refusal(safetensors(header, data: data)), "accepted: \(header)")
        #expect("\(error)".contains(message), "\(error)")
        #expect("\(error)".hasPrefix("m.safetensors: "))
        #expect(error.offset != nil || error.tensor != nil)
    }

    @Test func refusesLengthsThatAreNotThere() {
        for claimed: UInt64 in [3, 1000, 1 << 30, 1 << 62, 1 << 63, .max, .max - 7] {
            #expect(refusal(safetensors("{}", claimed: claimed)) != nil, "\(claimed)")
        }
        #expect(refusal(safetensors("{}")) == nil)
    }

    @Test func refusesBrokenText() {
        #expect(refusal(safetensors([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D])) != nil)
        let deep = String(repeating: "[", count: 100_000)
        #expect(refusal(safetensors(deep))?.message.contains("nested") == true)
        let many = "[" + String(repeating: "0,", count: 2_100_000) + "0]"
        #expect(refusal(safetensors(many))?.message.contains("values") == true)
    }

    @Test func messagesAreOneLine() throws {
        let name = String(repeating: #"a\n"#, count: 5000)
        let error = try #require(refusal(safetensors("{\"\(name)\":1}")))
        #expect(!"\(error)".contains("\n"))
        #expect("\(error)".utf8.count < 600)
    }

    static let good = safetensors(
        #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"#
            + #""b":{"dtype":"BF16","shape":[0],"data_offsets":[8,8]},"#
            + #""c":{"dtype":"I8","shape":[],"data_offsets":[8,9]}}  "#,
        data: 9
    )

    @Test func refusesEveryTruncation() {
        #expect(refusal(Self.good) == nil)
        for count in 0..<Self.good.count {
            #expect(refusal([UInt8](Self.good[..<count])) != nil, "first \(count) bytes")
        }
        #expect(refusal(Self.good + [0]) != nil)
    }

    @Test func truncatedFilesAreNamed() throws {
        let scratch = try Scratch()
        for count in [0, 7, 8, 100, Self.good.count - 1] {
            let path = try scratch.write("t.safetensors", Self.good[..<count])
            let error = #expect(throws: ModelFileError.self) { try SafetensorsFile(path) }
            #expect(error?.path == path)
        }
    }

    /// Whatever is accepted must lie inside the file, whatever bytes were changed.
    @Test func survivesMutation() {
        var random = SplitMix(state: 1)
        for _ in 0..<20_000 {
            var bytes = Self.good
            for _ in 0...(random.next() % 4) {
                bytes[Int(random.next() % UInt64(bytes.count))] = random.byte()
            }
            let size = bytes.count
            bytes.withUnsafeBytes { buffer in
                let header = try? SafetensorsHeader(parsing: buffer, path: "m")
                for entry in header?.entries ?? [] {
                    #expect(entry.range.lowerBound >= 8 && entry.range.upperBound <= size)
                    #expect(entry.type.byteCount(ofShape: entry.shape) == entry.range.count)
                }
            }
        }
    }
}

/// A seeded generator, so that a failure repeats.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Any byte, half of the time one that means something in a header.
    mutating func byte() -> UInt8 {
        let telling = [UInt8](#"0123456789-[]{}",:eF"#.utf8)
        let draw = next(), choice = Int((draw >> 8) % 65_536)
        return draw % 2 == 0
            ? UInt8(truncatingIfNeeded: choice) : telling[choice % telling.count]
    }
}
