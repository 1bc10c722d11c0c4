import Core
import Testing
import Tokenization

/// Each of llama.cpp's names for a way to split words means what the published tokenizers of that name
/// do.
@Suite struct SplittingTests {
    @Test(arguments: [
        "gpt-2", "starcoder", "llama-bpe", "qwen2", "qwen35", "gpt-4o", "tekken", "kimi-k2",
        "deepseek-coder", "deepseek-v3", "falcon", "bloom",
    ])
    func idsOfStrings(_ name: String) throws {
        let tokenizer = try Tokenizer(gguf: Self.gguf(name))
        let file = try Goldens.json("sentencepiece/splitting.json")
        let texts = try Goldens.strings()
        let indices = Goldens.ids(file["texts"])
        let known = try #require(file["ids"]?[name]?.array).map(Goldens.ids)
        #expect(known.count == indices.count && known.count > 150)
        for (index, ids) in zip(indices, known) {
            let text = texts[Int(index)]
            #expect(try tokenizer.encode(text) == ids, "\(text.debugDescription)")
        }
    }

    /// Every name is read, and one that nobody knows is answered with all of them.
    @Test(arguments: [
        "default", "llama3", "llama4", "deepseek-llm", "mpt", "refact", "command-r", "gpt-neox",
        "olmo", "dbrx", "smollm", "chatglm-bpe", "glm4", "exaone", "exaone-moe", "minerva-7b",
        "granite", "viking", "bailingmoe", "seed-coder", "tiny_aya", "superbpe",
    ])
    func knownNames(_ name: String) throws {
        let tokenizer = try Tokenizer(gguf: Self.gguf(name))
        for text in try Goldens.strings().prefix(60) {
            let ids = try tokenizer.encode(.input(text))
            // Composed text is equal to what was composed, for strings.
            #expect(tokenizer.decode(ids, skipSpecial: false) == text, "\(text.debugDescription)")
        }
        var other = try Self.gguf("nobody")
        let error = #expect(throws: TokenizationError.self) { try Tokenizer(gguf: other) }
        #expect(error?.code == .unsupported && error?.message.contains(name) == true)
        other.preTokenizer = nil
        let unsaid = #expect(throws: TokenizationError.self) { try Tokenizer(gguf: other) }
        #expect(unsaid?.message.contains("does not say") == true)
    }

    /// The vocabulary of goldens/llama3.
    static func gguf(_ name: String) throws -> GGUFTokenizer {
        let json = try Goldens.json("llama3/tokenizer.json")
        var spellings: [Int: String] = [:]
        for member in try #require(json["model"]?["vocab"]?.object).members {
            spellings[member.value.int ?? -1] = member.key
        }
        let merges = try #require(json["model"]?["merges"]?.array)
        return GGUFTokenizer(
            model: "gpt2",
            preTokenizer: name,
            tokens: (0..<spellings.count).map { spellings[$0] ?? "" },
            merges: merges.map { $0.array?.compactMap(\.string).joined(separator: " ") ?? "" },
            bosID: 0,
            eosID: 0
        )
    }
}
