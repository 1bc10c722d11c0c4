import ChatTemplates
import Core
import Foundation
import Generation
import ModelFiles
import Testing
import Tokenization

/// Published vocabularies, with the ids that llama.cpp's own tests expect of them, and published
/// chat templates; they lie beside the repository where they are at hand.
@Suite struct SharedVocabularyTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../shared/").standardized.path
    static let isThere = FileManager.default.fileExists(atPath: folder + "/tokenizers")

    private func vocabulary(_ name: String) throws -> StoredVocabulary {
        let path = Self.folder + "/tokenizers/ggml-vocab-\(name).gguf"
        return try #require(try GGUFText(path: path).vocabulary)
    }

    @Test(
        .enabled(if: isThere, "skipped: ../shared/tokenizers is not there"),
        arguments: ["gpt-2", "llama-bpe", "qwen2", "llama-spm"]
    )
    func idsOfPublishedVocabularies(_ name: String) throws {
        let tokenizer = try vocabulary(name).tokenizer()
        let path = Self.folder + "/tokenizers/ggml-vocab-\(name).gguf"
        let texts = try String(contentsOfFile: path + ".inp", encoding: .utf8)
            .components(separatedBy: "\n__ggml_vocab_test__\n")
        let lines = try String(contentsOfFile: path + ".out", encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
        #expect(texts.count == 47)
        for (text, line) in zip(texts, lines) {
            let known = line.split(separator: " ").compactMap { TokenID($0) }
            #expect(try tokenizer.encode(text) == known, "\(text.debugDescription)")
        }
    }

    /// Promise 4: every control token of every vocabulary, spelled in a message of each role, under
    /// every template that takes the conversation.
    @Test(
        .enabled(if: isThere, "skipped: ../shared/tokenizers is not there"),
        arguments: ["gpt-2", "llama-bpe", "qwen2", "llama-spm"]
    )
    func messagesMakeNoControlToken(_ name: String) throws {
        let vocabulary = try vocabulary(name)
        let tokenizer = try vocabulary.tokenizer()
        let controls = (0..<tokenizer.vocabularySize).map { TokenID($0) }
            .filter(tokenizer.isSpecial)
        #expect(!controls.isEmpty)
        var rendered = 0
        for file in try FileManager.default.contentsOfDirectory(atPath: Self.folder + "/templates")
        where file.hasSuffix(".jinja") {
            let path = Self.folder + "/templates/" + file
            let template = try ChatTemplate(source: String(contentsOfFile: path, encoding: .utf8))
            for role in ["system", "user", "assistant", "tool"] {
                let honest = try? ids(template, tokenizer, role, "word")
                guard let honest else { continue }
                let allowed = honest.filter(tokenizer.isSpecial).count
                rendered += 1
                for control in controls {
                    let text = "a" + tokenizer.text(of: control) + "b"
                    let found = try ids(template, tokenizer, role, text)
                    #expect(
                        found.filter(tokenizer.isSpecial).count == allowed,
                        "\(file), \(role): \(text)"
                    )
                }
            }
        }
        #expect(rendered > 20)
    }

    private func ids(
        _ template: ChatTemplate,
        _ tokenizer: Tokenizer,
        _ role: String,
        _ text: String
    ) throws -> [TokenID] {
        var messages: [JSON] = [["role": "user", "content": "hello"]]
        let message: JSON = ["role": .string(role), "content": .string(text)]
        if role == "system" { messages.insert(message, at: 0) } else { messages.append(message) }
        let request = ChatRequest(messages: messages)
        let prompt = try template.render(
            request,
            bosToken: tokenizer.bosToken ?? "",
            eosToken: tokenizer.eosToken ?? ""
        )
        return try tokenizer.encode(prompt)
    }
}
