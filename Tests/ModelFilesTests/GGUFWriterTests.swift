import Foundation
import ModelFiles
import Testing

@Suite struct GGUFWriterTests {
    typealias Declaration = GGUFWriter.Declaration

    /// Everything that all.gguf holds, written again, is all.gguf.
    @Test func copiesExactly() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/copy.gguf"
        let file = try GGUFFile(golden("all.gguf"))
        let tensors = try file.tensorNames.map { try file.tensor($0) }
        let writer = try GGUFWriter(
            path: path,
            metadata: file.metadata.keys.compactMap { key in
                file.metadata[key].map { (key, $0) }
            },
            tensors: tensors.map { .init(name: $0.name, type: $0.type, shape: $0.shape) }
        )
        for tensor in tensors { try writer.append(tensor.bytes) }
        try writer.finish()
        let copy = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(try copy == Data(contentsOf: URL(fileURLWithPath: golden("all.gguf"))))
    }

    static let metadata: [(key: String, value: GGUFValue)] = [
        ("general.architecture", GGUFValue("llama")), ("u8", GGUFValue(UInt8(7))),
        ("i8", GGUFValue(Int8(-7))), ("u16", GGUFValue(UInt16(7))), ("i16", GGUFValue(Int16(-7))),
        ("u32", GGUFValue(UInt32(7))), ("i32", GGUFValue(Int32(-7))),
        ("u64", GGUFValue(UInt64.max)), ("i64", GGUFValue(Int64.min)),
        ("f32", GGUFValue(Float(0.1))), ("f64", GGUFValue(0.1)), ("yes", GGUFValue(true)),
        ("empty", GGUFValue("")), ("strings", GGUFValue(array: ["a", "", "日本"])),
        ("ints", GGUFValue(array: [1, -2] as [Int32])), ("none", GGUFValue(array: [Float]())),
        ("bools", GGUFValue(array: [true, false])),
    ]

    static let tensors: [(Declaration, [UInt8])] = [
        (.init(name: "a", type: .f32, shape: [2, 1]), [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]),
        (.init(name: "empty", type: .f32, shape: [0, 3]), []),
        (.init(name: "b", type: .i8, shape: [3]), [1, 2, 3]),
        (.init(name: "scalar", type: .i8, shape: []), [9]),
        (.init(name: "c", type: .q8_0, shape: [2, 32]), [UInt8](repeating: 0x11, count: 68)),
        (.init(name: "none", type: .i8, shape: [0]), []),
    ]

    /// In pieces of `size` bytes that do not care where tensors end.
    @discardableResult
    private func write(_ path: String, piece size: Int, alignment: UInt32? = nil) throws -> GGUFFile
    {
        let extra = alignment.map { [(key: "general.alignment", value: GGUFValue($0))] } ?? []
        let writer = try GGUFWriter(
            path: path,
            metadata: Self.metadata + extra,
            tensors: Self.tensors.map(\.0)
        )
        var rest = Self.tensors.flatMap(\.1)[...]
        while !rest.isEmpty {
            try writer.append([UInt8](rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        try writer.finish()
        return try GGUFFile(path)
    }

    @Test(arguments: [1, 7, 1000])
    func readsWhatItWrites(_ size: Int) throws {
        let scratch = try Scratch()
        // For a look with gguf_check.py.
        let wanted = ProcessInfo.processInfo.environment["TOKENMILL_GGUF_OUT"]
        let file = try write(wanted ?? scratch.path + "/a.gguf", piece: size)
        #expect(Set(file.tensorNames) == Set(Self.tensors.map(\.0.name)))
        for (declaration, bytes) in Self.tensors {
            let tensor = try file.tensor(declaration.name)
            #expect(tensor.type == declaration.type)
            #expect(tensor.shape == declaration.shape)
            #expect([UInt8](tensor.bytes) == bytes)
        }
        #expect(file.metadata.keys == Self.metadata.map(\.key))
        for (key, value) in Self.metadata {
            let found = try #require(file.metadata[key])
            #expect(found.type == value.type)
            #expect(found.description == value.description)
        }
        #expect(try file.metadata.int("i64") == .min)
        #expect(try file.metadata.double("f64") == 0.1)
        #expect(try file.metadata.bool("yes") == true)
        #expect(try file.metadata.string("empty") == "")
        #expect(try file.metadata.array("strings")?.strings() == ["a", "", "日本"])
        #expect(try file.metadata.array("ints")?.ints() == [1, -2])
        #expect(try file.metadata.array("none")?.floats() == [])
        #expect(try file.metadata.array("bools")?.bools() == [true, false])
    }

    @Test func alignsTensors() throws {
        let scratch = try Scratch()
        for alignment: UInt32 in [1, 32, 4096] {
            let path = scratch.path + "/\(alignment).gguf"
            try write(path, piece: 1000, alignment: alignment)
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            #expect(bytes.count % Int(alignment) == 0)
            let header = try bytes.withUnsafeBytes { try GGUFHeader(parsing: $0, path: path) }
            for entry in header.entries {
                #expect(entry.range.lowerBound % Int(alignment) == 0, "\(entry.name)")
            }
        }
    }

    @Test func unfinishedFilesAreRefused() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/a.gguf"
        let writer = try GGUFWriter(path: path, metadata: [], tensors: [Self.tensors[0].0])
        #expect(throws: ModelFileError.self) { try writer.finish() }
        #expect(throws: ModelFileError.self) { try GGUFFile(path) }
        try writer.append(Self.tensors[0].1)
        #expect(throws: ModelFileError.self, "it is complete") { try writer.append([0] as [UInt8]) }
        try writer.finish()
        #expect(try GGUFFile(path).tensor("a").floats() == [1, 2])
        let error = #expect(throws: ModelFileError.self) { try GGUFFile(path).tensor("b") }
        #expect(error?.code == .noSuchTensor)
    }

    @Test func refusesMisuse() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/a.gguf"
        func refuse(
            _ metadata: [(key: String, value: GGUFValue)],
            _ tensors: [Declaration]
        ) {
            let error = #expect(throws: ModelFileError.self) {
                try GGUFWriter(path: path, metadata: metadata, tensors: tensors)
            }
            #expect(error?.code == .misuse)
        }
        let a = Declaration(name: "a", type: .f32, shape: [1])
        refuse([], [a, a])
        refuse([], [.init(name: "a", type: .f32, shape: [.max, 2])])
        refuse([], [.init(name: "a", type: .f32, shape: [-1])])
        refuse([], [.init(name: "a", type: .q8_0, shape: [2, 33])])
        refuse([], [.init(name: "a", type: .f32, shape: [1, 1, 1, 1, 1])])
        refuse([], [.init(name: "a", type: .f8E4M3, shape: [1])])
        refuse([("k", GGUFValue("a")), ("k", GGUFValue("b"))], [])
        refuse([("general.alignment", GGUFValue(UInt32(3)))], [])
        refuse([("general.alignment", GGUFValue(UInt64(32)))], [])
        #expect(throws: ModelFileError.self) {
            try GGUFWriter(path: scratch.path + "/no/a.gguf", metadata: [], tensors: [a])
        }
    }
}
