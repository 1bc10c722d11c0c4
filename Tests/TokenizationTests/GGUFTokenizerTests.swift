import Core
import Foundation
import Testing
import Tokenization

/// A tokenizer from GGUF's metadata gives the ids of the tokenizer.json it was made from.
@Suite struct GGUFTokenizerTests {
    /// How each golden tokenizer splits words, in llama.cpp's words.
    private static let splittings = [
        "gpt2": "gpt-2", "llama3": "llama-bpe", "qwen2": "qwen2", "shipped": "stablelm2",
    ]

    /// tokenizer.json without what GGUF cannot say: spaces put in front of texts or taken along by
    /// added tokens, and matching by words.
    private func plain(_ name: String) throws -> JSON {
        let file =
            name == "shipped"
            ? Goldens.root + "/tokenizer/tokenizer.json"
            : Goldens.folder + "/\(name)/tokenizer.json"
        var json = try #require(
            JSON(parsing: Data(contentsOf: URL(filePath: file))).object
        )
        let added = try #require(json["added_tokens"]?.array).map { token -> JSON in
            var members = token.object ?? [:]
            for key in ["lstrip", "rstrip", "single_word", "normalized"] { members[key] = false }
            return .object(members)
        }
        json["added_tokens"] = .array(added)
        if var members = json["pre_tokenizer"]?.object, members["type"] == "ByteLevel" {
            members["add_prefix_space"] = false
            json["pre_tokenizer"] = .object(members)
        }
        return .object(json)
    }

    private func gguf(_ json: JSON, _ name: String) throws -> GGUFTokenizer {
        var spellings: [Int: String] = [:]
        var types: [Int: Int] = [:]
        for member in try #require(json["model"]?["vocab"]?.object).members {
            spellings[try #require(member.value.int)] = member.key
        }
        for token in try #require(json["added_tokens"]?.array) {
            let id = try #require(token["id"]?.int)
            spellings[id] = token["content"]?.string
            types[id] = token["special"]?.bool == true ? 3 : 4
        }
        let merges = try #require(json["model"]?["merges"]?.array).map { merge in
            merge.string ?? merge.array?.compactMap(\.string).joined(separator: " ") ?? ""
        }
        let count = spellings.count
        let single = Self.template(json["post_processor"])
        let text = single.firstIndex { $0["Sequence"] != nil } ?? 0
        func id(_ piece: JSON?) -> Int? {
            let name = piece?["SpecialToken"]?["id"]?.string
            return spellings.first { $0.value == name }?.key
        }
        return GGUFTokenizer(
            model: "gpt2",
            preTokenizer: Self.splittings[name],
            // Rows of the embedding that no token has.
            tokens: (0..<count + 3).map { spellings[$0] ?? "[PAD\($0)]" },
            types: (0..<count + 3).map { types[$0] ?? ($0 < count ? 1 : 5) },
            merges: merges,
            bosID: text > 0 ? id(single[0]) : nil,
            eosID: single.count > text + 1 ? id(single[text + 1]) : nil,
            addsBOS: text > 0,
            addsEOS: single.count > text + 1
        )
    }

    private static func template(_ json: JSON?) -> [JSON] {
        if let single = json?["single"]?.array { return single }
        return json?["processors"]?.array?.lazy.map(template).first { !$0.isEmpty } ?? []
    }

    @Test(arguments: Goldens.names)
    func idsAreTheSame(_ name: String) throws {
        let json = try plain(name)
        let expected = try Tokenizer(json: json, configuration: nil)
        let tokenizer = try Tokenizer(gguf: gguf(json, name))
        #expect(tokenizer.vocabularySize == expected.vocabularySize + 3)
        for text in try Goldens.strings() {
            for special in [false, true] {
                let known = try expected.encode(text, parseSpecial: special)
                let ids = try tokenizer.encode(text, parseSpecial: special)
                #expect(ids == known, "\(text.debugDescription)")
                #expect(
                    tokenizer.decode(ids, skipSpecial: false)
                        == expected.decode(known, skipSpecial: false)
                )
            }
        }
        let known = try expected.encode("Hello", addSpecial: true)
        #expect(try tokenizer.encode("Hello", addSpecial: true) == known)
        for id in 0..<TokenID(expected.vocabularySize) {
            #expect(tokenizer.isSpecial(id) == expected.isSpecial(id))
        }
    }

    private func message(_ change: (inout GGUFTokenizer) -> Void) throws -> TokenizationError? {
        var tokenizer = try gguf(plain("llama3"), "llama3")
        change(&tokenizer)
        do throws(TokenizationError) {
            _ = try Tokenizer(gguf: tokenizer)
            return nil
        } catch { return error }
    }

    @Test func saysWhatItReads() throws {
        #expect(try message { _ in } == nil)
        let model = try message { $0.model = "bert" }
        #expect(model?.code == .unsupported)
        #expect(model?.description.contains("\"bert\"") == true)
        let unknown = try message { $0.preTokenizer = "nobody" }
        #expect(unknown?.code == .unsupported)
        #expect(unknown?.description.contains("nobody") == true)
        #expect(unknown?.description.contains("llama-bpe, llama3") == true)
        let unsaid = try message { $0.preTokenizer = nil }
        #expect(unsaid?.description.contains("does not say") == true)
    }

    @Test func refusesContradictions() throws {
        #expect(try message { $0.types.removeLast() }?.code == .inconsistent)
        #expect(try message { $0.tokens[5] = $0.tokens[6] } != nil)
        #expect(try message { $0.merges[0] = "no-such token" } != nil)
        #expect(try message { $0.merges[0] = "single" } != nil)
        #expect(try message { $0.bosID = 1 << 40 }?.code == .inconsistent)
        #expect(try message { $0.bosID = -1 }?.code == .inconsistent)
        #expect(try message { $0.tokens = [] } != nil)
    }

    /// Llama 3's files begin texts with a token where they do not say otherwise.
    @Test func theSplittingDecidesWhatIsNotSaid() throws {
        var llama = try gguf(plain("llama3"), "llama3")
        let bos = TokenID(try #require(llama.bosID))
        llama.addsBOS = nil
        #expect(try Tokenizer(gguf: llama).encode("x", addSpecial: true).first == bos)
        llama.addsBOS = false
        #expect(try Tokenizer(gguf: llama).encode("x", addSpecial: true).first != bos)
        var qwen = try gguf(plain("qwen2"), "qwen2")
        qwen.addsBOS = nil
        qwen.bosID = 0
        #expect(try Tokenizer(gguf: qwen).encode("x", addSpecial: true).first != 0)
        #expect(try Tokenizer(gguf: qwen).bosToken == qwen.tokens[0])
    }
}
