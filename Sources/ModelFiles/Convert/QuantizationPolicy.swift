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
package struct QuantizationPolicy: Sendable {
    private let target: QuantizationTarget
    private let architecture: String
    private let d: GGUFDimensions
    /// The embedding is the head too.
    private let tiesEmbeddings: Bool

    package init(_ target: QuantizationTarget, _ source: ModelSource) throws(ModelFileError) {
        let family = try GGUFFamily.writing(source.config, path: source.path)
        self.target = target
        architecture = family.architecture
        d = try GGUFDimensions(source.config, family, path: source.path)
        tiesEmbeddings = source.config["tie_word_embeddings"]?.bool ?? family.tiesEmbeddings
    }

    /// - Parameters:
    ///   - name: GGUF's name of a matrix.
    ///   - shape: outermost dimension first.
    package func type(of name: String, shape: [Int]) -> TensorType {
        if name.contains("ffn_gate_inp") || name == "position_embd.weight" { return .f32 }
        return Self.fitting(wanted(name), columns: shape.last ?? 1)
    }

    private var isFalcon: Bool { architecture == "falcon" }

    private func wanted(_ name: String) -> TensorType {
        if target.body.blockWidth == 1 { return target.body }
        let isEmbedding = name == "token_embd.weight"
        let isHead = name == "output.weight" || tiesEmbeddings && isEmbedding
        if target == .mxfp4 {
            // Experts are published so; all around them has more to lose.
            let isRobust = d.experts > 0 ? name.contains("_exps.") : !isEmbedding && !isHead
            return isRobust ? .mxfp4 : .q8_0
        }
        if isHead { return isFalcon || target == .q8_0 ? .q8_0 : .q6_k }
        let parts = name.split(separator: ".")
        guard parts.count == 4, let layer = Int(parts[1]) else { return target.body }
        return wanted(String(parts[2]), layer)
    }

    /// - Parameter role: "attn_v", "ffn_down_exps".
    private func wanted(_ role: String, _ layer: Int) -> TensorType {
        let isMixed = target == .q4_k_m || target == .q5_k_m
        switch role {
        case "attn_v", "attn_qkv", "attn_kv_b":
            // Eight experts make these small beside the rest, and so do many heads per value.
            if d.experts == 8 { return .q8_0 }
            if isMixed, hasMoreBits(layer) { return .q6_k }
            if target == .q4_k_m, d.layers == 80, d.heads != d.keyValueHeads { return .q5_k }
            if target == .iq4_nl, d.heads / d.keyValueHeads >= 4 { return .q5_k }
        case "attn_k": if d.experts == 8 { return .q8_0 }
        case "attn_output":
            let isFour = target == .q4_k_m || target == .iq4_nl
            if d.experts == 8, isFour, !isFalcon { return .q5_k }
        case _ where role.hasPrefix("ffn_down"):
            if isFalcon, target == .q4_k_m {
                return layer < d.layers / 16 ? .q6_k : hasMoreBits(layer) ? .q5_k : .q4_k
            }
            if isMixed, hasMoreBits(layer) { return .q6_k }
            if target == .iq4_nl, layer < d.layers / 8 { return .q5_k }
        default: break
        }
        return target.body
    }

    /// The first and the last eighth of the layers, and every third between them.
    private func hasMoreBits(_ layer: Int) -> Bool {
        layer < d.layers / 8 || layer >= 7 * d.layers / 8 || (layer - d.layers / 8) % 3 == 2
    }

    /// The type, or the next one whose blocks divide rows of `columns`.
    package static func fitting(_ type: TensorType, columns: Int) -> TensorType {
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
