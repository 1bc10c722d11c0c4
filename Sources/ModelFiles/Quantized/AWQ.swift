/// AWQ as AutoAWQ's "gemm" version stores it (quantisation: arXiv:2306.00978), 4 bits.
///
/// A matrix of N outputs and K inputs lies transposed, eight outputs in a 32-bit word: `qweight`
/// (K, N / 8), `qzeros` (groups, N / 8), `scales` (groups, N). A weight is scale * (code - zero).
struct AWQ: QuantizationScheme {
    let codeSuffixes = [".qweight"]
    /// Nil: all columns are one group.
    private let groupSize: Int?

    init(_ config: QuantizationConfig) throws(ModelFileError) {
        try config.check(known: Self.known)
        let bits = config["bits"] == nil ? "w_bit" : "bits"
        guard try config.integer(bits) ?? 4 == 4 else {
            throw config.unsupported(bits, "this build reads 4")
        }
        let key = config["group_size"] == nil ? "q_group_size" : "group_size"
        let size = try config.integer(key) ?? 128
        guard size > 0 || size == -1 else {
            throw config.unsupported(key, "this build reads sizes above 0, and -1 for all")
        }
        groupSize = size == -1 ? nil : size
        for key in ["version", "format", "checkpoint_format"] {
            _ = try config.choice(key, ["gemm"])
        }
        _ = try config.choice("pack_dtype", ["int32"])
        _ = try config.choice("data_type", ["int"])
        guard try config.flag("zero_point") ?? true else {
            throw config.unsupported("zero_point", "this build reads AWQ with zero points")
        }
    }

    func matrix(
        _ name: String,
        stem: String,
        in source: HuggingFaceModel
    ) throws(ModelFileError) -> (any StoredMatrix)? {
        guard let codes = try source.optionalTensor(stem + ".qweight") else { return nil }
        try codes.check(type: .i32)
        let (columns, words) = try codes.matrixShape()
        let rows = words * 8
        let groupSize = min(groupSize ?? columns, columns)
        let count = groups(columns, of: groupSize)
        let reason = "a matrix of \(rows) by \(columns) in groups of \(groupSize)"
        let scales = try source.tensor(stem + ".scales")
        try scales.check(shape: [count, rows], reason)
        let zeros = try source.tensor(stem + ".qzeros")
        try zeros.check(type: .i32)
        try zeros.check(shape: [count, words], reason)
        return AWQMatrix(
            codes: codes,
            zeros: zeros,
            scales: try FloatTable(scales),
            groupSize: groupSize
        )
    }

    /// Keys that are read above, or that change no weights.
    private static let known: Set<String> = [
        "quant_method", "method", "bits", "w_bit", "group_size", "q_group_size", "version",
        "format", "checkpoint_format", "pack_dtype", "data_type", "zero_point",
        // AWQ has neither: zero points are stored, and groups follow the inputs.
        "sym", "desc_act",
        // Which modules are quantised shows in the tensors.
        "modules_to_not_convert", "lm_head",
        // How the file came to be, and kernels elsewhere.
        "meta", "provider", "autoround_version", "iters", "nsamples", "seqlen", "lr", "minmax_lr",
        "enable_minmax_tuning", "enable_quanted_input", "low_gpu_mem_usage", "batch_size",
        "gradient_accumulate_steps", "amp", "scale_dtype", "damp_percent", "true_sequential",
        "backend", "do_fuse", "fuse_max_seq_len", "modules_to_fuse", "exllama_config",
    ]
}

private struct AWQMatrix: StoredMatrix {
    let rows: Int
    let columns: Int
    let encoding: MatrixEncoding
    private let codes: Tensor
    private let zeros: Tensor
    private let scales: FloatTable
    /// The eight outputs of a word at a time.
    private let panels: RowPanels

    init(codes: Tensor, zeros: Tensor, scales: FloatTable, groupSize: Int) {
        rows = codes.shape[1] * 8
        columns = codes.shape[0]
        encoding = .integers(bits: 4, groupSize: groupSize)
        self.codes = codes
        self.zeros = zeros
        self.scales = scales
        panels = RowPanels(height: 8, rowBytes: columns)
    }

    func read(row index: Int, into row: EncodedRow) {
        let place = index % 8, word = index / 8
        panels.copy(row: place, of: word, into: row.bytes) { unpack(word, into: $0, stride: $1) }
        let count = encoding.groupCount(columns: columns), width = zeros.shape[1]
        scales.copy(count, from: index, stride: rows, into: row.scales)
        for group in 0..<count {
            let numbers = zeros.bytes.word(group * width + word)
            row.zeros[group] = Packing.number(Self.nibble(of: place), of: numbers, bits: 4)
        }
    }

    /// Where output `place` of a word's eight is in it: from the lowest bits, a word holds the
    /// outputs 0, 2, 4, 6, 1, 3, 5, 7.
    private static func nibble(of place: Int) -> Int { place / 2 + place % 2 * 4 }

    /// The codes of one word's outputs for all inputs.
    private func unpack(_ word: Int, into out: UnsafeMutableRawPointer, stride: Int) {
        let words = codes.bytes, width = codes.shape[1]
        for column in 0..<columns {
            let numbers = Packing.bytes(ofNibbles: words.word(column * width + word))
            for place in 0..<8 {
                let number = UInt8(truncatingIfNeeded: numbers >> (8 * Self.nibble(of: place)))
                out.storeBytes(of: number, toByteOffset: place * stride + column, as: UInt8.self)
            }
        }
    }
}
