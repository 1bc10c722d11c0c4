internal import Core

/// E4M3 weights with a scale per tensor, output or block, as DeepSeek V3, vLLM and transformers
/// store them: `weight` (N, K), and the factor to multiply with in `weight_scale_inv` or
/// `weight_scale`; or all experts' matrices in one tensor, (experts, N, K), with as many scales in
/// NAME_scale_inv. Scales may be powers of two stored as exponents. Scales of activations (`input_scale`, `activation_scale`) are not read: they
/// round what is multiplied with the weights, and activations here have a format of their own.
struct FP8: QuantizationScheme {
    let codeSuffixes = [".weight"]
    private let blocks: [(rows: Int, columns: Int)]

    init(_ config: QuantizationConfig) throws(ModelFileError) {
        try config.check(known: Self.known)
        _ = try config.choice("fmt", ["e4m3"])
        _ = try config.choice("expert_dtype", ["fp8"])
        // The tensors say which it is: "ue8m0" is of powers of two, stored as floats or exponents.
        _ = try config.choice("scale_fmt", ["float", "ue8m0"])
        guard let json = config["weight_block_size"] else {
            blocks = []
            return
        }
        let sizes = (json.array ?? []).compactMap(\.int)
        guard sizes.count == 2, sizes.allSatisfy({ $0 > 0 }) else {
            throw config.unsupported("weight_block_size", "this build reads two sizes above 0")
        }
        blocks = [(sizes[0], sizes[1])]
    }

    func matrix(
        _ name: String,
        stem: String,
        in source: HuggingFaceModel
    ) throws(ModelFileError) -> (any StoredMatrix)? {
        let name = source.has(name) ? name : stem + ".weight"
        guard let codes = try source.optionalTensor(name) else { return nil }
        let inverse = name + "_scale_inv"
        guard codes.type == .f8E4M3 else {
            guard !source.has(inverse), !source.has(name + "_scale") else {
                throw codes.error(.unsupported, "is \(codes.type) with a scale; f8_e4m3 is read")
            }
            return nil
        }
        let scales = try source.tensor(source.has(inverse) ? inverse : name + "_scale")
        if codes.shape.count == 3, codes.count > 0 {
            return ByteMatrix(
                float8: codes,
                try ScaleGrid(
                    scales,
                    rows: codes.shape[1],
                    columns: codes.shape[2],
                    stack: codes.shape[0],
                    blocks: blocks
                )
            )
        }
        let (rows, columns) = try codes.matrixShape()
        return ByteMatrix(
            float8: codes,
            try ScaleGrid(scales, rows: rows, columns: columns, blocks: blocks)
        )
    }

    /// Keys that are read above, or that change no weights.
    private static let known: Set<String> = [
        "quant_method", "fmt", "weight_block_size", "scale_fmt", "expert_dtype",
        "activation_scheme", "kv_cache_scheme", "provider", "dequantize",
        // Which modules are quantised shows in the tensors.
        "modules_to_not_convert", "modules_to_convert", "ignored_layers",
    ]
}
