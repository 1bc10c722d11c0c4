internal import Core

/// One of GGUF's architectures and the Hugging Face families it stands for: what its metadata and
/// tensors are called on both sides. The tables are read in both directions, to show a GGUF file as
/// a Hugging Face model and to write one.
struct GGUFFamily: Sendable {
    /// `general.architecture`.
    let architecture: String
    /// `model_type`s that are written as this architecture. Files are read as the first, unless
    /// `complete` knows better.
    let modelTypes: [String]
    /// The family's own names of the usual keys of config.json.
    var names: [String: String] = [:]
    /// Metadata beyond what all have.
    var keys: [GGUFKey] = []
    /// The norms' epsilon.
    var epsilon: GGUFKey
    var rope: GGUFRope? = GGUFRope()
    var windows: GGUFWindows?
    /// Where config.json does not say.
    var tiesEmbeddings = false
    /// Where config.json does not say, and it is not the share of a head in the model's width.
    var headWidth: Int?
    /// The activation's key in config.json, and what GGUF takes for granted.
    var activation = (key: "hidden_act", name: "silu")
    /// Keys of config.json that change the mathematics and have no place in GGUF, and what GGUF
    /// takes for granted.
    var unspoken: [String: JSON] = [:]

    /// What Hugging Face's names of layers begin with.
    var layerPrefix = "model.layers."
    /// Some published files leave it away.
    var optionalPrefix = ""
    /// Tensors of the whole model, then of each layer.
    var model: [TensorRule]
    var layer: [TensorRule]

    /// Adds to config.json what follows from more than one key, or from the tensors that are there.
    var complete: @Sendable (GGUFReading, inout JSONObject) throws(ModelFileError) -> Void = {
        _,
        _ in
    }
    /// Adds to the metadata what follows from more than one key, and to config.json's rest what
    /// has no place there.
    var addMetadata: @Sendable (JSON, inout GGUFSettings, inout JSONObject) -> Void = { _, _, _ in }

    static let all: [GGUFFamily] = [
        .llama, .qwen2, .qwen2moe, .qwen3, .qwen3moe, .gemma, .gemma2, .gemma3, .phi2, .phi3,
        .smollm3, .olmo, .olmo2, .granite, .granitemoe, .starcoder2, .gpt2, .gptneox, .falcon,
        .commandR,
        .cohere2, .chatglm, .glm4, .deepseek2, .gptOSS,
    ]

    static func reading(_ architecture: String, path: String) throws(ModelFileError) -> GGUFFamily {
        if let family = all.first(where: { $0.architecture == architecture }) { return family }
        throw ModelFileError(
            .unsupported,
            path: path,
            "has the unknown architecture \(quoted(architecture)); this build reads "
                + all.map(\.architecture).joined(separator: ", ")
        )
    }

    static func writing(_ config: JSON, path: String) throws(ModelFileError) -> GGUFFamily {
        let type = config["model_type"]?.string ?? ""
        if let family = all.first(where: { $0.modelTypes.contains(type) }) { return family }
        throw ModelFileError(
            .unsupported,
            path: path,
            "has the model_type \(quoted(type)), which this build cannot write as GGUF; it writes "
                + all.flatMap(\.modelTypes).joined(separator: ", ")
        )
    }

    /// The value of one of the usual keys in this family's config.json; nil where it is null.
    func value(_ usual: String, in config: JSON) -> JSON? {
        guard let value = config[names[usual] ?? usual], !value.isNull else { return nil }
        return value
    }
}

/// A key of metadata, without the architecture before it, and its key in config.json.
struct GGUFKey: Sendable {
    enum Kind: Sendable { case count, number, flag }

    let gguf: String
    let huggingFace: String
    let kind: Kind
    /// What Hugging Face takes for granted where config.json does not say.
    var missing: JSON?
    /// What GGUF takes for granted where the metadata does not say; nil leaves config.json without
    /// the key.
    var unsaid: JSON?

    init(
        _ gguf: String,
        _ huggingFace: String,
        _ kind: Kind = .count,
        or missing: JSON? = nil,
        unsaid: JSON? = nil
    ) {
        self.gguf = gguf
        self.huggingFace = huggingFace
        self.kind = kind
        self.missing = missing
        self.unsaid = unsaid
    }

    static func rms(_ missing: Double) -> GGUFKey {
        GGUFKey("attention.layer_norm_rms_epsilon", "rms_norm_eps", .number, or: .double(missing))
    }

    static func layerNorm(_ key: String) -> GGUFKey {
        GGUFKey("attention.layer_norm_epsilon", key, .number, or: 1e-5)
    }
}

/// Sliding windows: `attention.sliding_window` and `attention.sliding_window_pattern`.
struct GGUFWindows: Sendable {
    /// Where the file has no pattern, layer i has a window iff i % period < period - 1; 0 means
    /// every layer.
    var period: Int
    /// The window where Hugging Face's config.json does not say, by `model_type`.
    var missing: [String: Int] = [:]
    /// The window where the file does not say.
    var unsaid: Int?
    /// `use_sliding_window` in config.json switches windows on (Qwen).
    var hasSwitch = false
    /// Whether "no window" must be written.
    var writesNone = false
    /// Without `layer_types`, only layers from `max_window_layers` on have a window (Qwen2).
    var startsLate = false

    func isWindowed(_ layer: Int) -> Bool { period == 0 || layer % period < period - 1 }
}

/// Rotary embedding.
struct GGUFRope: Sendable {
    /// Hugging Face's defaults.
    var theta = 10_000.0
    var share = 1.0
    /// Version 4's names of `rope_theta` and `partial_rotary_factor`.
    var thetaKey = "rope_theta", shareKey = "partial_rotary_factor"
    /// Windowed layers have angles of their own (Gemma 3), with this base.
    var localTheta: Double?
    /// Whether YaRN's range ends at whole pairs.
    var truncates = true
    /// Hugging Face's width of what is rotated, where it is not a share of the head.
    var widthKey: String?
    /// Whether "no scaling" is written.
    var writesNone = false
}
