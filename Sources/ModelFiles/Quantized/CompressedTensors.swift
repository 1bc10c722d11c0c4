internal import Core

/// The formats of the compressed-tensors package (LLM Compressor) that hold integers of 4 and 8
/// bits and E4M3 floats. A module's tensors say what it is; the configuration is only checked for
/// what this build does not know.
///
/// - pack-quantized: `weight_packed` i32 (N, K * bits / 32), lowest bits first, codes around
///   2^(bits - 1); `weight_shape`; `weight_zero_point` packed the same way along the outputs, or
///   plain i8; `weight_g_idx`, the group of each input.
/// - int-quantized, float-quantized, naive-quantized: `weight` i8 or E4M3 (N, K).
///
/// `weight_scale` is one for the tensor, one per output, one per output and group of inputs, or one
/// per block. Scales of activations (`input_scale`) and of the cache (`k_scale`, `v_scale`) are not
/// read: they round what is multiplied with the weights, not the weights, and here activations and
/// cache have formats of their own.
struct CompressedTensors: QuantizationScheme {
    let codeSuffixes = [".weight_packed", ".weight"]
    private let blocks: [(rows: Int, columns: Int)]
    /// Whether some group of modules has its columns sorted, so that `weight_g_idx` must be there.
    private let needsColumnGroups: Bool

    init(_ config: QuantizationConfig) throws(ModelFileError) {
        try config.check(known: Self.known)
        if let format = config["sparsity_config"]?["format"]?.string, format != "dense" {
            throw config.unsupported("sparsity_config", "this build reads dense weights")
        }
        let format = try config.choice("format", Self.formats + ["mixed-precision"])
        var blocks: [(rows: Int, columns: Int)] = []
        var needsColumnGroups = false
        for member in config["config_groups"]?.object?.members ?? [] {
            // A list of modules instead of an object: the member's name is a preset's.
            guard let group = member.value.object else { continue }
            try Self.check(group, named: member.key, format, config)
            let weights = group["weights"]
            if let block = try Self.block(weights?["block_structure"], config) {
                blocks.append(block)
            }
            let order = weights?["actorder"]?.string?.lowercased() ?? ""
            needsColumnGroups = needsColumnGroups || ["group", "dynamic"].contains(order)
        }
        self.blocks = blocks
        self.needsColumnGroups = needsColumnGroups
    }

    func matrix(
        _ name: String,
        stem: String,
        in source: HuggingFaceModel
    ) throws(ModelFileError) -> (any StoredMatrix)? {
        let module = Module(stem: stem + ".weight", source: source)
        if let codes = try source.optionalTensor(module.stem + "_packed") {
            return try module.packed(codes, needsColumnGroups: needsColumnGroups)
        }
        guard let codes = try source.optionalTensor(module.stem) else { return nil }
        switch codes.type {
        case .i8: return try module.integers(codes)
        case .f8E4M3:
            let (rows, columns) = try codes.matrixShape()
            let scales = try source.tensor(module.stem + "_scale")
            return ByteMatrix(
                float8: codes,
                try ScaleGrid(scales, rows: rows, columns: columns, blocks: blocks)
            )
        default:
            if source.has(module.stem + "_scale") {
                throw codes.error(
                    .unsupported,
                    "is \(codes.type) with a scale; this build reads quantised weights that are "
                        + "stored compressed (i8, f8_e4m3, weight_packed)"
                )
            }
            return nil
        }
    }

    private static let formats = [
        "dense", "pack-quantized", "int-quantized", "float-quantized", "naive-quantized",
    ]

    private static let known: Set<String> = [
        "quant_method", "config_groups", "format", "sparsity_config",
        // Which modules are quantised shows in the tensors.
        "ignore",
        // The cache's format is the engine's choice.
        "kv_cache_scheme",
        "quantization_status", "global_compression_ratio", "version", "provider", "run_compressed",
        "dequantize", "use_optimized_inference",
    ]
}

// MARK: configuration

extension CompressedTensors {
    /// Refuses a group whose numbers have no encoding here.
    private static func check(
        _ group: JSONObject,
        named name: String,
        _ format: String,
        _ config: QuantizationConfig
    ) throws(ModelFileError) {
        let format = group["format"]?.string ?? format
        guard formats.contains(format) else {
            throw config.error(
                .unsupported,
                "has format \(quoted(format)) in \(quoted(name)); this build reads \(list(formats))"
            )
        }
        guard let weights = group["weights"], !weights.isNull else { return }
        let type = weights["type"]?.string ?? "int"
        let bits = weights["num_bits"]?.int ?? 8
        guard type == "int" && (bits == 4 || bits == 8) || type == "float" && bits == 8 else {
            throw config.error(
                .unsupported,
                "has weights of type \(quoted(type)) with num_bits \(bits) in \(quoted(name)); "
                    + "this build reads int of 4 and 8 bits and float of 8"
            )
        }
    }

    /// `block_structure`, a list of two numbers, or in early files "128x128".
    private static func block(
        _ json: JSON?,
        _ config: QuantizationConfig
    ) throws(ModelFileError) -> (rows: Int, columns: Int)? {
        guard let json, !json.isNull else { return nil }
        let sizes =
            json.array?.compactMap(\.int)
            ?? json.string?.split(separator: "x").compactMap { Int($0) } ?? []
        guard sizes.count == 2, sizes.allSatisfy({ $0 > 0 }) else {
            throw config.error(
                .malformed,
                "has block_structure \(quoted(json.text())), which is not two sizes"
            )
        }
        return (sizes[0], sizes[1])
    }
}

// MARK: modules

/// One module's tensors.
private struct Module {
    /// Their common beginning: "q_proj.weight".
    let stem: String
    let source: HuggingFaceModel

    /// 8-bit integers, one to a byte.
    func integers(_ codes: Tensor) throws(ModelFileError) -> ByteMatrix {
        let (rows, columns) = try codes.matrixShape()
        let scales = try source.tensor(stem + "_scale")
        if let zeros = try source.optionalTensor(stem + "_zero_point"),
            zeros.floats().contains(where: { $0 != 0 })
        {
            throw asymmetric(zeros)
        }
        return ByteMatrix(integers: codes, try ScaleGrid(scales, rows: rows, columns: columns))
    }

    func packed(
        _ codes: Tensor,
        needsColumnGroups: Bool
    ) throws(ModelFileError) -> any StoredMatrix {
        try codes.check(type: .i32)
        let (rows, words) = try codes.matrixShape()
        let (columns, bits) = try unpackedShape(of: codes, rows: rows, words: words)
        let scales = try source.tensor(stem + "_scale")
        let grid = try ScaleGrid(scales, rows: rows, columns: columns)
        let index =
            try needsColumnGroups
            ? source.tensor(stem + "_g_idx") : source.optionalTensor(stem + "_g_idx")
        let zeros = try source.optionalTensor(stem + "_zero_point")
        let groups = columns / grid.groupSize
        return PackedMatrix(
            rows: rows,
            columns: columns,
            encoding: .integers(bits: bits, groupSize: grid.groupSize),
            columnOrder: try index.flatMap { index throws(ModelFileError) in
                try columnOrder(index, columns, grid.groupSize)
            },
            codes: codes,
            scales: grid,
            zeros: try zeros.flatMap { zeros throws(ModelFileError) in
                try zeroPoints(zeros, rows: rows, groups: groups, bits: bits)
            }
        )
    }

    /// Columns and bits by `weight_shape`.
    private func unpackedShape(
        of codes: Tensor,
        rows: Int,
        words: Int
    ) throws(ModelFileError) -> (columns: Int, bits: Int) {
        let tensor = try source.tensor(stem + "_shape")
        try tensor.check(shape: [2], "a matrix")
        let shape = tensor.floats().map { Int(exactly: $0) ?? 0 }
        let columns = shape[1]
        guard shape[0] == rows, columns > 0 else {
            throw tensor.error(.malformed, "says \(shape), but weight_packed has \(rows) rows")
        }
        guard let bits = [4, 8].first(where: { Packing.words(columns, bits: $0) == words }) else {
            throw codes.error(
                .malformed,
                "has \(words) words a row, which hold neither 4 nor 8 bits of \(columns) columns"
            )
        }
        return (columns, bits)
    }

    /// Early files have an index of -1 where columns are not grouped.
    private func columnOrder(
        _ index: Tensor,
        _ columns: Int,
        _ groupSize: Int
    ) throws(ModelFileError) -> [Int32]? {
        if index.floats().allSatisfy({ $0 == -1 }) { return nil }
        return try index.columnOrder(columns: columns, groupSize: groupSize)
    }

    /// - Returns: nil where codes are kept around 0.
    private func zeroPoints(
        _ tensor: Tensor,
        rows: Int,
        groups: Int,
        bits: Int
    ) throws(ModelFileError) -> ZeroPoints? {
        let zeros = try ZeroPoints(tensor, rows: rows, groups: groups, bits: bits)
        if bits == 4 { return zeros }
        for row in 0..<rows {
            for group in 0..<groups where zeros.code(row, group) != 128 { throw asymmetric(tensor) }
        }
        return nil
    }

    private func asymmetric(_ zeros: Tensor) -> ModelFileError {
        zeros.error(
            .unsupported,
            "has zero points other than 0; this build reads 8-bit weights that are symmetric"
        )
    }
}
