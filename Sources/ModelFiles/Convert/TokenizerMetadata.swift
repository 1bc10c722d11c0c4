internal import Core

/// A tokenizer.json as GGUF says it: byte-level BPE, its words split in a way that llama.cpp has a
/// name for.
struct TokenizerMetadata {
    private let path: String
    private let json: JSON
    private let settings: JSON
    private let source: ModelSource
    /// Id of every token, by its spelling.
    private let ids: [String: Int]

    /// Nothing but "none" for a model without tokenizer; an error for one that GGUF cannot say.
    static func pairs(
        _ source: ModelSource
    ) throws(ModelFileError) -> [(key: String, value: GGUFValue)] {
        guard let folder = source.tokenizerFolder else {
            return [("tokenizer.ggml.model", GGUFValue("none"))] + template(source)
        }
        return try TokenizerMetadata(source, folder: folder).pairs() + template(source)
    }

    private static func template(_ source: ModelSource) -> [(key: String, value: GGUFValue)] {
        source.chatTemplate.map { [("tokenizer.chat_template", GGUFValue($0))] } ?? []
    }

    private init(_ source: ModelSource, folder: String) throws(ModelFileError) {
        self.source = source
        path = folder + "/tokenizer.json"
        json = try SmallFile.json(path, limit: Limits.tokenizerBytes)
        let config = folder + "/tokenizer_config.json"
        settings = SmallFile.exists(config) ? try SmallFile.json(config) : .object([:])
        var ids: [String: Int] = [:]
        for member in json["model"]?["vocab"]?.object?.members ?? [] {
            ids[member.key] = member.value.int
        }
        for token in json["added_tokens"]?.array ?? [] {
            if let content = token["content"]?.string { ids[content] = token["id"]?.int }
        }
        self.ids = ids
    }

    private func pairs() throws(ModelFileError) -> [(key: String, value: GGUFValue)] {
        let (tokens, types) = try tokens()
        var pairs: [(key: String, value: GGUFValue)] = [
            ("tokenizer.ggml.model", GGUFValue("gpt2")),
            ("tokenizer.ggml.pre", GGUFValue(try preTokenizer())),
            ("tokenizer.ggml.tokens", GGUFValue(array: tokens)),
            ("tokenizer.ggml.token_type", GGUFValue(array: types)),
            ("tokenizer.ggml.merges", GGUFValue(array: try merges())),
        ]
        for (key, id) in specialIDs() {
            if let id = UInt32(exactly: id) { pairs.append((key, GGUFValue(id))) }
        }
        let (before, after) = try surroundings()
        pairs.append(("tokenizer.ggml.add_bos_token", GGUFValue(before)))
        pairs.append(("tokenizer.ggml.add_eos_token", GGUFValue(after)))
        return pairs
    }

    private func unsupported(_ what: String) -> ModelFileError {
        ModelFileError(.unsupported, path: path, what + ", which this build cannot write as GGUF")
    }

    // MARK: tokens

    /// As many as the embedding has rows; those without a spelling are unused.
    private func tokens() throws(ModelFileError) -> ([String], [Int32]) {
        let count = source.config["vocab_size"]?.int ?? ids.count
        guard let highest = ids.values.max(), ids.values.allSatisfy({ $0 >= 0 }), highest < count,
            count <= 1 << 24
        else {
            throw ModelFileError(
                .malformed,
                path: path,
                "has token ids beyond config.json's vocab_size of \(count)"
            )
        }
        var tokens = (0..<count).map { "[PAD\($0)]" }
        var types = [Int32](repeating: 5, count: count)
        for (token, id) in ids {
            tokens[id] = token
            types[id] = 1
        }
        for token in json["added_tokens"]?.array ?? [] {
            guard let id = token["id"]?.int, types.indices.contains(id) else { continue }
            types[id] = token["special"]?.bool == true ? 3 : 4
        }
        return (tokens, types)
    }

    private func merges() throws(ModelFileError) -> [String] {
        guard let list = json["model"]?["merges"]?.array, json["model"]?["type"] ?? "BPE" == "BPE"
        else { throw unsupported("is not byte-pair encoding") }
        var merges: [String] = []
        merges.reserveCapacity(list.count)
        for merge in list {
            if let line = merge.string {
                merges.append(line)
            } else if let pair = merge.array, pair.count == 2, let left = pair[0].string,
                let right = pair[1].string, !left.contains(" "), !right.contains(" ")
            {
                merges.append(left + " " + right)
            } else {
                throw unsupported("has the merge \(merge.text().prefix(60))")
            }
        }
        return merges
    }

    /// The usual end of a text first: tokenizer_config.json's, or the first of
    /// generation_config.json's; the others under the names of ends of turns and messages.
    private func specialIDs() -> [(key: String, id: Int)] {
        func token(_ key: String) -> Int? {
            let value = settings[key]
            return (value?.string ?? value?["content"]?.string).flatMap { ids[$0] }
        }
        func listed(_ json: JSON?) -> [Int] {
            let value = json?["eos_token_id"]
            return value?.array?.compactMap(\.int) ?? (value?.int).map { [$0] } ?? []
        }
        var ends = listed(source.generationConfig)
        if ends.isEmpty { ends = listed(source.config) }
        if let usual = token("eos_token") { ends = [usual] + ends.filter { $0 != usual } }
        var pairs = zip(GGUFVocabulary.endKeys, ends).map { ($0, $1) }
        let begin = token("bos_token") ?? source.config["bos_token_id"]?.int
        if let begin { pairs.append(("tokenizer.ggml.bos_token_id", begin)) }
        if let pad = token("pad_token") { pairs.append(("tokenizer.ggml.padding_token_id", pad)) }
        if let unknown = token("unk_token") {
            pairs.append(("tokenizer.ggml.unknown_token_id", unknown))
        }
        return pairs.filter { (0..<(source.config["vocab_size"]?.int ?? .max)).contains($0.1) }
    }

    // MARK: pipeline

    private static func cl100k(_ digits: String) -> String {
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + digits
            + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }

    /// llama.cpp's names: splitting, whether text is composed (NFC), whether whole words skip the
    /// merges.
    private static let names: [(splitting: String, composes: Bool, skips: Bool, name: String)] = [
        ("gpt2", false, false, "gpt-2"), ("gpt2", true, false, "olmo"),
        ("digits", false, false, "smollm"), ("digits", true, false, "command-r"),
        ("llama3", false, true, "llama-bpe"), ("llama3", false, false, "smaug-bpe"),
        ("qwen2", true, false, "qwen2"), ("qwen2", false, false, "stablelm2"),
    ]

    private func preTokenizer() throws(ModelFileError) -> String {
        let splitting = try splitting(), composes = try composes()
        let skips = json["model"]?["ignore_merges"]?.bool ?? false
        let known = Self.names.first {
            $0.splitting == splitting && $0.composes == composes && $0.skips == skips
        }
        if let known { return known.name }
        throw unsupported(
            "splits words as \(splitting) does, composes text: \(composes), ignores merges: \(skips)"
        )
    }

    private func splitting() throws(ModelFileError) -> String {
        let steps = Self.flat(json["pre_tokenizer"], "pretokenizers")
        let bytes = steps.last ?? .null
        guard bytes["type"] == "ByteLevel", bytes["add_prefix_space"]?.bool == false else {
            throw unsupported("does not end in ByteLevel without add_prefix_space")
        }
        let hasRegex = bytes["use_regex"]?.bool ?? true
        switch (steps.count, hasRegex) {
        case (1, true): return "gpt2"
        case (2, true) where steps[0]["type"] == "Digits":
            if steps[0]["individual_digits"]?.bool == true { return "digits" }
        case (2, false) where steps[0]["type"] == "Split":
            let pattern = steps[0]["pattern"]?["Regex"]?.string
            if pattern == Self.cl100k(#"\p{N}{1,3}"#) { return "llama3" }
            if pattern == Self.cl100k(#"\p{N}"#) { return "qwen2" }
        default: break
        }
        throw unsupported("splits words in a way of its own")
    }

    private func composes() throws(ModelFileError) -> Bool {
        let steps = Self.flat(json["normalizer"], "normalizers")
        guard steps.allSatisfy({ $0["type"] == "NFC" }) else {
            throw unsupported("normalises text in a way of its own")
        }
        return !steps.isEmpty
    }

    /// Whether a text begins with the beginning-of-sequence token and ends with the other.
    private func surroundings() throws(ModelFileError) -> (Bool, Bool) {
        let steps = Self.flat(json["post_processor"], "processors")
        var result = (false, false)
        for step in steps where step["type"] == "TemplateProcessing" {
            let pieces = step["single"]?.array ?? []
            guard let text = pieces.firstIndex(where: { $0["Sequence"] != nil }), text <= 1,
                pieces.count - text <= 2
            else { throw unsupported("puts several tokens around a text") }
            result = (text == 1, pieces.count - text == 2)
        }
        return result
    }

    /// A component, or those of a sequence.
    private static func flat(_ json: JSON?, _ children: String) -> [JSON] {
        guard let json, !json.isNull else { return [] }
        guard json["type"] == "Sequence" else { return [json] }
        return (json[children]?.array ?? []).flatMap { flat($0, children) }
    }
}
