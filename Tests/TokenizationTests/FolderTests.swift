import Core
import Foundation
import Testing
import Tokenization

/// Folders without tokenizer.json.
@Suite struct FolderTests {
    @Test(arguments: ["gpt2", "qwen2"])
    func vocabularyAndMerges(_ name: String) throws {
        let folder = Goldens.folder + "/folders/" + name
        let tokenizer = try Tokenizer(folder: folder)
        let expected = try Goldens.json("folders/\(name)/expected.json")
        let texts = try #require(expected["texts"]?.array).compactMap(\.string)
        let ids = try #require(expected["ids"]?.array).map { Goldens.ids($0) }
        #expect(texts.count == 80 && ids.count == 80)
        for (text, known) in zip(texts, ids) {
            #expect(try tokenizer.encode(text, parseSpecial: true) == known, "\(text)")
        }
        #expect(tokenizer.isSpecial(try #require(tokenizer.id(of: "<|endoftext|>"))))
    }

    @Test func sentencePieceAlone() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "tokenization-folder-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let model = try Data(
            contentsOf: URL(filePath: Goldens.folder + "/sentencepiece/bpe.model")
        )
        #expect(!Tokenizer.exists(in: folder.path))
        try model.write(to: folder.appending(path: "tokenizer.model"))
        try Data(#"{"add_eos_token":true}"#.utf8)
            .write(to: folder.appending(path: "tokenizer_config.json"))
        #expect(Tokenizer.exists(in: folder.path))
        let tokenizer = try Tokenizer(folder: folder.path)
        let known = try Tokenizer(
            sentencePiece: Array(model),
            configuration: ["add_eos_token": true]
        )
        let ids = try tokenizer.encode("it's a fox", addSpecial: true)
        #expect(try ids == known.encode("it's a fox", addSpecial: true))
        #expect(ids.last == known.eosID && known.eosID != nil)
    }

    /// Lines may end as on Windows; what is no vocabulary or no merge is refused by its place.
    @Test(arguments: [
        (#"{"a":0,"b":1,"ab":2}"#, "#version: 0.2\r\na b\r\n", nil),
        (#" {"a": 0.0, "b": 1, "ab": 2} "#, "a b", nil),
        (#"{"a":0,"b":1,"ab":2}"#, "a b c\n", "merges.txt[0]"),
        (#"{"a":0,"b":1,"ab":2}"#, "#version: 0.2\n\na b\nab\n", "merges.txt[1]"),
        (#"{"a":0,"b":1,"ab":2}"#, "a b\nb b\n", "merges[1]"),
        (#"{"a":0,"b":1,"ab":2}"#, " \n", "merges[0]"),
        (#"{"a":0,"b":1,"ab":2.5}"#, "", "vocab.json"),
        (#"{"a":0,"b":1,"ab":2}}"#, "", "not JSON"),
        ("[1]", "", "expected an object"),
    ])
    func forms(_ vocabulary: String, _ merges: String, _ refusal: String?) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "tokenization-folder-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(vocabulary.utf8).write(to: folder.appending(path: "vocab.json"))
        try Data(merges.utf8).write(to: folder.appending(path: "merges.txt"))
        if let refusal {
            let error = #expect(throws: TokenizationError.self) {
                try Tokenizer(folder: folder.path)
            }
            #expect(error?.description.contains(refusal) == true, "\(String(describing: error))")
        } else {
            #expect(try Tokenizer(folder: folder.path).encode("abb") == [2, 1])
        }
    }

    @Test func missingAndUnknown() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "tokenization-folder-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(#"{"a":0}"#.utf8).write(to: folder.appending(path: "vocab.json"))
        var error = #expect(throws: TokenizationError.self) { try Tokenizer(folder: folder.path) }
        #expect(error?.path == folder.path + "/merges.txt")
        try Data("#version: 0.2\n".utf8).write(to: folder.appending(path: "merges.txt"))
        _ = try Tokenizer(folder: folder.path)
        try Data(#"{"tokenizer_class":"BertTokenizer"}"#.utf8)
            .write(to: folder.appending(path: "tokenizer_config.json"))
        error = #expect(throws: TokenizationError.self) { try Tokenizer(folder: folder.path) }
        #expect(error?.code == .unsupported)
        #expect(error?.path == folder.path + "/tokenizer_config.json")
    }
}
