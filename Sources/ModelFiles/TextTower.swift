internal import Core

/// The text model inside a model that also sees images: its settings lie in config.json's
/// `text_config`, its tensors under a prefix. Shown as the text model alone; the other towers are
/// not read.
struct TextTower: Sendable {
    /// config.json of the text model.
    let config: JSON
    /// What stands for "model." and for "lm_head." in the names of the file's tensors.
    private let body: String, head: String

    /// Models whose text part computes as a text model of its own as long as there are no images.
    private static let wrappers: Set<String> = [
        "gemma3", "mistral3", "llava", "llava_next", "aya_vision", "internvl",
    ]

    /// How published files and transformers 5 name the text model's tensors.
    private static let spellings = [
        (body: "language_model.model.", head: "language_model.lm_head."),
        (body: "model.language_model.", head: "lm_head."),
    ]

    /// Nil for a config.json that is a text model's own, or of a model that this build does not know.
    init?(_ config: JSON, _ tensorNames: [String], path: String) throws(ModelFileError) {
        guard let type = config["model_type"]?.string, Self.wrappers.contains(type),
            let text = config["text_config"]?.object, let kind = text["model_type"]?.string
        else { return nil }
        let spelling = Self.spellings.first { spelling in
            tensorNames.contains { $0.hasPrefix(spelling.body) }
        }
        guard let spelling else {
            throw ModelFileError(
                .unsupported,
                path: path,
                "is of a \(type) model, but its weights hold no text model: no tensor's name begins "
                    + "with " + list(Self.spellings.map(\.body))
            )
        }
        body = spelling.body
        head = spelling.head
        var merged = JSONObject()
        // What is not known to be about images is kept, so that nobody ignores it.
        for member in config.object?.members ?? [] where !Self.aboutImages.contains(member.key) {
            merged[member.key] = member.value
        }
        for member in text.members where !Self.tokens.contains(member.key) || isUnset(member.key) {
            merged[member.key] = member.value
        }
        for (key, value) in Self.unsaid[kind] ?? [:] where isUnset(key) {
            merged[key] = .int(value)
        }
        // The wrapper's own setting is about another head in some versions of transformers.
        merged["tie_word_embeddings"] = .bool(!tensorNames.contains { $0.hasPrefix(spelling.head) })
        self.config = .object(merged)

        func isUnset(_ key: String) -> Bool { merged[key].map(\.isNull) ?? true }
    }

    /// The name in the file of what a text model calls `weight`.
    func tensorName(of weight: String) -> String {
        Self.exchanged("model.", for: body, in: weight)
            ?? Self.exchanged("lm_head.", for: head, in: weight) ?? weight
    }

    /// What a text model calls the file's tensor; nil for tensors outside of the text model.
    func weightName(of tensor: String) -> String? {
        Self.exchanged(body, for: "model.", in: tensor)
            ?? Self.exchanged(head, for: "lm_head.", in: tensor)
    }

    private static func exchanged(_ old: String, for new: String, in name: String) -> String? {
        name.hasPrefix(old) ? new + name.dropFirst(old.count) : nil
    }

    /// The wrapper says these better than the text model's settings do.
    private static let tokens: Set<String> = ["bos_token_id", "eos_token_id", "pad_token_id"]

    /// Keys of a wrapper that change nothing where there are no images.
    private static let aboutImages: Set<String> = [
        "model_type", "text_config", "vision_config", "tie_word_embeddings", "image_token_index",
        "image_token_id", "boi_token_index", "eoi_token_index", "mm_tokens_per_image",
        "multimodal_projector_bias", "projector_hidden_act", "spatial_merge_size",
        "vision_feature_layer", "vision_feature_select_strategy", "image_seq_length",
        "ignore_index", "image_grid_pinpoints", "use_image_newline_parameter", "downsample_factor",
        "downsample_ratio", "adapter_layer_norm_eps", "alignment_intermediate_size",
        "max_splits_per_img",
    ]

    /// Published `text_config`s say only what differs from transformers' defaults; these are the
    /// defaults of what config.json of a text model always says.
    private static let unsaid: [String: [String: Int]] = [
        "gemma3_text": [
            "vocab_size": 262208, "hidden_size": 2304, "intermediate_size": 9216,
            "num_hidden_layers": 26, "num_attention_heads": 8, "num_key_value_heads": 4,
            "head_dim": 256, "max_position_embeddings": 131072,
        ],
        "llama": [
            "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008,
            "num_hidden_layers": 32, "num_attention_heads": 32, "max_position_embeddings": 2048,
        ],
        "mistral": [
            "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 14336,
            "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
            "max_position_embeddings": 131072,
        ],
    ]
}
