internal import Core

/// A Hugging Face folder: `config.json`; `model.safetensors` or its shards; optionally
/// `generation_config.json`, `tokenizer.json`, and a chat template in `chat_template.jinja` or
/// `tokenizer_config.json`. Tokenizer and template may also lie in `tokenizer` beside the folder.
struct HuggingFaceModel: ModelBackend {
    let path: String
    let config: JSON
    let generationConfig: JSON?
    let chatTemplate: String?
    let tokenizerFolder: String?
    let vocabulary: StoredVocabulary? = nil
    private let weights: Weights
    /// Where the text model lies in a model that also sees images.
    private let tower: TextTower?
    /// How matrices are quantised, if they are; or why this build cannot tell, which is an error
    /// only once a matrix is asked for.
    private let scheme: Result<(any QuantizationScheme)?, ModelFileError>

    /// - Parameter sibling: the folder beside it that may hold the tokenizer.
    init(_ folder: String, sibling: String) throws(ModelFileError) {
        path = folder
        let whole = try Self.object(folder + "/config.json")
        let generation = folder + "/generation_config.json"
        // Not `condition ? object : nil`: that nil would be JSON's null.
        generationConfig =
            SmallFile.exists(generation) ? .some(try Self.object(generation)) : .none
        let folders = [folder, sibling]
        tokenizerFolder = folders.first { folder in
            Self.tokenizerFiles.contains { SmallFile.exists(folder + "/" + $0) }
        }
        chatTemplate = try ChatTemplateSource.find(in: folders)
        weights = try Weights(folder: folder)
        tower = try TextTower(whole, weights.tensorNames, path: folder)
        config = tower?.config ?? whole
        scheme = Self.scheme(config, folder + "/config.json")
    }

    /// What shows that a folder has a tokenizer.
    private static let tokenizerFiles = ["tokenizer.json", "tokenizer.model", "vocab.json"]

    var tensorNames: [String] { weights.tensorNames }

    func has(_ name: String) -> Bool { weights.has(name) }

    func weightName(of tensor: String) -> String? {
        if let tower { return tower.weightName(of: tensor) }
        return tensor
    }

    private func tensorName(of weight: String) -> String {
        tower?.tensorName(of: weight) ?? weight
    }

    func releasePages() { weights.releasePages() }

    func tensor(_ name: String) throws(ModelFileError) -> Tensor {
        if let tensor = try weights.tensor(name) { return tensor }
        throw .missing(name, in: path)
    }

    func vector(_ name: String) throws(ModelFileError) -> StoredVector {
        let tensor = try tensor(tensorName(of: name))
        return StoredVector(shape: tensor.shape, values: tensor.floats())
    }

    private static func object(_ path: String) throws(ModelFileError) -> JSON {
        let json = try SmallFile.json(path)
        guard json.object != nil else {
            throw ModelFileError(.malformed, path: path, "is \(json.typeName), not an object")
        }
        return json
    }
}

// MARK: matrices

extension HuggingFaceModel {
    func matrix(
        _ weight: String,
        transposed: Bool
    ) throws(ModelFileError) -> any StoredMatrix {
        let name = tensorName(of: weight)
        let stem = stem(name)
        if let scheme = try scheme.get(),
            let matrix = try scheme.matrix(name, stem: stem, in: self)
        {
            return matrix
        }
        try checkPlain(name)
        let tensor = try tensor(name)
        guard tensor.type.isDecodable, !transposed || tensor.type.blockWidth == 1 else {
            throw tensor.error(
                .unsupported,
                "is \(tensor.type), which this build does not read as a matrix"
                    + (transposed ? " that lies transposed" : "")
            )
        }
        guard tensor.count > 0, tensor.shape.count >= (transposed ? 2 : 1) else {
            throw tensor.error(.malformed, "has shape \(tensor.shape), which is no matrix")
        }
        return transposed ? TransposedMatrix(tensor) : TensorMatrix(tensor)
    }

    func hasMatrix(_ weight: String) -> Bool {
        let name = tensorName(of: weight)
        if has(name) { return true }
        guard case .success(let scheme?) = scheme else { return false }
        return scheme.codeSuffixes.contains { has(stem(name) + $0) }
    }

    private static func scheme(
        _ config: JSON,
        _ path: String
    ) -> Result<(any QuantizationScheme)?, ModelFileError> {
        Result { () throws(ModelFileError) in
            try QuantizationConfig(config, path: path)?.scheme()
        }
    }

    /// Refuses a tensor that is not the whole matrix, as its neighbours show.
    private func checkPlain(_ name: String) throws(ModelFileError) {
        let codes = [".qweight", ".weight_packed", "_blocks"].map { stem(name) + $0 }
        let scales = ["_scale", "_scale_inv"].map { name + $0 }
        let found = has(name) ? scales.first(where: has) : codes.first(where: has)
        guard let found else { return }
        throw ModelFileError(
            .unsupported,
            path: path,
            tensor: name,
            "is quantised, as \(quoted(found)) shows, but config.json has no quantization_config "
                + "that tells how to read it"
        )
    }
}
