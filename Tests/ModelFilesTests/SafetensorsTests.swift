import Core
import Foundation
import ModelFiles
import Testing

@Suite struct SafetensorsTests {
    @Test func readsWhatPythonWrote() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/goldens"
        let file = try SafetensorsFile(folder + "/types.safetensors")
        let json = try JSON(parsing: Data(contentsOf: URL(fileURLWithPath: folder + "/types.json")))
        let expected = try #require(json["tensors"]?.object)
        #expect(Set(file.tensorNames) == Set(expected.keys))
        for member in expected.members {
            let tensor = try file.tensor(member.key)
            #expect(tensor.shape == member.value["shape"]?.array?.compactMap(\.int))
            let bits = (member.value["bits"]?.array ?? []).compactMap(\.int)
            let values = bits.map { Float(bitPattern: UInt32(bitPattern: Int32($0))) }
            let found = tensor.floats()
            #expect(found.count == values.count, "\(member.key)")
            for (a, b) in zip(found, values) {
                #expect(
                    a.bitPattern == b.bitPattern || a.isNaN && b.isNaN,
                    "\(member.key): \(a) \(b)"
                )
            }
        }
        let types = try Set(file.tensorNames.map { try file.tensor($0).type })
        #expect(types == Set(TensorType.allCases.filter { $0.safetensorsName != nil }))
    }

    @Test func writesWhatItReads() throws {
        let scratch = try Scratch()
        let path = try scratch.writeTensors(
            "a.safetensors",
            [("b", [1, 2]), ("a", []), ("c", [3])]
        )
        let file = try SafetensorsFile(path)
        #expect(Set(file.tensorNames) == ["a", "b", "c"])
        #expect(try file.tensor("b").floats() == [1, 2])
        #expect(try file.tensor("a").floats() == [])
        #expect(try file.tensor("c").floats() == [3])
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect((bytes.count - 12) % 8 == 0, "the data starts at a multiple of 8")
        #expect(throws: ModelFileError.self) { try file.tensor("d") }
    }

    @Test func tensorsKeepTheirFile() throws {
        let scratch = try Scratch()
        let path = try scratch.writeTensors("a.safetensors", [("x", [1, 2, 3])])
        let tensor = try SafetensorsFile(path).tensor("x")
        #expect(tensor.floats() == [1, 2, 3])
    }

    @Test func writerRefusesMisuse() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/a.safetensors"
        func open(_ tensors: [SafetensorsWriter.Declaration]) throws -> SafetensorsWriter {
            try SafetensorsWriter(path: path, tensors: tensors)
        }
        let x = SafetensorsWriter.Declaration(name: "x", type: .f32, shape: [2])
        #expect(throws: ModelFileError.self) { try open([x, x]) }
        #expect(throws: ModelFileError.self) {
            try open([.init(name: "y", type: .f32, shape: [.max, 2])])
        }
        #expect(throws: ModelFileError.self) {
            try open([.init(name: "__metadata__", type: .f32, shape: [1])])
        }
        let writer = try open([x])
        #expect(throws: ModelFileError.self) { try writer.finish() }
        #expect(throws: ModelFileError.self) { try writer.append([Float](repeating: 0, count: 3)) }
        #expect(throws: ModelFileError.self, "an unfinished file is refused") {
            try SafetensorsFile(path)
        }
        try writer.append([1, 2] as [Float])
        try writer.finish()
        #expect(try SafetensorsFile(path).tensor("x").floats() == [1, 2])
        #expect(throws: ModelFileError.self) {
            try SafetensorsWriter(path: scratch.path + "/no/a.safetensors", tensors: [x])
        }
    }
}
