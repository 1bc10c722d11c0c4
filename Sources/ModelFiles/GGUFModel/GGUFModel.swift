internal import Core

/// A GGUF file shown as a Hugging Face model: config.json from its metadata, weights by Hugging
/// Face's names. Quantised blocks stay what they are; only the order of rows changes.
struct GGUFModel: ModelBackend {
    private let file: GGUFFile
    private let dimensions: GGUFDimensions
    /// Which weight each of Hugging Face's names belongs to, and at which place of its tensors.
    private let weights: [String: (binding: TensorBinding, index: Int)]
    let config: JSON
    let generationConfig: JSON?
    let chatTemplate: String?
    let vocabulary: StoredVocabulary?
    let tokenizerFolder: String? = nil

    /// Refuses an architecture, a setting or a tensor that this build does not know.
    init(_ file: GGUFFile) throws(ModelFileError) {
        self.file = file
        let reading = try GGUFReading(file)
        config = try reading.family.config(reading)
        try reading.refuseUnknown()
        dimensions = try GGUFDimensions(config, reading.family, path: file.path)
        weights = try Self.weights(file, reading.family, dimensions)
        generationConfig = try GGUFVocabulary.generationConfig(file.metadata)
        chatTemplate = try GGUFVocabulary.chatTemplate(file)
        vocabulary = try GGUFVocabulary.read(file)
    }

    var metadata: GGUFMetadata { file.metadata }
    var tensorNames: [String] { file.tensorNames }
    func has(_ name: String) -> Bool { file.has(name) }
    func tensor(_ name: String) throws(ModelFileError) -> Tensor { try file.tensor(name) }
    func weightName(of tensor: String) -> String? { tensor }
    func releasePages() { file.releasePages() }
    func hasMatrix(_ name: String) -> Bool { weights[name] != nil }

    // MARK: names

    /// Tensors that belong to the configuration.
    private static let settings: Set<String> = [
        "rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight",
    ]

    private static func weights(
        _ file: GGUFFile,
        _ family: GGUFFamily,
        _ d: GGUFDimensions
    ) throws(ModelFileError) -> [String: (TensorBinding, Int)] {
        var weights: [String: (TensorBinding, Int)] = [:]
        var unknown = Set(file.tensorNames).subtracting(settings)
        try TensorBinding.forEach(family, d) { binding throws(ModelFileError) in
            guard binding.rule.isRead, binding.mayBe(gguf: file.has) else { return }
            let names = binding.gguf
            guard !names.isEmpty, names.allSatisfy(file.has) else { return }
            unknown.subtract(names)
            for (index, name) in binding.huggingFace.enumerated() where weights[name] == nil {
                weights[name] = (binding, index)
            }
        }
        let extra = try file.metadata.int("\(family.architecture).nextn_predict_layers") ?? 0
        for name in unknown.sorted() {
            // Layers that predict tokens further ahead lie behind the others.
            if extra > 0, layer(name).map({ $0 >= d.layers }) ?? false { continue }
            // Angles, from the format's first months; the metadata has them too.
            if name.hasSuffix(".attn_rot_embd.weight") { continue }
            throw ModelFileError(
                .unsupported,
                path: file.path,
                tensor: name,
                "is not known to this build as part of the architecture "
                    + quoted(family.architecture)
            )
        }
        return weights
    }

    /// The number in "blk.3.attn_q.weight".
    private static func layer(_ name: String) -> Int? {
        let parts = name.split(separator: ".")
        return parts.count > 2 && parts[0] == "blk" ? Int(parts[1]) : nil
    }

    private func weight(_ name: String) throws(ModelFileError) -> (TensorBinding, Int) {
        if let weight = weights[name] { return weight }
        throw .missing(name, in: file.path)
    }

    // MARK: weights

    func matrix(_ name: String, transposed: Bool) throws(ModelFileError) -> any StoredMatrix {
        let (binding, index) = try weight(name)
        var matrices: [any StoredMatrix] = []
        for name in binding.gguf {
            let turned = binding.rule.turnsFirst && matrices.isEmpty
            matrices.append(try stored(file.tensor(name), turned: turned))
        }
        let columns = matrices[0].columns
        guard matrices.allSatisfy({ $0.columns == columns }) else { throw contradiction(binding) }
        let pile = RowPile(matrices: matrices)
        let (range, place) = try rows(binding, index, of: pile.rows)
        return pile.rows(range, place)
    }

    private func stored(_ tensor: Tensor, turned: Bool) throws(ModelFileError) -> any StoredMatrix {
        try tensor.checkKnown()
        guard tensor.type.isDecodable, tensor.count > 0, !tensor.shape.isEmpty else {
            throw tensor.error(
                .unsupported,
                "is \(tensor.type) of shape \(tensor.shape), which is no matrix"
            )
        }
        let matrix: any StoredMatrix =
            tensor.type.isSmall ? SmallCodeMatrix(tensor) : TensorMatrix(tensor)
        guard turned else { return matrix }
        guard matrix.rows % dimensions.heads == 0 else {
            throw tensor.error(.malformed, "has \(matrix.rows) rows for \(dimensions.heads) heads")
        }
        return TransposedGroups(matrix, height: matrix.rows / dimensions.heads)
    }

    func vector(_ name: String) throws(ModelFileError) -> StoredVector {
        let (binding, index) = try weight(name)
        var values: [Float] = []
        var shape: [Int] = []
        for name in binding.gguf {
            let tensor = try file.tensor(name)
            try tensor.checkKnown()
            shape = tensor.shape
            values += tensor.floats()
        }
        let (range, place) = try rows(binding, index, of: values.count)
        let isWhole = place == nil && range == 0..<values.count && binding.gguf.count == 1
        let offset = binding.rule.offset
        return StoredVector(
            shape: isWhole ? shape : [range.count],
            values: range.map { values[place?($0) ?? $0] - offset }
        )
    }

    /// Which of a weight's `count` rows belong to its tensor `index`, as Hugging Face counts, and
    /// where those are in the file.
    private func rows(
        _ binding: TensorBinding,
        _ index: Int,
        of count: Int
    ) throws(ModelFileError) -> (Range<Int>, ((Int) -> Int)?) {
        guard let order = binding.rule.layout.order(dimensions, rows: count),
            let heights = binding.huggingFaceHeights(dimensions, rows: count)
        else { throw contradiction(binding) }
        let start = heights[..<index].reduce(0, +)
        return (start..<start + heights[index], order.toGGUF)
    }

    private func contradiction(_ binding: TensorBinding) -> ModelFileError {
        ModelFileError(
            .malformed,
            path: file.path,
            tensor: binding.gguf.first,
            "has a shape that contradicts the metadata"
        )
    }
}
