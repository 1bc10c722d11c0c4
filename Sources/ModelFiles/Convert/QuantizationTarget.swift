internal import Core

/// What a model is quantised to: a type, or a mixture that llama-quantize calls by this name.
package enum QuantizationTarget: String, Sendable, CaseIterable {
    case q8_0, q6_k, q5_k_m, q4_k_m, q4_0, iq4_nl, mxfp4, f16, bf16, f32

    /// llama.cpp's number of the mixture, for `general.file_type`.
    package var fileType: Int {
        switch self {
        case .f32: 0
        case .f16: 1
        case .q4_0: 2
        case .q8_0: 7
        case .q4_k_m: 15
        case .q5_k_m: 17
        case .q6_k: 18
        case .iq4_nl: 25
        case .bf16: 32
        case .mxfp4: 38
        }
    }

    /// The type of most matrices.
    var body: TensorType {
        switch self {
        case .q8_0: .q8_0
        case .q6_k: .q6_k
        case .q5_k_m: .q5_k
        case .q4_k_m: .q4_k
        case .q4_0: .q4_0
        case .iq4_nl: .iq4_nl
        case .mxfp4: .mxfp4
        case .f16: .f16
        case .bf16: .bf16
        case .f32: .f32
        }
    }
}

/// Which matrix gets which type: the mixtures of llama-quantize, which give the head, and in some
/// layers values and down projections, more bits than the rest.
struct QuantizationPolicy: Sendable {
    let target: QuantizationTarget
    let layers: Int
    /// The embedding is the head too.
    let tiesEmbeddings: Bool
    let experts: Int
    /// Falcon's head is never in K blocks.
    let isFalcon: Bool

    init(
        target: QuantizationTarget,
        layers: Int,
        tiesEmbeddings: Bool,
        experts: Int,
        isFalcon: Bool
    ) {
        self.target = target
        self.layers = layers
        self.tiesEmbeddings = tiesEmbeddings
        self.experts = experts
        self.isFalcon = isFalcon
    }

    init(_ target: QuantizationTarget, _ source: ModelSource) throws(ModelFileError) {
        let family = try GGUFFamily.writing(source.config, path: source.path)
        let d = try GGUFDimensions(source.config, family, path: source.path)
        self.init(
            target: target,
            layers: d.layers,
            tiesEmbeddings: source.config["tie_word_embeddings"]?.bool ?? family.tiesEmbeddings,
            experts: d.experts,
            isFalcon: family.architecture == "falcon"
        )
    }

    /// - Parameters:
    ///   - name: GGUF's name of a matrix.
    ///   - shape: outermost dimension first.
    func type(of name: String, shape: [Int]) -> TensorType {
        if name.contains("ffn_gate_inp") || name == "position_embd.weight" { return .f32 }
        return Self.fitting(wanted(name, shape), columns: shape.last ?? 1)
    }

    private func wanted(_ name: String, _ shape: [Int]) -> TensorType {
        let body = target.body
        if body.blockWidth == 1 || body == .q8_0 { return body }
        let isHead = name == "output.weight" || tiesEmbeddings && name == "token_embd.weight"
        // Experts take mxfp4 as they are published; all around them has more to lose.
        if target == .mxfp4, isHead || name == "token_embd.weight" { return .q8_0 }
        if target == .mxfp4, experts > 0 { return shape.count == 3 ? .mxfp4 : .q8_0 }
        if isHead { return isFalcon ? .q8_0 : .q6_k }
        guard target == .q4_k_m || target == .q5_k_m else { return body }
        return mixed(name, body)
    }

    private func mixed(_ name: String, _ body: TensorType) -> TensorType {
        let parts = name.split(separator: ".")
        guard parts.count == 4, let layer = Int(parts[1]) else { return body }
        switch parts[2] {
        // Eight experts make these two small beside the rest.
        case "attn_v" where experts == 8, "attn_k" where experts == 8: return .q8_0
        case "attn_v", "ffn_down", "ffn_down_exps", "ffn_down_shexp":
            return hasMoreBits(layer) ? .q6_k : body
        case "attn_qkv": return body == .q4_k ? .q5_k : .q6_k
        default: return body
        }
    }

    /// The first and the last eighth of the layers, and every third between them.
    private func hasMoreBits(_ layer: Int) -> Bool {
        layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2
    }

    /// The type, or the next one whose blocks divide rows of `columns`.
    static func fitting(_ type: TensorType, columns: Int) -> TensorType {
        if columns % type.blockWidth == 0 { return type }
        switch type {
        case .q4_k: return fitting(.q5_0, columns: columns)
        case .q5_k: return fitting(.q5_1, columns: columns)
        case .q6_k: return fitting(.q8_0, columns: columns)
        case .iq4_xs: return fitting(.iq4_nl, columns: columns)
        default: return .f16
        }
    }
}
