import Core
import Foundation
import Testing
import Tokenization

/// tokenizer.json means the same however it is written: files are read in another way than values.
@Suite struct FileFormTests {
    private static let texts = [
        "it's a fox, 12 foxes", "\u{1}\t\r\n ", "é 中文 ▁ 😀 \\ \" / <0x41>", "<s>a</s>",
    ]

    /// Reads `data` as the tokenizer.json of a folder.
    private func read(_ data: some Sequence<UInt8>) throws -> Tokenizer {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "tokenization-form-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(data).write(to: folder.appending(path: "tokenizer.json"))
        return try Tokenizer(folder: folder.path)
    }

    private func expectSame(_ one: Tokenizer, _ other: Tokenizer, _ comment: String) throws {
        #expect(one.vocabularySize == other.vocabularySize, "\(comment)")
        let different = (0..<TokenID(one.vocabularySize)).first {
            one.bytes(of: $0) != other.bytes(of: $0) || one.isSpecial($0) != other.isSpecial($0)
        }
        #expect(different == nil, "\(comment)")
        for text in Self.texts {
            #expect(try one.encode(text) == other.encode(text), "\(comment): \(text)")
        }
    }

    private static func file(_ name: String) throws -> JSON {
        try Goldens.json("\(name)/tokenizer.json")
    }

    /// The file with its model changed.
    private func changed(
        _ file: JSON,
        _ change: (inout JSONObject) throws -> Void
    ) throws -> JSON {
        var object = try #require(file.object)
        var model = try #require(file["model"]?.object)
        try change(&model)
        object["model"] = .object(model)
        return .object(object)
    }

    /// All but ASCII as Python's `json.dump` writes it.
    private func escaped(_ json: JSON) -> [UInt8] {
        var output: [UInt8] = []
        for unit in json.text().utf16 {
            if unit < 0x7F {
                output.append(UInt8(unit))
            } else {
                output += Array((#"\u"# + String(0x10000 + Int(unit), radix: 16).dropFirst()).utf8)
            }
        }
        return output
    }

    @Test(
        arguments: ["llama3", "qwen2", "components/gemma", "components/llama2", "components/o200k"]
    )
    func sameTokenizer(_ name: String) throws {
        let file = try Self.file(name)
        let known = try Tokenizer(json: file, configuration: nil)
        try expectSame(read(file.bytes()), known, "compact")
        try expectSame(read(file.bytes(pretty: true)), known, "indented")
        try expectSame(read(escaped(file)), known, "escaped")
        let spaced = file.text(pretty: true).replacing("\n", with: " \t\r\n")
        try expectSame(read(spaced.utf8), known, "spaced")

        let merges = try #require(file["model"]?["merges"]?.array)
        let pairs = merges.map { merge in
            merge.array
                ?? merge.string?.split(separator: " ").map { .string(String($0)) } ?? []
        }
        let forms: [(String, [JSON])] = [
            ("pairs", pairs.map { .array($0) }),
            ("lines", pairs.map { .string($0.compactMap(\.string).joined(separator: " ")) }),
        ]
        for (form, merges) in forms {
            let other = try changed(file) { $0["merges"] = .array(merges) }
            try expectSame(read(other.bytes()), known, form)
        }
        let backwards = try changed(file) { model in
            let vocab = try #require(model["vocab"]?.object)
            model.members.reverse()
            model["vocab"] = .object(JSONObject(members: vocab.members.reversed()))
        }
        try expectSame(read(backwards.bytes()), known, "backwards")
    }

    /// What `JSON` refuses is refused, with its message.
    @Test(arguments: [
        (#""vocab":{"#, #""vocab":{,"#), (#""vocab":{"#, #""vocab":{"x" 1,"#),
        (#""vocab":{"#, #""vocab":{"x":01,"#), (#""vocab":{"#, #""vocab":{"\uD800":1,"#),
        (#""vocab":{"#, #""vocab":{"\x":1,"#), (#""vocab":{"#, "\"vocab\":{\"\n\":1,"),
        (#""merges":["#, #""merges":[,"#), (#""merges":["#, #""merges":[["a" "b"],"#),
        (#""version""#, #"{"version""#), (#""version""#, #"],"version""#),
    ])
    func brokenJSON(_ old: String, _ new: String) throws {
        let text = try Self.file("components/o200k").text().replacing(
            old,
            with: new,
            maxReplacements: 1
        )
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
        let error = #expect(throws: TokenizationError.self) { try read(text.utf8) }
        #expect(error?.description.contains("not JSON") == true, "\(String(describing: error))")
    }

    /// A key written twice has its last value, and tokens written twice are an error.
    @Test func writtenTwice() throws {
        let file = try Self.file("components/o200k")
        let known = try Tokenizer(json: file, configuration: nil)
        let twice = file.text().replacing(#""merges":"#, with: #""merges":[["?","?"]],"merges":"#)
        try expectSame(read(twice.utf8), known, "merges")
        let models = file.text().replacing(
            #""model":"#,
            with: #""model":{"type":"WordLevel"},"model":"#
        )
        #expect(try read(models.utf8).vocabularySize == known.vocabularySize)
        for model in ["{}", #"{"type":"BPE"}"#, "null", #"{"type":"BPE","vocab":{"a":0}}"#] {
            let text = file.text().dropLast() + #","model":"# + model + "}"
            #expect(throws: TokenizationError.self) { try read(text.utf8) }
        }
        for token in [#""a":0,"#, #""a":0,"a":1,"#, #""a":0,"\u0061":0,"#] {
            let text = #"{"model":{"type":"BPE","merges":[],"vocab":{"# + token + #""b":2}}}"#
            if token == #""a":0,"# {
                #expect(try read(text.utf8).encode("ab") == [0, 2])
            } else {
                #expect(throws: TokenizationError.self) { try read(text.utf8) }
            }
        }
    }

    /// Words with escapes cost no more than their own length, however long the file is. Here they take
    /// a few milliseconds; with a copy of the file for each it was half a minute.
    @Test func escapesEverywhere() throws {
        let words = (0..<30_000).map { #""\u0120\""# + String($0) + #"":"# + String($0) }
        let vocab = words.joined(separator: ",")
        let text = #"{"model":{"type":"BPE","vocab":{"# + vocab + #"},"merges":[]}}"#
        let start = Self.processorSeconds
        let tokenizer = try read(text.utf8)
        #expect(Self.processorSeconds - start < 1)
        #expect(tokenizer.vocabularySize == 30_000)
        #expect(tokenizer.id(of: "Ġ\"29999") == 29_999)
    }

    /// Of this thread: others may keep the machine busy.
    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Changed bytes: read if and only if the general parser's values are, and as the same.
    @Test(arguments: 0..<4)
    func changedBytes(_ seed: Int) throws {
        var random = Lehmer(seed: UInt64(900 + seed))
        let names = ["components/gemma", "components/o200k"]
        let original = try Self.file(names[seed % 2]).bytes(pretty: seed > 1)
        var accepted = 0
        for round in 0..<250 {
            var bytes = original
            for _ in 0...random.below(3) {
                let place = random.below(bytes.count)
                let marks = Array(#"\"{}[],: 019utf"#.utf8) + [0x00, 0x0A, 0x80, 0xC3, 0xFF]
                switch random.below(3) {
                case 0: bytes[place] = marks[random.below(marks.count)]
                case 1: bytes.insert(marks[random.below(marks.count)], at: place)
                default: bytes.remove(at: place)
                }
            }
            let known = (try? JSON(parsing: bytes)).flatMap {
                try? Tokenizer(json: $0, configuration: nil)
            }
            let tokenizer = try? read(bytes)
            #expect((tokenizer == nil) == (known == nil), "round \(round)")
            guard let known, let tokenizer else { continue }
            accepted += 1
            try expectSame(tokenizer, known, "round \(round)")
        }
        #expect((1..<250).contains(accepted))
    }
}
