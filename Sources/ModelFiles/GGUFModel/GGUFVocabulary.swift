internal import Core

/// What a GGUF file says about tokens and texts.
enum GGUFVocabulary {
    /// Nil where the file has no tokenizer.
    static func read(_ file: GGUFFile) throws(ModelFileError) -> StoredVocabulary? {
        let metadata = file.metadata
        guard let model = try metadata.string("tokenizer.ggml.model"), model != "none",
            model != "no_vocab"
        else { return nil }
        return StoredVocabulary(
            model: model,
            preTokenizer: try metadata.string("tokenizer.ggml.pre"),
            tokens: try metadata.array("tokenizer.ggml.tokens")?.strings() ?? [],
            types: try metadata.array("tokenizer.ggml.token_type")?.ints() ?? [],
            merges: try metadata.array("tokenizer.ggml.merges")?.strings() ?? [],
            scores: try metadata.array("tokenizer.ggml.scores")?.floats() ?? [],
            bosID: try metadata.int("tokenizer.ggml.bos_token_id"),
            eosID: try metadata.int("tokenizer.ggml.eos_token_id"),
            unknownID: try metadata.int("tokenizer.ggml.unknown_token_id"),
            addsBOS: try metadata.bool("tokenizer.ggml.add_bos_token"),
            addsEOS: try metadata.bool("tokenizer.ggml.add_eos_token"),
            addsSpacePrefix: try metadata.bool("tokenizer.ggml.add_space_prefix"),
            removesExtraSpaces: try metadata.bool("tokenizer.ggml.remove_extra_whitespaces"),
            charsmap: try metadata.array("tokenizer.ggml.precompiled_charsmap")?.ints()?
                .map { UInt8(truncatingIfNeeded: $0) } ?? []
        )
    }

    static func chatTemplate(_ file: GGUFFile) throws(ModelFileError) -> String? {
        guard let template = try file.metadata.string("tokenizer.chat_template") else { return nil }
        guard template.utf8.count <= Limits.templateBytes else {
            throw ModelFileError(
                .tooLarge,
                path: file.path,
                "tokenizer.chat_template is longer than \(Limits.templateBytes) bytes"
            )
        }
        return template
    }

    /// Keys of ids that end a generation, the most usual first.
    static let endKeys = ["eos", "eot", "eom"].map { "tokenizer.ggml.\($0)_token_id" }

    private static let sampling = [
        ("general.sampling.temp", "temperature"), ("general.sampling.top_k", "top_k"),
        ("general.sampling.top_p", "top_p"), ("general.sampling.min_p", "min_p"),
        ("general.sampling.penalty_repeat", "repetition_penalty"),
    ]

    /// What generation_config.json would say.
    static func generationConfig(_ metadata: GGUFMetadata) throws(ModelFileError) -> JSON? {
        var config = JSONObject()
        config["bos_token_id"] = try metadata.int("tokenizer.ggml.bos_token_id").map { .int($0) }
        var ends: [JSON] = []
        for key in endKeys {
            if let id = try metadata.int(key), !ends.contains(.int(id)) { ends.append(.int(id)) }
        }
        if !ends.isEmpty { config["eos_token_id"] = ends.count > 1 ? .array(ends) : ends[0] }
        for (key, name) in sampling {
            config[name] = try metadata.double(key).map { .shortest($0) }
        }
        return config.isEmpty ? nil : .object(config)
    }
}

extension JSON {
    /// A number that was a 32-bit float: a whole one, or the shortest decimal that it stands for.
    static func shortest(_ value: Double) -> JSON {
        if let int = Int(exactly: value) { return .int(int) }
        return .double(Double("\(Float(value))") ?? value)
    }
}
