import Core
import Foundation
import Testing
import Tokenization

/// Published vocabularies and the ids that llama.cpp's own tests expect of them; they lie beside the
/// repository where they are at hand.
@Suite struct SharedVocabularyTests {
    static let folder = Goldens.root + "/../shared/tokenizers/"
    static let isThere = FileManager.default.fileExists(atPath: folder)

    @Test(
        .enabled(if: isThere, "skipped: ../shared/tokenizers is not there"),
        arguments: ["gpt-2", "llama-bpe", "qwen2", "llama-spm"]
    )
    func idsOfPublishedVocabularies(_ name: String) throws {
        let path = Self.folder + "ggml-vocab-\(name).gguf"
        let metadata = try Metadata(path)
        let tokenizer = try Tokenizer(
            gguf: GGUFTokenizer(
                model: metadata.text("tokenizer.ggml.model") ?? "",
                preTokenizer: metadata.text("tokenizer.ggml.pre"),
                tokens: metadata.texts("tokenizer.ggml.tokens"),
                types: metadata.numbers("tokenizer.ggml.token_type").map { Int($0) },
                merges: metadata.texts("tokenizer.ggml.merges"),
                scores: metadata.numbers("tokenizer.ggml.scores").map { Float(bitPattern: $0) },
                bosID: metadata.numbers("tokenizer.ggml.bos_token_id").first.map { Int($0) },
                eosID: metadata.numbers("tokenizer.ggml.eos_token_id").first.map { Int($0) }
            )
        )
        let texts = try file(path + ".inp").components(separatedBy: "\n__ggml_vocab_test__\n")
        let lines = try file(path + ".out").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(texts.count == 47)
        for (text, line) in zip(texts, lines) {
            let known = line.split(separator: " ").compactMap { TokenID($0) }
            #expect(try tokenizer.encode(text) == known, "\(text.debugDescription)")
        }
    }

    private func file(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }
}

/// As much of a GGUF file as these files need.
private struct Metadata {
    private var strings: [String: [String]] = [:]
    private var words: [String: [UInt32]] = [:]
    private let data: Data
    private var offset = 8

    init(_ path: String) throws {
        data = try Data(contentsOf: URL(filePath: path))
        _ = number(8)
        for _ in 0..<number(8) {
            let key = string()
            try read(key, type: number(4))
        }
    }

    func text(_ key: String) -> String? { strings[key]?.first }
    func texts(_ key: String) -> [String] { strings[key] ?? [] }
    func numbers(_ key: String) -> [UInt32] { words[key] ?? [] }

    private mutating func read(_ key: String, type: Int) throws {
        switch type {
        case 8: strings[key] = [string()]
        case 4, 5, 6: words[key] = [UInt32(number(4))]
        case 0, 1, 7: _ = number(1)
        case 9:
            let type = number(4)
            let count = number(8)
            if type == 8 {
                strings[key] = (0..<count).map { _ in string() }
            } else {
                words[key] = (0..<count).map { _ in UInt32(number(4)) }
            }
        default: throw TokenizationError(.malformed, "type \(type) of \(key)")
        }
    }

    private mutating func number(_ size: Int) -> Int {
        let value = data[offset..<offset + size].reversed().reduce(0) { $0 << 8 | Int($1) }
        offset += size
        return value
    }

    private mutating func string() -> String {
        let length = number(8)
        let text = String(decoding: data[offset..<offset + length], as: UTF8.self)
        offset += length
        return text
    }
}
