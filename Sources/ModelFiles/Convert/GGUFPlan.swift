internal import Core

/// Which of a model's weights become which of a GGUF file's tensors.
struct GGUFPlan {
    private let source: ModelSource
    private let family: GGUFFamily
    private let dimensions: GGUFDimensions
    /// In the order of the file: a weight, and which of its tensors.
    let parts: [(binding: TensorBinding, part: Int)]

    /// Refuses what has no place in GGUF: an unknown family, and tensors that no rule takes.
    init(_ source: ModelSource) throws(ModelFileError) {
        self.source = source
        let family = try GGUFFamily.writing(source.config, path: source.path)
        self.family = family
        dimensions = try GGUFDimensions(source.config, family, path: source.path)
        let ties = source.config["tie_word_embeddings"]?.bool ?? family.tiesEmbeddings
        var parts: [(TensorBinding, Int)] = []
        var given: Set<String> = []
        var used: Set<String> = []
        try TensorBinding.forEach(family, dimensions) { binding throws(ModelFileError) in
            func spelled(_ name: String) -> String { Self.spelled(name, in: source, family) }
            guard binding.rule.isWritten,
                binding.mayBe(huggingFace: { source.hasMatrix(spelled($0)) })
            else { return }
            let names = binding.huggingFace.map(spelled), own = binding.gguf
            if ties, own == ["output.weight"] { return }
            guard !names.isEmpty, names.allSatisfy(source.hasMatrix) else { return }
            used.formUnion(names)
            for part in own.indices where given.insert(own[part]).inserted {
                parts.append((binding, part))
            }
        }
        self.parts = parts
        try Self.checkAllUsed(source, used, dimensions)
    }

    /// The name as the source has it: some published files leave a prefix away.
    private static func spelled(
        _ name: String,
        in source: ModelSource,
        _ family: GGUFFamily
    ) -> String {
        let prefix = family.optionalPrefix
        guard !prefix.isEmpty, name.hasPrefix(prefix), !source.hasMatrix(name) else { return name }
        return String(name.dropFirst(prefix.count))
    }

    /// Tensors that are derived from others, or not of the model.
    private static let derived = [
        ".rotary_emb.inv_freq", ".attn.bias", ".attn.masked_bias", ".attention.bias",
        ".attention.masked_bias",
    ]

    private static func checkAllUsed(
        _ source: ModelSource,
        _ used: Set<String>,
        _ d: GGUFDimensions
    ) throws(ModelFileError) {
        // A GGUF file was checked when it was opened; quantised weights are several tensors each.
        guard source.ggufMetadata == nil, source.config["quantization_config"] == nil else {
            return
        }
        for tensor in source.tensorNames {
            // What sees images has files of its own beside a GGUF file.
            guard let name = source.weightName(of: tensor), !used.contains(name) else { continue }
            if derived.contains(where: name.hasSuffix) || isHead(name) { continue }
            let layer = name.split(separator: ".").lazy.compactMap { Int($0) }.first
            if let layer, layer >= d.layers { continue }  // predicts tokens further ahead
            throw ModelFileError(
                .unsupported,
                path: source.path,
                tensor: tensor,
                "has no place in a GGUF file, as far as this build knows"
            )
        }
    }

    /// A head that repeats the embedding.
    private static func isHead(_ name: String) -> Bool {
        name == "lm_head.weight" || name == "embed_out.weight"
    }

    // MARK: weights

    /// Vectors that GGUF has for what config.json says in numbers.
    var settingVectors: [(name: String, values: [Float])] {
        family.rope?.vectors(source.config, family) ?? []
    }

    /// One of GGUF's tensors as a matrix; rows of different experts follow each other.
    func matrix(_ binding: TensorBinding, _ part: Int) throws(ModelFileError) -> any StoredMatrix {
        var matrices: [any StoredMatrix] = []
        for name in binding.huggingFace {
            let spelled = Self.spelled(name, in: source, family)
            matrices.append(try source.matrix(spelled, transposed: binding.rule.isTransposed))
        }
        let pile = RowPile(matrices: matrices)
        let columns = matrices[0].columns
        guard matrices.allSatisfy({ $0.columns == columns && $0.rows == matrices[0].rows }) else {
            throw contradiction(binding)
        }
        let (range, place) = try rows(binding, part, of: pile.rows)
        let matrix = pile.rows(range, place)
        guard binding.rule.turnsFirst, part == 0 else { return matrix }
        return TransposedGroups(matrix, height: matrix.rows / dimensions.heads)
    }

    func vector(_ binding: TensorBinding, _ part: Int) throws(ModelFileError) -> StoredVector {
        var values: [Float] = []
        var shape: [Int] = []
        for name in binding.huggingFace {
            let vector = try source.vector(Self.spelled(name, in: source, family))
            values += vector.values
            shape = vector.shape
        }
        let (range, place) = try rows(binding, part, of: values.count)
        let offset = binding.rule.offset
        let chosen = range.map { values[place?($0) ?? $0] + offset }
        if let height = stackHeight(binding, chosen.count) {
            return StoredVector(shape: [height, chosen.count / height], values: chosen)
        }
        let isWhole = place == nil && chosen.count == values.count && binding.huggingFace.count == 1
        return StoredVector(shape: isWhole ? shape : [chosen.count], values: chosen)
    }

    func shape(_ binding: TensorBinding, rows: Int, columns: Int) -> [Int] {
        if let height = stackHeight(binding, rows) { return [height, rows / height, columns] }
        return [rows, columns]
    }

    private func stackHeight(_ binding: TensorBinding, _ rows: Int) -> Int? {
        binding.stackHeight(dimensions).flatMap { $0 > 0 && rows % $0 == 0 ? $0 : nil }
    }

    /// Which of a weight's `count` rows belong to GGUF's tensor `part`, and where those are in the
    /// source.
    private func rows(
        _ binding: TensorBinding,
        _ part: Int,
        of count: Int
    ) throws(ModelFileError) -> (Range<Int>, ((Int) -> Int)?) {
        guard let order = binding.rule.layout.order(dimensions, rows: count),
            let heights = binding.ggufHeights(order, rows: count)
        else { throw contradiction(binding) }
        let start = heights[..<part].reduce(0, +)
        return (start..<start + heights[part], order.fromGGUF)
    }

    private func contradiction(_ binding: TensorBinding) -> ModelFileError {
        ModelFileError(
            .malformed,
            path: source.path,
            tensor: binding.huggingFace.first,
            "has a shape that contradicts config.json"
        )
    }

    func releasePages() { source.releasePages() }

    // MARK: metadata

    /// Everything before the tensors.
    func metadata(
        fileType: Int?,
        isQuantised: Bool
    ) throws(ModelFileError) -> [(key: String, value: GGUFValue)] {
        var pairs: [(key: String, value: GGUFValue)] = [
            ("general.architecture", GGUFValue(family.architecture)),
            ("general.type", GGUFValue("model")),
        ]
        if let old = source.ggufMetadata {
            // Names, authors, licences.
            let replaced = [
                "architecture", "type", "file_type", "quantization_version", "alignment",
            ]
            for key in old.keys where key.hasPrefix("general.") {
                if !replaced.contains(String(key.dropFirst(8))), let value = old[key] {
                    pairs.append((key, value))
                }
            }
        } else {
            pairs.append(("general.name", GGUFValue(source.name)))
        }
        if let type = fileType.flatMap(UInt32.init(exactly:)) {
            pairs.append(("general.file_type", GGUFValue(type)))
        }
        if isQuantised { pairs.append(("general.quantization_version", GGUFValue(UInt32(2)))) }
        pairs += family.metadata(source.config)
        return try pairs + tokenizer()
    }

    private func tokenizer() throws(ModelFileError) -> [(key: String, value: GGUFValue)] {
        if let old = source.ggufMetadata {
            return old.keys.filter { $0.hasPrefix("tokenizer.") }.compactMap { key in
                old[key].map { (key, $0) }
            }
        }
        return try TokenizerMetadata.pairs(source)
    }
}
