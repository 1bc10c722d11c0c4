import Core
import Foundation
import Testing
import Tokenization

/// Ids and text equal to the `sentencepiece` package, and to llama.cpp where the vocabulary comes from
/// a GGUF file.
@Suite struct SentencePieceTests {
    static let models = ["bpe", "bpe-strict", "unigram", "unigram-bytes"]

    static func bytes(_ name: String) throws -> [UInt8] {
        let path = Goldens.folder + "/sentencepiece/\(name).model"
        return [UInt8](try Data(contentsOf: URL(filePath: path)))
    }

    static func tokenizer(_ name: String, _ configuration: JSON? = nil) throws -> Tokenizer {
        try Tokenizer(sentencePiece: bytes(name), configuration: configuration)
    }

    @Test(arguments: models)
    func idsAndTexts(_ name: String) throws {
        let tokenizer = try Self.tokenizer(name)
        let expected = try Goldens.json("sentencepiece/\(name).json")
        let texts = try Goldens.strings()
        let indices = Goldens.ids(expected["texts"])
        let ids = try #require(expected["ids"]?.array)
        let decoded = try #require(expected["decoded"]?.array).map { $0.string ?? "" }
        #expect(indices.count > 300 && ids.count == indices.count && decoded.count == ids.count)
        for (place, index) in indices.enumerated() {
            let text = texts[Int(index)]
            let known = Goldens.ids(ids[place])
            #expect(try tokenizer.encode(text) == known, "\(text.debugDescription)")
            let back = tokenizer.decode(known, skipSpecial: false)
            #expect(Array(back.utf8) == Array(decoded[place].utf8), "\(text.debugDescription)")
        }
    }

    /// All strings in one: long texts fall apart into the same tokens as short ones.
    @Test(arguments: ["bpe", "bpe-strict", "unigram", "unigram-bytes"])
    func longTexts(_ name: String) throws {
        let tokenizer = try Self.tokenizer(name, ["add_prefix_space": false])
        let texts = try Goldens.strings().prefix(300)
        // No piece spans this character.
        let separator = "\u{10FFFF}"
        let alone = try texts.map { try tokenizer.encode("x" + $0 + "x") }
        let between = try tokenizer.encode(separator)
        let joined = texts.map { "x" + $0 + "x" }.joined(separator: separator)
        #expect(try tokenizer.encode(joined) == Array(alone.joined(separator: between)))
    }

    @Test func controlTokensComeFromTemplatesOnly() throws {
        let tokenizer = try Self.tokenizer("bpe")
        let eos = try #require(tokenizer.id(of: "</s>"))
        #expect(tokenizer.eosID == eos && tokenizer.bosToken == "<s>")
        #expect(try tokenizer.encode("a</s>", parseSpecial: true).last == eos)
        #expect(try !tokenizer.encode("a</s>").contains(eos))
        #expect(try !tokenizer.encode(.input("a</s><0x41><unk>")).contains { $0 < 3 })
        let tool = try #require(tokenizer.id(of: "<tool_call>"))
        #expect(try tokenizer.encode("a<tool_call>b").contains(tool))
        #expect(try !tokenizer.encode(.input("a<tool_call>b")).contains(tool))
        for name in Self.models {
            let tokenizer = try Self.tokenizer(name)
            let ids = try tokenizer.encode(.input("<s></s><pad><s>"))
            #expect(!ids.contains { tokenizer.isSpecial($0) && tokenizer.text(of: $0) != "<unk>" })
        }
    }

    @Test func configurationSaysWhatGoesAround() throws {
        #expect(try Self.tokenizer("bpe").encode("a", addSpecial: true).first == 1)
        let bare = try Self.tokenizer("bpe", ["add_bos_token": false, "add_eos_token": true])
        #expect(try bare.encode("a", addSpecial: true).first != 1)
        #expect(try bare.encode("a", addSpecial: true).last == 2)
        let first = try Self.tokenizer("bpe", ["legacy": false])
        let tool = try #require(first.id(of: "<tool_call>"))
        let plain = try Self.tokenizer("bpe", ["add_prefix_space": false])
        #expect(
            try first.encode("b<tool_call>a") == first.encode("b") + [tool] + plain.encode("a")
        )
    }

    @Test func llamaVocabulariesOfGGUF() throws {
        let file = try Goldens.json("sentencepiece/gguf.json")
        let tokenizer = try Tokenizer(gguf: Self.gguf(file))
        let texts = try Goldens.strings()
        let indices = Goldens.ids(file["texts"])
        for (key, special) in [("plain", false), ("special", true)] {
            let known = try #require(file[key]?.array).map(Goldens.ids)
            #expect(known.count == indices.count)
            for (index, ids) in zip(indices, known) {
                let text = texts[Int(index)]
                #expect(
                    try tokenizer.encode(text, parseSpecial: special) == ids,
                    "\(text.debugDescription)"
                )
            }
        }
        #expect(try tokenizer.encode("a", addSpecial: true).first == 1)
    }

    static func gguf(_ file: JSON) -> GGUFTokenizer {
        GGUFTokenizer(
            model: "llama",
            preTokenizer: nil,
            tokens: file["tokens"]?.array?.compactMap(\.string) ?? [],
            types: file["types"]?.array?.compactMap(\.int) ?? [],
            merges: [],
            scores: file["scores"]?.array?.compactMap { $0.double.map { Float($0) } } ?? [],
            bosID: 1,
            eosID: 2
        )
    }

    @Test func ggufContradictions() throws {
        let file = try Goldens.json("sentencepiece/gguf.json")
        func message(_ change: (inout GGUFTokenizer) -> Void) -> TokenizationError? {
            var gguf = Self.gguf(file)
            change(&gguf)
            do throws(TokenizationError) {
                _ = try Tokenizer(gguf: gguf)
                return nil
            } catch { return error }
        }
        #expect(message { _ in } == nil)
        #expect(message { $0.scores.removeLast() }?.location == "tokenizer.ggml.scores")
        #expect(message { $0.scores[7] = .nan }?.location == "tokenizer.ggml.scores")
        #expect(message { $0.types.removeLast() }?.code == .inconsistent)
        #expect(message { $0.unknownID = 1 << 40 }?.code == .inconsistent)
        #expect(message { $0.bosID = -1 }?.code == .inconsistent)
        #expect(message { $0.tokens[8] = $0.tokens[9] }?.code == .inconsistent)
        #expect(message { $0.model = "rwkv" }?.code == .unsupported)
        #expect(message { $0.model = "t5" } == nil)
    }

    @Test(arguments: ["a", " ", "\n", "😀", "▁", "e\u{301}", "ab ", "\u{0}"])
    func longRuns(_ unit: String) throws {
        let text = String(repeating: unit, count: 1 << 16)
        for name in Self.models {
            let ids = try Self.tokenizer(name).encode(.input(text))
            #expect(ids.count <= 4 * text.utf8.count + 1, "\(name)")
        }
    }

    /// Changed, cut and random files are refused or read, and nothing else happens.
    @Test func brokenFiles() throws {
        var random = Lehmer(seed: 31)
        var accepted = 0
        for name in ["bpe", "unigram"] {
            let data = try Self.bytes(name)
            for round in 0..<300 {
                var changed = data
                for _ in 0...random.below(4) {
                    let place = random.below(round % 2 == 0 ? 64 : changed.count)
                    changed[place] = UInt8.random(in: 0...255, using: &random)
                }
                if round % 5 == 0 { changed.removeLast(random.below(changed.count)) }
                guard let tokenizer = try? Tokenizer(sentencePiece: changed, configuration: nil)
                else { continue }
                accepted += 1
                _ = tokenizer.decode(try tokenizer.encode("it's <s> a\u{301} 12  "))
            }
        }
        #expect(accepted < 600)
        for _ in 0..<300 {
            let noise = (0..<random.below(200)).map { _ in UInt8.random(in: 0...255, using: &random)
            }
            #expect(throws: TokenizationError.self) {
                try Tokenizer(sentencePiece: noise, configuration: nil)
            }
        }
    }

    @Test(
        arguments: [
            ([], "no pieces"),
            ([0x0A, 0x05, 0x0A], "longer than its message"),
            ([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], "longer"),
            ([0x80], "cut off"),
            ([0x0B], "wire type"),
            ([0x00], "without a number"),
            ([0x12, 0x02, 0x18, 0x03], "model type 3"),
            ([0x12, 0x03, 0xC0, 0x01, 0x01], "treat_whitespace_as_suffix"),
            ([0x0A, 0x03, 0x0A, 0x01, 0xFF], "no UTF-8"),
            ([0x0A, 0x05, 0x0A, 0x01, 0x61, 0x18, 0x09], "type 9"),
            ([0x0A, 0x03, 0x0A, 0x01, 0x61], "unknown piece"),
        ] as [([UInt8], String)]
    )
    func refusals(_ data: [UInt8], _ words: String) {
        let error = #expect(throws: TokenizationError.self) {
            try Tokenizer(sentencePiece: data, configuration: nil)
        }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }
}
