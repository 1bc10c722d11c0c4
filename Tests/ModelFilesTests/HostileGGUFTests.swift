import Foundation
import ModelFiles
import Testing

/// Every way in which a GGUF file has broken a reader, as far as it is known (CVE-2024-21802, 21825,
/// 21836, 23496, 23605 and 32878, CVE-2025-53630, CVE-2026-27940 and 7482). None may crash or take
/// memory that the file does not justify; each is refused with the place, and the tensor where there
/// is one.
@Suite struct HostileGGUFTests {
    /// Numbers near which lengths overflow when something is added or multiplied.
    static let huge: [UInt64] = [
        1 << 31, 1 << 32, 1 << 60, 1 << 61, 1 << 62, (1 << 63) - 1, 1 << 63, .max - 31, .max - 7,
        .max,
    ]

    private func check(
        _ builder: GGUFBuilder,
        _ message: String,
        tensor: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = ggufRefusal(builder.bytes)
        #expect(error != nil, "accepted", sourceLocation: sourceLocation)
        guard let error else { return }
        #expect(error.message.contains(message), "\(error)", sourceLocation: sourceLocation)
        #expect(error.tensor == tensor, "\(error)", sourceLocation: sourceLocation)
        #expect(error.offset != nil, "\(error)", sourceLocation: sourceLocation)
        #expect("\(error)".hasPrefix("m.gguf: "), sourceLocation: sourceLocation)
    }

    private func pair(_ type: UInt32, _ value: [UInt8]) -> GGUFBuilder {
        GGUFBuilder(pairs: [.init(key: "k", type: type, value: value)])
    }

    private func tensor(_ info: GGUFBuilder.Info, data: Int = 32) -> GGUFBuilder {
        GGUFBuilder(infos: [info], dataBytes: data)
    }

    @Test func otherFormats() {
        check(GGUFBuilder(magic: "GGUX"), "no GGUF file")
        check(GGUFBuilder(magic: "FUGG"), "no GGUF file")
        check(GGUFBuilder(magic: "lmgg"), "older than GGUF")
        check(GGUFBuilder(magic: "tjgg"), "older than GGUF")
        check(GGUFBuilder(version: 1), "GGUF version 1")
        check(GGUFBuilder(version: 0), "GGUF version 0")
        check(GGUFBuilder(version: 4), "GGUF version 4")
        check(GGUFBuilder(version: .max), "GGUF version 4294967295")
        check(GGUFBuilder(version: UInt32(3).byteSwapped), "big-endian")
        #expect(ggufRefusal(GGUFBuilder(version: 2).bytes) == nil)
        #expect(ggufRefusal(GGUFBuilder(version: 3).bytes) == nil)
    }

    @Test func hugeCounts() {
        for count in Self.huge {
            check(GGUFBuilder(tensorCount: count), "claims \(count) tensors")
            check(GGUFBuilder(pairCount: count), "claims \(count) metadata pairs")
        }
        // Within the limits, but more than the file can hold.
        check(GGUFBuilder(tensorCount: 1000), "claims 1000 tensors")
        check(GGUFBuilder(pairCount: 1000), "claims 1000 metadata pairs")
        check(GGUFBuilder(pairCount: 1), "claims 1 metadata pairs")
    }

    @Test func hugeStrings() {
        let end: [UInt8] = [0x61, 0x61, 0x61, 0x61, 0x61]
        for length in Self.huge {
            check(pair(8, GGUFBuilder.packed(length) + end), "more bytes than the file has")
            // A key and a tensor's name.
            var key = GGUFBuilder(pairCount: 1).bytes + GGUFBuilder.packed(length)
            key += [UInt8](repeating: 0x61, count: 64)
            #expect(ggufRefusal(key)?.message.contains("claims a metadata key of") == true)
            var name = GGUFBuilder(tensorCount: 1).bytes + GGUFBuilder.packed(length)
            name += [UInt8](repeating: 0x61, count: 64)
            #expect(ggufRefusal(name)?.message.contains("claims a tensor's name of") == true)
        }
        check(pair(8, GGUFBuilder.packed(UInt64(6)) + end), "more bytes than the file has")
        #expect(ggufRefusal(pair(8, GGUFBuilder.packed(UInt64(5)) + end).bytes) == nil)
    }

    @Test func hugeArrays() {
        for count in Self.huge {
            for type: UInt32 in 0...12 {
                let value = GGUFBuilder.array(type, count, [UInt8](repeating: 0, count: 64))
                check(pair(9, value), "more bytes than the file has")
            }
        }
        // One element too many, of each type.
        let least = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8]
        for (type, size) in least.enumerated() {
            let elements = [UInt8](repeating: 0, count: 5 * size)
            let exact = GGUFBuilder.array(UInt32(type), 5, elements)
            #expect(ggufRefusal(pair(9, exact).bytes) == nil, "\(type)")
            let more = GGUFBuilder.array(UInt32(type), 6, elements)
            check(pair(9, more), "more bytes than the file has")
        }
    }

    @Test func nestedArrays() {
        func nested(_ depth: Int) -> [UInt8] {
            let outer = [[UInt8]](repeating: GGUFBuilder.array(9, 1), count: depth - 1)
            return outer.flatMap { $0 } + GGUFBuilder.array(0, 1, [7])
        }
        for depth in 1...4 { #expect(ggufRefusal(pair(9, nested(depth)).bytes) == nil) }
        for depth in [5, 6, 100_000] { check(pair(9, nested(depth)), "nested deeper than 4") }
    }

    @Test func unknownValueTypes() {
        for type: UInt32 in [13, 14, 255, 1 << 31, .max] {
            check(pair(type, [0, 0, 0, 0, 0, 0, 0, 0]), "unknown type \(type)")
            check(pair(9, GGUFBuilder.array(type, 0)), "array of the unknown type \(type)")
        }
    }

    @Test func truthValues() {
        check(pair(7, [2]), "neither 0 nor 1")
        check(pair(9, GGUFBuilder.array(7, 3, [0, 1, 255])), "neither 0 nor 1")
    }

    @Test func namesTwice() {
        let u8 = GGUFBuilder.Pair(key: "k", type: 0, value: [1])
        check(GGUFBuilder(pairs: [u8, u8]), "appears twice")
        let infos: [GGUFBuilder.Info] = [.init(), .init(offset: 32)]
        check(GGUFBuilder(infos: infos, dataBytes: 64), "appears twice", tensor: "t")
    }

    @Test func namesThatAreNotText() {
        var bytes = GGUFBuilder(pairs: [.init(key: "kk", type: 0, value: [1])]).bytes
        bytes[32] = 0xFF
        #expect(ggufRefusal(bytes)?.message.contains("not UTF-8") == true)
    }

    @Test func tensorTypes() {
        let unread: [(UInt32, String)] = [
            (4, "q4_2"), (5, "q4_3"), (9, "q8_1"), (15, "q8_k"), (31, "q4_0_4_4"),
            (99, "number 99"), (1 << 31, "number 2147483648"), (.max, "number 4294967295"),
        ]
        for (number, name) in unread {
            check(tensor(.init(type: number)), name, tensor: "t")
        }
    }

    @Test func dimensions() {
        for dimension in Self.huge where dimension > 1 << 60 {
            let message = dimension > Int.max ? "a dimension of" : "larger than any memory"
            check(tensor(.init(dimensions: [dimension])), message, tensor: "t")
        }
        // Products that overflow, also to something small.
        for dimensions: [UInt64] in [
            [1 << 32, 1 << 32], [1 << 31, 1 << 31, 4], [1 << 62, 4],
            [1 << 21, 1 << 21, 1 << 22, 1],
            [4_294_967_297, 4_294_967_295], [3, 6_148_914_691_236_517_206],
        ] {
            check(tensor(.init(dimensions: dimensions)), "larger than any memory", tensor: "t")
        }
        check(
            tensor(.init(dimensions: [.max, 4])),
            "dimension of 18446744073709551615",
            tensor: "t"
        )
        for rank: UInt32 in [5, 1 << 20, 1 << 31, .max] {
            check(tensor(.init(rank: rank)), "\(rank) dimensions", tensor: "t")
        }
        check(tensor(.init(dimensions: [33], type: 8)), "blocks of 32", tensor: "t")
        check(tensor(.init(dimensions: [128, 2], type: 12)), "blocks of 256", tensor: "t")
        for dimensions: [UInt64] in [[0], [0, 1 << 40], [4, 0], []] {
            #expect(ggufRefusal(tensor(.init(dimensions: dimensions)).bytes) == nil)
        }
    }

    /// CVE-2026-7482: sizes that the file does not have.
    @Test func sizesBeyondTheFile() {
        check(tensor(.init(dimensions: [9])), "pass the end", tensor: "t")
        check(tensor(.init(dimensions: [1 << 40])), "pass the end", tensor: "t")
        check(tensor(.init(), data: 15), "pass the end", tensor: "t")
        check(tensor(.init(), data: 0), "pass the end", tensor: "t")
        #expect(ggufRefusal(tensor(.init(), data: 16).bytes) == nil)
    }

    @Test func offsets() {
        for offset in Self.huge where offset % 32 == 0 {
            check(tensor(.init(offset: offset)), "pass the end", tensor: "t")
        }
        check(tensor(.init(offset: 32)), "pass the end", tensor: "t")
        for offset: UInt64 in [1, 16, 33, .max] {
            check(tensor(.init(offset: offset)), "no multiple of 32", tensor: "t")
        }
    }

    @Test func overlaps() {
        func two(_ first: UInt64, _ second: UInt64, size: UInt64 = 16) -> GGUFBuilder {
            GGUFBuilder(
                infos: [
                    .init(name: "a", dimensions: [size], offset: first),
                    .init(name: "b", dimensions: [size], offset: second),
                ],
                dataBytes: 256
            )
        }
        check(two(0, 0), "overlaps", tensor: "b")
        check(two(0, 32), "overlaps", tensor: "b")
        check(two(32, 0), "overlaps", tensor: "a")
        #expect(ggufRefusal(two(64, 0).bytes) == nil)
        #expect(ggufRefusal(two(0, 0, size: 0).bytes) == nil, "empty tensors share a place")
        #expect(ggufRefusal(two(0, 96).bytes) == nil, "padding may be longer than needed")
    }

    @Test func alignments() {
        for value: UInt32 in [0, 3, 31, 33, 48, 1 << 22, 1 << 31, .max] {
            check(GGUFBuilder(pairs: [GGUFBuilder.alignment(value)]), "general.alignment")
        }
        for value: UInt32 in [1, 8, 64, 4096] {
            #expect(ggufRefusal(GGUFBuilder(pairs: [GGUFBuilder.alignment(value)]).bytes) == nil)
        }
        let wide = GGUFBuilder.Pair(
            key: "general.alignment",
            type: 10,
            value: [32, 0, 0, 0, 0, 0, 0, 0]
        )
        check(GGUFBuilder(pairs: [wide]), "type uint64")
        // The data would start beyond the file's end.
        let far = GGUFBuilder(
            pairs: [GGUFBuilder.alignment(1 << 20)],
            infos: [.init()],
            dataBytes: 32
        )
        check(far, "pass the end", tensor: "t")
    }

    @Test func messagesAreOneLine() throws {
        let name = String(repeating: "a\n", count: 5000)
        let error = try #require(ggufRefusal(tensor(.init(name: name, type: 99)).bytes))
        #expect(!"\(error)".contains("\n"))
        #expect("\(error)".utf8.count < 600)
        let pairs = [GGUFBuilder.Pair(key: name, type: 99, value: [])]
        let other = try #require(ggufRefusal(GGUFBuilder(pairs: pairs).bytes + [0]))
        #expect(!"\(other)".contains("\n"))
        #expect("\(other)".utf8.count < 600)
    }

    static let good = GGUFBuilder(
        pairs: [
            .init(key: "s", type: 8, value: GGUFBuilder.packed("text")),
            .init(
                key: "a",
                type: 9,
                value: GGUFBuilder.array(8, 2, GGUFBuilder.packed("x") + GGUFBuilder.packed(""))
            ),
            .init(
                key: "n",
                type: 9,
                value: GGUFBuilder.array(9, 1, GGUFBuilder.array(2, 2, [1, 2, 3, 4]))
            ),
            .init(key: "b", type: 9, value: GGUFBuilder.array(7, 2, [0, 1])),
            .init(key: "f", type: 6, value: [0, 0, 0x80, 0x3F]),
            GGUFBuilder.alignment(32),
        ],
        infos: [
            .init(name: "one", dimensions: [4, 2], offset: 0),
            .init(name: "two", dimensions: [32], type: 8, offset: 32),
        ],
        dataBytes: 66
    ).bytes

    @Test func truncatedAtEveryByte() throws {
        #expect(ggufRefusal(Self.good) == nil)
        for count in 0..<Self.good.count {
            #expect(ggufRefusal([UInt8](Self.good[..<count])) != nil, "first \(count) bytes")
        }
        let scratch = try Scratch()
        for count in [0, 3, 23, 100, Self.good.count - 1] {
            let path = try scratch.write("t.gguf", Self.good[..<count])
            let error = #expect(throws: ModelFileError.self) { try GGUFFile(path) }
            #expect(error?.path == path)
        }
    }

    @Test func filesThatAreNoFiles() throws {
        let scratch = try Scratch()
        #expect(throws: ModelFileError.self) { try GGUFFile(scratch.path) }
        #expect(throws: ModelFileError.self) { try GGUFFile(scratch.path + "/none.gguf") }
        #expect(throws: ModelFileError.self) { try GGUFFile("/dev/zero") }
    }

    /// A split that claims absurd numbers of parts, or parts elsewhere.
    @Test func hostileSplits() throws {
        let scratch = try Scratch()
        func open(_ name: String, _ type: UInt32, _ value: [UInt8]) throws -> String {
            let file = GGUFBuilder(pairs: [.init(key: "split.count", type: type, value: value)])
            let path = try scratch.write(name, file.bytes)
            let error = #expect(throws: ModelFileError.self) { try GGUFFile(path) }
            return error?.message ?? ""
        }
        let name = "m-00001-of-00002.gguf"
        for count in [UInt64(1 << 62), 1025, .max] {
            #expect(try !open(name, 10, GGUFBuilder.packed(count)).isEmpty)
        }
        #expect(try open(name, 8, GGUFBuilder.packed("2")).contains("not an integer"))
        #expect(try open(name, 4, GGUFBuilder.packed(UInt32(3))).contains("its name must end in"))
        #expect(try open("-00000-of-00002.gguf", 4, GGUFBuilder.packed(UInt32(2))).contains("name"))
        #expect(try open("-00003-of-00002.gguf", 4, GGUFBuilder.packed(UInt32(2))).contains("name"))
        #expect(try open("+0001-of-00002.gguf", 4, GGUFBuilder.packed(UInt32(2))).contains("name"))
    }
}
