import Core
import Foundation
import ModelFiles
import Testing

@Suite struct GGUFTests {
    /// What gguf_check.py says of all.gguf.
    private func expected(_ part: String) throws -> [JSONObject.Member] {
        let json = try JSON(parsing: Data(contentsOf: URL(fileURLWithPath: golden("all.json"))))
        return try #require(json[part]?.object).members
    }

    @Test func readsTensorsThatPythonWrote() throws {
        let file = try GGUFFile(golden("all.gguf"))
        let expected = try expected("tensors")
        #expect(file.tensorNames == expected.map(\.key))
        for member in expected {
            let tensor = try file.tensor(member.key)
            // Python names integers "i8", and bf16 in full.
            #expect(tensor.type.description == member.value["type"]?.string)
            #expect(tensor.shape == member.value["shape"]?.array?.compactMap(\.int))
            let bits = (member.value["bits"]?.array ?? []).compactMap(\.int)
            #expect(!bits.isEmpty)
            #expect(
                tensor.floats().map { Int(Int32(bitPattern: $0.bitPattern)) } == bits,
                "\(member.key)"
            )
        }
    }

    @Test func readsMetadataThatPythonWrote() throws {
        let metadata = try GGUFFile(golden("all.gguf")).metadata
        let expected = try expected("metadata")
        #expect(metadata.keys == expected.map(\.key))
        for member in expected {
            let value = try #require(metadata[member.key])
            let types = (member.value["types"]?.array ?? []).compactMap(\.string)
            #expect("\(value.type)" == types.first)
            let json = try #require(member.value["value"])
            if let array = value.array {
                #expect(try flat(array) == json.array, "\(member.key)")
                #expect("\(array.elementType)" == types[1])
            } else {
                #expect(scalar(value) == json, "\(member.key)")
            }
        }
        let types = Set(metadata.keys.compactMap { metadata[$0]?.type })
        #expect(types == Set(GGUFValueType.allCases))
    }

    private func scalar(_ value: GGUFValue) -> JSON? {
        if let int = value.int { return .int(int) }
        if let bool = value.bool { return .bool(bool) }
        if let string = value.string { return .string(string) }
        return value.double.map { .double($0) }
    }

    /// Elements as Python flattens them.
    private func flat(_ array: GGUFArray) throws -> [JSON] {
        if let arrays = array.arrays() { return try arrays.flatMap { try flat($0) } }
        if let ints = array.ints() { return ints.map { .int($0) } }
        if let bools = array.bools() { return bools.map { .bool($0) } }
        if let strings = array.strings() { return strings.map { .string($0) } }
        if array.elementType == .float32 {
            return try #require(array.floats()).map { .double(Double($0)) }
        }
        return try #require(array.doubles()).map { .double($0) }
    }

    @Test func keepsBytesThatAreNotText() throws {
        let metadata = try GGUFFile(golden("all.gguf")).metadata
        let array = try #require(try metadata.array("array.bytes"))
        var found: [[UInt8]] = []
        #expect(array.forEachString { found.append([UInt8]($0)) })
        #expect(found == [[0x6F, 0x6B], [0xFF, 0xFE], [0xE2, 0x82]])
        #expect(metadata["text"]?.utf8 == [UInt8]("naïve \"quotes\"\n日本".utf8))
    }

    @Test func lookupsCheckTypes() throws {
        let metadata = try GGUFFile(golden("all.gguf")).metadata
        #expect(try metadata.int("u8") == 255)
        #expect(try metadata.double("u8") == 255)
        #expect(try metadata.double("u64.most") == 0x1p64)
        #expect(try metadata.string("none") == nil)
        #expect(try metadata.array("none") == nil)
        #expect(metadata["none"] == nil)
        let error = #expect(throws: ModelFileError.self) { try metadata.int("text") }
        #expect(error?.message.contains("of type string, not an integer") == true)
        #expect(throws: ModelFileError.self) { try metadata.int("u64.most") }
        #expect(throws: ModelFileError.self) { try metadata.int("f32") }
        #expect(throws: ModelFileError.self) { try metadata.string("u8") }
        #expect(throws: ModelFileError.self) { try metadata.bool("u8") }
        #expect(throws: ModelFileError.self) { try metadata.array("u8") }
        let ints = try #require(try metadata.array("array.int32"))
        #expect(ints.floats() == nil && ints.strings() == nil && ints.bools() == nil)
        #expect(ints.arrays() == nil && !ints.forEachString { _ in })
        #expect("\(try #require(metadata["array.strings"]))" == "string[4]")
    }

    @Test func readsPartsOfAModel() throws {
        for number in 1...3 {
            let file = try GGUFFile(golden("split-0000\(number)-of-00003.gguf"))
            #expect(file.tensorNames == ["t0", "t1", "t2", "t3", "t4"])
            #expect(try file.metadata.string("general.architecture") == "test")
            for tensor in 0..<5 {
                let found = try file.tensor("t\(tensor)")
                #expect(found.floats() == [Float](repeating: Float(tensor), count: 3))
                #expect(found.shape == [1, 3])
            }
        }
    }

    @Test func refusesBrokenSets() throws {
        let parts = try (1...3).map { number in
            try Data(
                contentsOf: URL(fileURLWithPath: golden("split-0000\(number)-of-00003.gguf"))
            )
        }
        func message(_ files: [(String, Data)], open name: String) throws -> String {
            let scratch = try Scratch()
            for (name, data) in files { try scratch.write(name, data) }
            let path = scratch.path + "/" + name
            let error = #expect(throws: ModelFileError.self) { try GGUFFile(path) }
            return error?.description ?? ""
        }
        func names(_ number: Int) -> String { "m-0000\(number)-of-00003.gguf" }
        let missing = try message([(names(1), parts[0]), (names(3), parts[2])], open: names(3))
        #expect(missing.contains("m-00002-of-00003.gguf: is missing"))
        let renamed = try message([("m.gguf", parts[0])], open: "m.gguf")
        #expect(renamed.contains("its name must end in -00001-of-00003.gguf"))
        let wrong = [(names(1), parts[0]), (names(2), parts[2]), (names(3), parts[2])]
        #expect(try message(wrong, open: names(1)).contains("says it is part 3 of 3, not part 2"))
        let swapped = [(names(1), parts[1]), (names(2), parts[0]), (names(3), parts[2])]
        #expect(try message(swapped, open: names(1)).contains("says it is part 2 of 3, not part 1"))
    }
}
