import Core
import Foundation
import Testing
import Tokenization

/// Every file that this program would have to guess about is refused, by name.
@Suite struct BadFileTests {
    typealias Code = TokenizationError.Code

    @Test(arguments: [
        (["normalizer"], #"{"type":"Nmt"}"#, Code.unsupported, "Nmt"),
        (
            ["normalizer"], #"{"type":"Precompiled","precompiled_charsmap":"?"}"#, .malformed,
            "base64"
        ),
        (
            ["normalizer"], #"{"type":"Precompiled","precompiled_charsmap":"/////w=="}"#,
            .malformed, "early"
        ),
        (["pre_tokenizer"], #"{"type":"Metaspace"}"#, .malformed, "replacement"),
        (["pre_tokenizer"], metaspace(#""prepend_scheme":"last""#), .malformed, "prepend_scheme"),
        (
            ["pre_tokenizer"], metaspace(#""add_prefix_space":false"#), .inconsistent,
            "prepend_scheme"
        ),
        (["pre_tokenizer"], #"{"type":"UnicodeScripts"}"#, .unsupported, "UnicodeScripts"),
        (["pre_tokenizer"], #"{"type":"ByteLevel","chunk":1}"#, .unsupported, "chunk"),
        (["pre_tokenizer"], #"{"type":"ByteLevel","use_regex":"yes"}"#, .malformed, "use_regex"),
        (["pre_tokenizer"], split(#"{"Regex":"(\\w+"}"#), .unsupported, #"(\w+"#),
        (["pre_tokenizer"], split(#"{"Regex":"[a-"}"#), .unsupported, "[a-"),
        (["pre_tokenizer"], split(#"{"Regex":"\\p{Nonsense1}"}"#), .unsupported, "Nonsense1"),
        (["pre_tokenizer"], split(#"{"Regex":"(*FAIL)"}"#), .unsupported, "FAIL"),
        (["pre_tokenizer"], split(#"{"Glob":" "}"#), .unsupported, "Glob"),
        (["pre_tokenizer"], split(#"{"String":" "}"#, "Kept"), .unsupported, "Kept"),
        (["decoder"], #"{"type":"CTC"}"#, .unsupported, "CTC"),
        (
            ["decoder"], decoders(#"{"type":"Fuse"},{"type":"ByteFallback"}"#), .unsupported,
            "decoders[1]"
        ),
        (
            ["decoder"], decoders(#"{"type":"Strip","content":"ab","start":1,"stop":0}"#),
            .malformed, "content"
        ),
        (["post_processor"], #"{"type":"BertProcessing"}"#, .malformed, "cls"),
        (["post_processor"], #"{"type":"TemplateProcessing","single":[]}"#, .malformed, "single"),
        (["truncation"], #"{"max_length":5}"#, .unsupported, "truncation"),
        (["padding"], "{}", .unsupported, "padding"),
        (["version"], #""2.0""#, .unsupported, "version"),
        (["novelty"], "1", .unsupported, "novelty"),
        (["model"], "3", .malformed, "model"),
        (["model", "type"], #""WordPiece""#, .unsupported, "WordPiece"),
        (["model", "dropout"], "0.1", .unsupported, "dropout"),
        (["model", "byte_fallback"], "1", .malformed, "byte_fallback"),
        (["model", "end_of_word_suffix"], #""</w>""#, .unsupported, "end_of_word_suffix"),
        (["model", "unk_token"], #""<nothing>""#, .inconsistent, "<nothing>"),
        (["model", "vocab"], "[]", .malformed, "vocab"),
        (["model", "vocab"], "{}", .inconsistent, "gap"),
        (["model", "vocab", "Ġ"], "5", .inconsistent, "id 5"),
        (["model", "vocab", "Ġ"], "-1", .inconsistent, "id -1"),
        (["model", "vocab", "Ġ"], "99999999999", .inconsistent, "gap"),
        (["model", "vocab", "Ġ"], "1.5", .malformed, "integer"),
        (["model", "merges"], "{}", .malformed, "merges"),
        (["model", "merges"], #"["a"]"#, .malformed, "merges[0]"),
        (["model", "merges"], #"["a b c"]"#, .malformed, "merges[0]"),
        (["model", "merges"], #"[["a"]]"#, .malformed, "merges[0]"),
        (["model", "merges"], #"["zz qq"]"#, .inconsistent, "zz"),
        (["model", "merges"], #"["< s>"]"#, .inconsistent, "s>"),
        (["added_tokens"], "{}", .malformed, "added_tokens"),
        (["added_tokens"], #"[{"id":1}]"#, .malformed, "added_tokens[0]"),
        (["added_tokens"], token(5000, "<new>"), .inconsistent, "gap"),
        (["added_tokens"], token(3, "<new>"), .inconsistent, "id 3"),
        (["added_tokens"], token(1000, ""), .malformed, "empty"),
    ])
    func refused(_ path: [String], _ value: String, _ code: Code, _ words: String) throws {
        let json = try replacing(path[...], in: file(), with: JSON(parsing: value))
        let error = #expect(throws: TokenizationError.self) {
            try Tokenizer(json: json, configuration: nil)
        }
        #expect(error?.code == code, "\(String(describing: error))")
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    /// A merge whose result is a control token would let any text forge it.
    @Test func mergeIntoControlToken() throws {
        let json = try file()
        let vocab = try #require(json["model"]?["vocab"])
        let merge = try #require(json["model"]?["merges"]?.array?.first?.array)
        let made = merge.compactMap(\.string).joined()
        let id = try #require(vocab[made]?.int)
        let added = try JSON(parsing: Self.token(id, made, special: true))
        let error = #expect(throws: TokenizationError.self) {
            try Tokenizer(
                json: replacing(["added_tokens"], in: json, with: added),
                configuration: nil
            )
        }
        #expect(error?.location == "model.merges[0]")
    }

    @Test func missingAndBrokenFiles() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "tokenization-tests-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: TokenizationError.self) { try Tokenizer(folder: folder.path) }
        let file = folder.appending(path: "tokenizer.json")
        try Data(#"{"version": "1.0", "#.utf8).write(to: file)
        var error = #expect(throws: TokenizationError.self) { try Tokenizer(folder: folder.path) }
        #expect(error?.code == .malformed && error?.path == file.path)
        try FileManager.default.removeItem(at: file)
        try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
        error = #expect(throws: TokenizationError.self) { try Tokenizer(folder: folder.path) }
        #expect(error?.code == .unreadable)
    }

    @Test func configuration() throws {
        let tokenizer = try Tokenizer(
            json: file(),
            configuration: ["bos_token": .null, "eos_token": ["content": "<|im_end|>"]]
        )
        #expect(tokenizer.bosToken == nil && tokenizer.bosID == nil)
        #expect(tokenizer.eosToken == "<|im_end|>")
        #expect(tokenizer.eosID == tokenizer.id(of: "<|im_end|>"))
        let error = #expect(throws: TokenizationError.self) {
            try Tokenizer(json: file(), configuration: ["eos_token": 7])
        }
        #expect(error?.location == "tokenizer_config.eos_token")
    }

    private func file() throws -> JSON { try Goldens.json("qwen2/tokenizer.json") }

    static func split(_ pattern: String, _ behavior: String = "Isolated") -> String {
        #"{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":\#(pattern),"#
            + #""behavior":"\#(behavior)","invert":false},{"type":"ByteLevel"}]}"#
    }

    static func metaspace(_ more: String) -> String {
        #"{"type":"Metaspace","replacement":"_",\#(more)}"#
    }

    static func decoders(_ list: String) -> String {
        #"{"type":"Sequence","decoders":[\#(list)]}"#
    }

    static func token(_ id: Int, _ content: String, special: Bool = false) -> String {
        #"[{"id":\#(id),"content":"\#(content)","single_word":false,"lstrip":false,"#
            + #""rstrip":false,"normalized":false,"special":\#(special)}]"#
    }

    private func replacing(_ path: ArraySlice<String>, in json: JSON, with value: JSON) -> JSON {
        guard let key = path.first else { return value }
        var object = json.object ?? JSONObject()
        object[key] = replacing(path.dropFirst(), in: object[key] ?? .null, with: value)
        return .object(object)
    }
}
