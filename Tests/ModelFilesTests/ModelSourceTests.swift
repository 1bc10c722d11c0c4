import Core
import Foundation
import ModelFiles
import Testing

@Suite struct ModelSourceTests {
    private func model(_ scratch: Scratch, _ folder: String = "weights") throws -> String {
        try scratch.write(folder + "/config.json", #"{"model_type":"llama"}"#)
        try scratch.writeTensors(folder + "/model.safetensors", [("x", [1, 2])])
        return scratch.path + "/" + folder
    }

    @Test func opensTheLeast() throws {
        let scratch = try Scratch()
        let source = try ModelSource.open(model(scratch) + "/")
        #expect(source.name == "weights")
        #expect(source.config["model_type"]?.string == "llama")
        #expect(source.generationConfig?.typeName == nil)
        #expect(source.chatTemplate == nil)
        #expect(source.tokenizerFolder == nil)
        #expect(source.tensorNames == ["x"])
        #expect(source.has("x") && !source.has("y"))
        #expect(try source.tensor("x").floats() == [1, 2])
        let error = #expect(throws: ModelFileError.self) { try source.tensor("y") }
        #expect(error?.code == .noSuchTensor)
        #expect(error?.tensor == "y")
    }

    @Test func findsTheTokenizerBeside() throws {
        let scratch = try Scratch()
        let path = try model(scratch)
        try scratch.write("tokenizer/tokenizer.json", "{}")
        try scratch.write("tokenizer/chat_template.jinja", "sibling")
        let source = try ModelSource.open(path)
        #expect(source.tokenizerFolder?.hasSuffix("/tokenizer") == true)
        #expect(source.chatTemplate == "sibling")
        try scratch.write("weights/tokenizer.json", "{}")
        try scratch.write("weights/tokenizer_config.json", #"{"chat_template":"own"}"#)
        try scratch.write("weights/generation_config.json", #"{"top_k":3}"#)
        let own = try ModelSource.open(path)
        #expect(own.tokenizerFolder == path)
        #expect(own.chatTemplate == "own")
        #expect(own.generationConfig?["top_k"]?.int == 3)
    }

    @Test func takesTheDefaultOfNamedTemplates() throws {
        let scratch = try Scratch()
        let path = try model(scratch)
        try scratch.write(
            "weights/tokenizer_config.json",
            #"{"chat_template":[{"name":"rag","template":"r"},{"name":"default","template":"d"}]}"#
        )
        #expect(try ModelSource.open(path).chatTemplate == "d")
        try scratch.write("weights/tokenizer_config.json", #"{"chat_template":[{"name":"rag"}]}"#)
        #expect(throws: ModelFileError.self) { try ModelSource.open(path) }
    }

    @Test func readsShards() throws {
        let scratch = try Scratch()
        try scratch.write("m/config.json", "{}")
        try scratch.writeTensors("m/model-1.safetensors", [("a", [1]), ("hidden", [9])])
        try scratch.writeTensors("m/model-2.safetensors", [("b", [2])])
        let index = #"{"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors"}}"#
        try scratch.write("m/model.safetensors.index.json", index)
        let source = try ModelSource.open(scratch.path + "/m")
        #expect(source.tensorNames == ["a", "b"])
        #expect(try source.tensor("b").floats() == [2])
        #expect(!source.has("hidden"))
    }

    @Test(arguments: [
        #"{}"#, #"{"weight_map":[]}"#, #"{"weight_map":{"a":1}}"#,
        #"{"weight_map":{"a":"../model.safetensors"}}"#,
        #"{"weight_map":{"a":"/etc/x.safetensors"}}"#,
        #"{"weight_map":{"a":"model-1.safetensors\u0000"}}"#,
        #"{"weight_map":{"a":"model-3.safetensors"}}"#,
        #"{"weight_map":{"other":"model-1.safetensors"}}"#, #"{"weight_map""#,
    ])
    func refusesBadIndexes(_ index: String) throws {
        let scratch = try Scratch()
        try scratch.write("m/config.json", "{}")
        try scratch.writeTensors("m/model-1.safetensors", [("a", [1])])
        try scratch.write("m/model.safetensors.index.json", index)
        #expect(throws: ModelFileError.self) { try ModelSource.open(scratch.path + "/m") }
    }

    @Test func saysWhatToDo() throws {
        let scratch = try Scratch()
        func message(_ name: String) -> String {
            do throws(ModelFileError) {
                _ = try ModelSource.open(scratch.path + "/" + name)
                return "opened"
            } catch { return error.description }
        }
        #expect(message("none").contains("does not exist; give a folder"))
        try scratch.write("model.gguf", "GGUF")
        #expect(message("model.gguf").contains("ends before the version"))
        try scratch.write("file", "")
        #expect(message("file").contains("is a file; give a folder"))
        try scratch.write("empty/readme", "")
        #expect(message("empty").contains("no config.json"))
        try scratch.write("bare/config.json", "{}")
        #expect(message("bare").contains("no model.safetensors"))
        try scratch.write("list/config.json", "[]")
        #expect(message("list").contains("an array, not an object"))
        try scratch.write("broken/config.json", "{\n1}")
        #expect(message("broken").contains("config.json: byte 2: is not JSON"))
        try scratch.write("huge/config.json", [UInt8](repeating: 0x20, count: 5 << 20))
        #expect(message("huge").contains("at most"))
    }
}
