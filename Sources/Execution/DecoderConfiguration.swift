internal import Core
package import Kernels

/// The numbers that shape a decoder, read from config.json and checked: every one bounded and
/// consistent with the others, so that no later arithmetic can overflow or divide by zero.
/// Architectures start from what most families write and change what theirs does otherwise.
package struct DecoderConfiguration: Sendable {
    package let modelType: String
    package var width: Int
    package var layerCount: Int
    package var headCount: Int
    package var keyValueHeadCount: Int
    /// Of a query or key head.
    package var headWidth: Int
    /// Of a value head.
    package var valueWidth: Int
    /// Of the hidden layer of a dense feed-forward network.
    package var mlpWidth: Int
    /// Of a shared expert's hidden layer, where the family has one.
    package var sharedMLPWidth: Int?
    package var vocabularySize: Int
    /// Positions the model was made for (`max_position_embeddings`).
    package var contextLength: Int
    package var normEpsilon: Float
    package var tiesEmbeddings: Bool
    package var activation: Activation
    /// Angle tables; layers name theirs by index. A second one is for windowed layers.
    package var ropes: [RopeConfiguration]
    package var layers: [LayerConfiguration]
    package var attentionScale: Float
    /// How the cache holds keys and values; `Model` chooses by its weights.
    package var cacheFormat = KVFormat.f32
    package var experts: ExpertConfiguration?
    package var latent: LatentConfiguration?

    /// Reads what most families write. Keys that a family may leave out have transformers' defaults.
    /// - Parameters:
    ///   - activation: nil reads `hidden_act`.
    ///   - theta, rotatedShare: the family's defaults for the rotation.
    ///   - headWidth: nil reads `head_dim`.
    init(
        _ fields: ConfigurationFields,
        activation: Activation? = nil,
        theta: Double = 10_000,
        rotatedShare: Double = 1,
        headWidth: Int? = nil
    ) throws(ExecutionError) {
        modelType = try fields.string("model_type")
        width = try fields.int("hidden_size", in: 1...(1 << 20))
        layerCount = try fields.int("num_hidden_layers", in: 1...4096)
        headCount = try fields.int("num_attention_heads", in: 1...4096)
        keyValueHeadCount = try fields.int("num_key_value_heads", in: 1...4096, or: headCount)
        let usual = max(1, width / headCount)
        if let headWidth {
            self.headWidth = headWidth
        } else {
            self.headWidth = try fields.int("head_dim", in: 1...4096, or: usual)
        }
        valueWidth = self.headWidth
        mlpWidth = try fields.int("intermediate_size", in: 1...(1 << 22), or: 4 * width)
        vocabularySize = try fields.int("vocab_size", in: 1...(1 << 24))
        contextLength = try fields.int("max_position_embeddings", in: 1...(1 << 24), or: 2048)
        normEpsilon = Float(try fields.double("rms_norm_eps", or: 1e-6))
        tiesEmbeddings = try fields.bool("tie_word_embeddings", or: false)
        if let activation {
            self.activation = activation
        } else {
            self.activation = try Self.activation(fields, "hidden_act", or: "silu")
        }
        ropes = try RopeConfiguration.tables(
            fields,
            headWidth: self.headWidth,
            contextLength: contextLength,
            theta: theta,
            share: rotatedShare
        )
        layers = Array(repeating: LayerConfiguration(window: nil, rope: 0), count: layerCount)
        attentionScale = 1 / Float(self.headWidth).squareRoot()
        if headCount % keyValueHeadCount != 0 {
            throw .init(
                .badConfiguration,
                "config.json: num_attention_heads (\(headCount)) must be a multiple of "
                    + "num_key_value_heads (\(keyValueHeadCount))"
            )
        }
        fields.understand("quantization_config", "compression_config")  // ModelFiles decodes those
    }

    package var queryWidth: Int { headCount * headWidth }
    package var keyWidth: Int { keyValueHeadCount * headWidth }
    package var valuesWidth: Int { keyValueHeadCount * valueWidth }
    /// Of attention's output, before its projection.
    package var mixedWidth: Int { headCount * valueWidth }
    /// The most positions that a windowed layer sees; nil when all layers see all.
    package var window: Int? { layers.compactMap(\.window).max() }
    /// Bytes of cache that one token takes, for good, in the layers that see all positions.
    package var cacheBytesPerToken: Int {
        layers.count { $0.window == nil } * cacheBytesPerPosition
    }
    /// Bytes of cache that one token takes in windowed layers, until the window has passed.
    package var windowCacheBytesPerToken: Int {
        layers.count { $0.window != nil } * cacheBytesPerPosition
    }
    /// Bytes of cache that windowed layers take for a sequence however long it is; the step that is
    /// computed, and whole blocks, come on top. 0 without a window.
    package var windowCacheBytesPerSequence: Int {
        min(window ?? 0, contextLength) * windowCacheBytesPerToken
    }
    /// Bytes of cache that attention reads for one token after `positions` others of its sequence.
    package func cacheBytesRead(after positions: Int) -> Int {
        layers.reduce(0) { $0 + min($1.window ?? .max, positions) } * cacheBytesPerPosition
    }
    /// In one layer.
    private var cacheBytesPerPosition: Int {
        let head = cacheFormat.blockBytes(headWidth: headWidth, valueWidth: valueWidth)
        return keyValueHeadCount * head / KVBlock.size
    }
    /// The longest row any matrix reads.
    package var longestRow: Int {
        max(width, mixedWidth, widestMLP, latent?.queryRank ?? 0, latent?.keyValueRank ?? 0)
    }

    /// Of every kind of feed-forward network in the model.
    var mlpWidths: [Int] {
        Set([mlpWidth, sharedMLPWidth, experts?.width].compactMap { $0 }).sorted()
    }
    var widestMLP: Int { mlpWidths.max() ?? mlpWidth }

    static func activation(
        _ fields: ConfigurationFields,
        _ key: String,
        or missing: String? = nil
    ) throws(ExecutionError) -> Activation {
        let name = try fields.string(key, or: missing)
        switch name {
        case "silu", "swish": return .silu
        case "gelu": return .gelu
        case "gelu_pytorch_tanh", "gelu_new", "gelu_fast": return .geluTanh
        case "relu": return .relu
        default: try fields.refuse(key, "is '\(name)'")
        }
    }
}

/// What may differ from layer to layer.
package struct LayerConfiguration: Sendable {
    /// How many of the last positions attention sees; nil sees all.
    package var window: Int?
    /// Index of its angle table; nil rotates nothing.
    package var rope: Int?
}

/// The experts of a mixture.
package struct ExpertConfiguration: Sendable {
    package var count: Int
    /// Experts that each token takes.
    package var perToken: Int
    /// Hidden width of one expert.
    package var width: Int

    init(
        _ fields: ConfigurationFields,
        count: String,
        perToken: String,
        width: String
    ) throws(ExecutionError) {
        self.count = try fields.int(count, in: 1...65536)
        self.perToken = try fields.int(perToken, in: 1...self.count)
        self.width = try fields.int(width, in: 1...(1 << 22))
    }
}

/// Multi-head latent attention's ranks and head parts (DeepSeek-V2).
package struct LatentConfiguration: Sendable {
    /// Of queries; nil projects them straight from the hidden state.
    package var queryRank: Int?
    package var keyValueRank: Int
    /// Part of a query or key head that is not rotated.
    package var plainWidth: Int
    /// Part that is rotated; keys share theirs among all heads.
    package var rotatedWidth: Int
}
