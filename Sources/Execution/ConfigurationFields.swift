internal import Core

/// Typed reading of one JSON object of config.json. Errors name the key. Remembers which keys were
/// asked for, so that a key nobody understood can be refused.
package final class ConfigurationFields {
    let json: JSON
    /// What comes before a key in messages: "config.json: " or "config.json: rope_parameters.".
    let prefix: String
    private var asked: Set<String> = []
    /// Names that a family uses instead of the usual ones.
    private let names: [String: String]

    init(_ json: JSON, prefix: String = "config.json: ", names: [String: String] = [:]) {
        self.json = json
        self.prefix = prefix
        self.names = names
    }

    /// The same object where `names[usual]` is read whenever `usual` is asked for.
    func renamed(_ names: [String: String]) -> ConfigurationFields {
        ConfigurationFields(json, prefix: prefix, names: names)
    }

    private func name(_ key: String) -> String { names[key] ?? key }

    /// The value of a key, marked as understood; nil where it is absent or null.
    subscript(key: String) -> JSON? {
        let name = name(key)
        asked.insert(name)
        guard let value = json[name], !value.isNull else { return nil }
        return value
    }

    /// Whether the key is there and not null.
    func has(_ key: String) -> Bool { self[key] != nil }

    /// Takes over what a renamed view of the same object was asked for.
    func understand(_ view: ConfigurationFields) { asked.formUnion(view.asked) }

    /// Whether the key is not there at all, not even as null.
    func isAbsent(_ key: String) -> Bool { json[name(key)] == nil }

    /// Marks keys as understood that need no reading.
    func understand(_ keys: String...) { asked.formUnion(keys) }

    func object(_ key: String) -> ConfigurationFields? {
        guard let value = self[key], value.object != nil else { return nil }
        return ConfigurationFields(value, prefix: "\(prefix)\(name(key)).")
    }

    func string(_ key: String, or missing: String? = nil) throws(ExecutionError) -> String {
        try value(key, or: missing, "a string") { $0.string }
    }

    func bool(_ key: String, or missing: Bool? = nil) throws(ExecutionError) -> Bool {
        try value(key, or: missing, "true or false") { $0.bool }
    }

    func double(_ key: String, or missing: Double? = nil) throws(ExecutionError) -> Double {
        try value(key, or: missing, "a finite number") { $0.double }
    }

    func positive(_ key: String, or missing: Double? = nil) throws(ExecutionError) -> Double {
        try value(key, or: missing, "a number above 0") { $0.double.flatMap { $0 > 0 ? $0 : nil } }
    }

    func int(
        _ key: String,
        in range: ClosedRange<Int>,
        or missing: Int? = nil
    ) throws(ExecutionError) -> Int {
        let what = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return try value(key, or: missing, what) { json in
            json.int.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func doubles(_ key: String) throws(ExecutionError) -> [Double] {
        try value(key, or: nil, "a list of numbers") { json in
            guard let array = json.array else { return nil }
            let numbers = array.compactMap(\.double)
            return numbers.count == array.count ? numbers : nil
        }
    }

    func strings(_ key: String) throws(ExecutionError) -> [String] {
        try value(key, or: nil, "a list of strings") { json in
            guard let array = json.array else { return nil }
            let strings = array.compactMap(\.string)
            return strings.count == array.count ? strings : nil
        }
    }

    private func value<Value>(
        _ key: String,
        or missing: Value?,
        _ what: String,
        _ read: (JSON) -> Value?
    ) throws(ExecutionError) -> Value {
        guard let found = self[key] else {
            if let missing { return missing }
            throw .init(.badConfiguration, "\(prefix)\(name(key)) is missing; it must be \(what)")
        }
        guard let value = read(found) else {
            let text = String(found.text().prefix(40))
            throw .init(
                .badConfiguration,
                "\(prefix)\(name(key)) is \(text); it must be \(what)"
            )
        }
        return value
    }

    /// Refuses a setting that this build does not compute.
    func refuse(_ key: String, _ why: String) throws(ExecutionError) -> Never {
        throw .init(
            .unsupported,
            "\(prefix)\(name(key)) \(why), which this build does not compute"
        )
    }

    /// Refuses every key that nobody asked for, unless it is known to change nothing or is off.
    func refuseUnknown() throws(ExecutionError) {
        for member in json.object?.members ?? [] where !asked.contains(member.key) {
            if Self.harmless.contains(member.key) || Self.isOff(member.value) { continue }
            throw .init(
                .unsupported,
                "\(prefix)\(member.key) is \(member.value.text().prefix(60)); this build does not "
                    + "know what it means and will not guess"
            )
        }
    }

    private static func isOff(_ value: JSON) -> Bool {
        value.isNull || value.bool == false || value.array?.isEmpty == true
            || value.object?.members.isEmpty == true
    }

    /// Keys that leave the mathematics of inference alone: identity, training, serving and
    /// generation settings that transformers writes into config.json.
    private static let harmless: Set<String> = [
        "architectures", "model_type", "transformers_version", "torch_dtype", "dtype",
        "_name_or_path", "_attn_implementation_autoset", "attn_implementation", "auto_map",
        "use_cache", "cache_implementation", "initializer_range", "initializer_factor",
        "bos_token_id", "eos_token_id", "pad_token_id", "unk_token_id", "sep_token_id",
        "decoder_start_token_id", "attention_dropout", "hidden_dropout", "embd_pdrop",
        "resid_pdrop", "attn_pdrop", "embedding_dropout", "residual_dropout", "classifier_dropout",
        "resid_dropout", "summary_activation", "summary_first_dropout", "summary_proj_to_labels",
        "summary_type", "summary_use_proj", "task_specific_params", "pretraining_tp",
        "router_aux_loss_coef", "aux_loss_alpha", "seq_aux", "router_jitter_noise",
        "output_router_logits", "router_z_loss_coef", "id2label", "label2id", "problem_type",
        "finetuning_task", "tokenizer_class", "prefix", "return_dict", "output_attentions",
        "output_hidden_states", "torchscript", "chunk_size_feed_forward", "is_encoder_decoder",
        "is_decoder", "add_cross_attention", "cross_attention_hidden_size",
        "tie_encoder_decoder", "pruned_heads", "max_length", "min_length", "do_sample",
        "num_beams", "num_beam_groups", "temperature", "top_k", "top_p", "typical_p",
        "repetition_penalty", "length_penalty", "no_repeat_ngram_size",
        "encoder_no_repeat_ngram_size", "num_return_sequences", "diversity_penalty",
        "exponential_decay_length_penalty", "forced_bos_token_id", "forced_eos_token_id",
        "suppress_tokens", "begin_suppress_tokens", "bad_words_ids", "early_stopping",
        "remove_invalid_values", "tf_legacy_loss", "use_bfloat16", "model_max_length", "ep_size",
        "num_nextn_predict_layers", "_sliding_window_pattern", "upcast_layernorm", "n_ctx",
        "scale_attention_softmax_in_fp32", "attention_softmax_in_fp32", "layer_norm_training",
    ]
}
