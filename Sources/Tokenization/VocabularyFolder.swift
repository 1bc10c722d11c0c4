import Core

/// `vocab.json` and `merges.txt`, as GPT-2 and Qwen2 were first published, in the words of
/// tokenizer.json. How words split is not in these files; tokenizer_config.json names the class that
/// knows.
struct VocabularyFolder {
    /// What the first two files list.
    let lists: ModelLists
    private let configuration: JSON?
    /// What added_tokens.json holds: ids by token.
    private let addedTokens: JSON?

    /// - Parameters:
    ///   - tokens: what vocab.json lists.
    ///   - merges: the contents of merges.txt.
    init(
        _ tokens: ModelLists,
        merges: [UInt8],
        configuration: JSON?,
        addedTokens: JSON?
    ) throws(TokenizationError) {
        var lists = tokens
        try lists.addMerges(merges)
        self.lists = lists
        self.configuration = configuration
        self.addedTokens = addedTokens
    }

    private enum Family {
        case gpt2, qwen2
    }

    /// tokenizer.json without what `lists` has.
    func json() throws(TokenizationError) -> JSON {
        let family = try family()
        return [
            "version": "1.0",
            "added_tokens": .array(try added()),
            "normalizer": family == .qwen2 ? ["type": "NFC"] : .null,
            "pre_tokenizer": preTokenizer(family),
            "post_processor": .null,
            "decoder": ["type": "ByteLevel"],
            "model": ["type": "BPE", "vocab": [:], "merges": []],
        ]
    }

    private func family() throws(TokenizationError) -> Family {
        let name = configuration?["tokenizer_class"]?.string ?? "GPT2Tokenizer"
        switch name {
        case "GPT2Tokenizer", "GPT2TokenizerFast", "CodeGenTokenizer", "CodeGenTokenizerFast":
            return .gpt2
        case "Qwen2Tokenizer", "Qwen2TokenizerFast": return .qwen2
        default:
            throw TokenizationError(
                .unsupported,
                "unsupported without tokenizer.json: \"\(name.prefix(40))\"; known are GPT2Tokenizer, "
                    + "CodeGenTokenizer and Qwen2Tokenizer",
                at: "tokenizer_config.tokenizer_class"
            )
        }
    }

    private func preTokenizer(_ family: Family) -> JSON {
        let prefix = JSON.bool(configuration?["add_prefix_space"]?.bool ?? false)
        switch family {
        case .gpt2: return ["type": "ByteLevel", "add_prefix_space": prefix]
        case .qwen2:
            let split: JSON = [
                "type": "Split", "behavior": "Isolated", "invert": false,
                "pattern": ["Regex": .string(WordScanner.cl100kPattern(#"\p{N}"#))],
            ]
            let bytes: JSON = [
                "type": "ByteLevel", "add_prefix_space": prefix, "use_regex": false,
            ]
            return ["type": "Sequence", "pretokenizers": [split, bytes]]
        }
    }

    // MARK: added tokens

    private static let flags = ["single_word", "lstrip", "rstrip", "normalized", "special"]

    /// From tokenizer_config.json, from added_tokens.json, and those that the configuration names.
    private func added() throws(TokenizationError) -> [JSON] {
        var tokens: [Int: JSON] = [:]
        for (key, token) in configuration?["added_tokens_decoder"]?.object?.pairs ?? [] {
            guard let id = Int(key), token["content"]?.string != nil else {
                throw TokenizationError(
                    .malformed,
                    "expected a token by its id",
                    at: "tokenizer_config.added_tokens_decoder"
                )
            }
            tokens[id] = entry(token, id)
        }
        for (content, id) in addedTokens?.object?.pairs ?? [] {
            guard let id = id.int else {
                throw TokenizationError(
                    .malformed,
                    "expected ids by token",
                    at: "added_tokens.json"
                )
            }
            tokens[id] = tokens[id] ?? entry(["content": .string(content)], id)
        }
        for name in namedTokens() {
            guard let id = lists.id(of: name), tokens[id] == nil else { continue }
            tokens[id] = entry(["content": .string(name), "special": true], id)
        }
        return tokens.sorted { $0.key < $1.key }.map(\.value)
    }

    private func entry(_ token: JSON, _ id: Int) -> JSON {
        var members: JSONObject = ["id": .int(id), "content": token["content"] ?? .null]
        for flag in Self.flags { members[flag] = token[flag] ?? false }
        return .object(members)
    }

    /// Control tokens by their part, such as `bos_token`.
    private func namedTokens() -> [String] {
        let keys = ["bos_token", "eos_token", "unk_token", "pad_token"]
        let named = keys.compactMap { key -> String? in
            let value = configuration?[key]
            // What the classes above say themselves.
            if value == nil, key != "pad_token" { return "<|endoftext|>" }
            return value?.string ?? value?["content"]?.string
        }
        let more = configuration?["additional_special_tokens"]?.array ?? []
        return named + more.compactMap { $0.string ?? $0["content"]?.string }
    }
}

extension ModelLists {
    fileprivate func id(of name: String) -> Int? {
        tokens.first { text[$0.name.range].elementsEqual(name.utf8) }?.id
    }

    /// Adds the lines of merges.txt but its head.
    fileprivate mutating func addMerges(_ file: [UInt8]) throws(TokenizationError) {
        guard (try? UTF8Span(validating: file.span)) != nil else {
            throw TokenizationError(.malformed, "not UTF-8", at: "merges.txt")
        }
        let head = Array("#version".utf8)
        var end = text.count
        text += file
        while end < text.count {
            let start = end
            while end < text.count, text[end] != 0x0A { end += 1 }
            var line = start..<end
            end += 1
            if !line.isEmpty, text[line.upperBound - 1] == 0x0D { line = start..<end - 2 }
            if line.isEmpty || text[line].starts(with: head) { continue }
            guard let merge = merge(line) else {
                throw TokenizationError(
                    .malformed,
                    "expected two tokens, as \"a b\"",
                    at: "merges.txt[\(merges.count)]"
                )
            }
            merges.append(merge)
        }
    }
}

extension JSONObject {
    fileprivate var pairs: [(String, JSON)] { members.map { ($0.key, $0.value) } }
}
