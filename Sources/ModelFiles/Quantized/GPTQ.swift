/// GPTQ as AutoGPTQ and GPTQModel store it (quantisation: arXiv:2210.17323), 4 and 8 bits.
///
/// A matrix of N outputs and K inputs lies transposed, `bits` at a time in 32-bit words, lowest
/// first: `qweight` (K * bits / 32, N) along the inputs, `qzeros` (groups, N * bits / 32) along the
/// outputs, `scales` (groups, N), and `g_idx` (K), the group of each input. A weight is
/// scale * (code - zero).
struct GPTQ: QuantizationScheme {
    let codeSuffixes = [".qweight"]
    private let bits: Int
    /// Nil: all columns are one group.
    private let groupSize: Int?
    private let hasActOrder: Bool
    /// Version 1 stores zero points less one.
    private let isVersion1: Bool

    init(_ config: QuantizationConfig) throws(ModelFileError) {
        try config.check(known: Self.known)
        bits = try config.integer("bits") ?? 0
        guard bits == 4 || bits == 8 else {
            throw config.unsupported("bits", "this build reads 4 and 8")
        }
        guard let size = try config.integer("group_size"), size > 0 || size == -1 else {
            throw config.unsupported("group_size", "this build reads sizes above 0, and -1 for all")
        }
        groupSize = size == -1 ? nil : size
        hasActOrder = try config.flag("desc_act") ?? false
        let key = config["checkpoint_format"] == nil ? "format" : "checkpoint_format"
        isVersion1 = try config.choice(key, ["gptq", "gptq_v2"]) == "gptq"
        _ = try config.choice("pack_dtype", ["int32"])
        _ = try config.choice("data_type", ["int"])
    }

    func matrix(
        _ name: String,
        stem: String,
        in source: HuggingFaceModel
    ) throws(ModelFileError) -> (any StoredMatrix)? {
        guard let codes = try source.optionalTensor(stem + ".qweight") else { return nil }
        try codes.check(type: .i32)
        let (words, rows) = try codes.matrixShape()
        let columns = words * (32 / bits)
        let groupSize = min(groupSize ?? columns, columns)
        let count = groups(columns, of: groupSize)
        let reason = "a matrix of \(rows) by \(columns) in groups of \(groupSize)"
        let scales = try source.tensor(stem + ".scales")
        try scales.check(shape: [count, rows], reason)
        let zeros = try source.tensor(stem + ".qzeros")
        try zeros.check(type: .i32)
        try zeros.check(shape: [count, Packing.words(rows, bits: bits)], reason)
        let index = hasActOrder || source.has(stem + ".g_idx")
        let order =
            index
            ? try source.tensor(stem + ".g_idx").columnOrder(columns: columns, groupSize: groupSize)
            : .none
        let matrix = GPTQMatrix(
            rows: rows,
            columns: columns,
            encoding: .integers(bits: bits, groupSize: groupSize),
            columnOrder: order,
            codes: codes,
            zeros: zeros,
            scales: try FloatTable(scales),
            zeroStep: isVersion1 ? (bits == 4 ? 0x1111_1111 : 0x0101_0101) : 0
        )
        if bits == 8 { try matrix.checkSymmetric() }
        return matrix
    }

    /// Keys that are read above, or that tell how the file came to be and what else to run it on.
    private static let known: Set<String> = [
        "quant_method", "method", "bits", "group_size", "desc_act", "checkpoint_format", "format",
        "pack_dtype", "data_type",
        // Zero points are stored whatever this says.
        "sym",
        // Which modules are quantised shows in the tensors.
        "lm_head", "modules_in_block_to_quantize", "block_name_to_quantize",
        "module_name_preceding_first_block", "to_quant_block_names",
        // Calibration.
        "damp_percent", "damp_auto_increment", "static_groups", "true_sequential", "mse",
        "act_group_aware", "dataset", "tokenizer", "batch_size", "pad_token_id", "model_seqlen",
        "cache_block_outputs", "meta", "quantizer", "model_name_or_path", "model_file_base_name",
        "autoround_version", "provider", "iters", "nsamples", "seqlen", "lr", "minmax_lr",
        "enable_minmax_tuning", "enable_quanted_input", "low_gpu_mem_usage",
        "gradient_accumulate_steps", "amp", "scale_dtype",
        // Kernels elsewhere.
        "backend", "max_input_length", "use_cuda_fp16", "use_exllama", "disable_exllama",
        "exllama_config",
    ]
}

private struct GPTQMatrix: StoredMatrix {
    let rows: Int
    let columns: Int
    let encoding: MatrixEncoding
    let columnOrder: [Int32]?
    let codes: Tensor
    let zeros: Tensor
    let scales: FloatTable
    /// Added to every word of zero points. Not number by number: GPTQModel subtracts it from whole
    /// words, so that a zero point of 0 borrows from its neighbour.
    let zeroStep: UInt32

    private var bits: Int { if case .integers(let bits, _) = encoding { bits } else { 0 } }
    private var groupCount: Int { encoding.groupCount(columns: columns) }

    func read(row index: Int, into row: EncodedRow) {
        store(columns, in: columnOrder, into: row.bytes) { unpack(index, into: $0) }
        scales.copy(groupCount, from: index, stride: rows, into: row.scales)
        for group in 0..<groupCount { row.zeros[group] = bits == 4 ? zero(index, group) : 0 }
    }

    /// The words of a row are a matrix row apart. Neighbours of a word in its cache line are the
    /// same place of the next outputs, so reading outputs in order finds them cached.
    private func unpack(_ row: Int, into out: UnsafeMutableRawPointer) {
        let words = codes.bytes, stride = rows
        if bits == 4 {
            for place in 0..<columns / 8 {
                let numbers = Packing.bytes(ofNibbles: words.word(place * stride + row))
                out.storeBytes(of: numbers, toByteOffset: 8 * place, as: UInt64.self)
            }
        } else {
            for place in 0..<columns / 4 {
                let numbers = Packing.signed(words.word(place * stride + row))
                out.storeBytes(of: numbers, toByteOffset: 4 * place, as: UInt32.self)
            }
        }
    }

    private func zero(_ row: Int, _ group: Int) -> UInt8 {
        let perWord = 32 / bits
        let word = zeros.bytes.word(group * zeros.shape[1] + row / perWord)
        return Packing.number(row % perWord, of: word &+ zeroStep, bits: bits)
    }

    /// 8-bit codes are kept as `Int8`, around a zero point of 128.
    func checkSymmetric() throws(ModelFileError) {
        for group in 0..<groupCount {
            for row in 0..<rows where zero(row, group) != 128 {
                throw zeros.error(
                    .unsupported,
                    "has zero point \(zero(row, group)) for output \(row); 8 bits are read only "
                        + "with 128 (quantised with \"sym\": true)"
                )
            }
        }
    }
}
