package import Core
internal import Glibc

/// A model on disk, opened and checked, nothing computed: configuration, tensors where they lie,
/// and where its tokenizer and chat template are.
package final class ModelSource: Sendable {
    /// The folder's own name, without the path to it.
    package let name: String
    /// As the caller gave it, for messages.
    package let path: String
    /// config.json, an object.
    package let config: JSON
    /// generation_config.json, where there is one.
    package let generationConfig: JSON?
    /// Source of the default chat template (Jinja).
    package let chatTemplate: String?
    /// The folder that holds tokenizer.json: the model's own, or `tokenizer` beside it.
    package let tokenizerFolder: String?
    private let weights: Weights
    /// How matrices are quantised, if they are; or why this build cannot tell, which is an error
    /// only once a matrix is asked for.
    private let scheme: Result<(any QuantizationScheme)?, ModelFileError>

    /// Opens a Hugging Face folder: `config.json`; `model.safetensors` or its shards; optionally
    /// `generation_config.json`, `tokenizer.json`, and a chat template in `chat_template.jinja` or
    /// `tokenizer_config.json`.
    package static func open(_ path: String) throws(ModelFileError) -> ModelSource {
        try checkFolder(path)
        return try ModelSource(folder: path)
    }

    private init(folder: String) throws(ModelFileError) {
        let trimmed = Self.trimmed(folder)
        let resolved = Self.resolved(trimmed)
        path = trimmed
        name = Self.lastComponent(resolved)
        config = try Self.object(trimmed + "/config.json")
        let generation = trimmed + "/generation_config.json"
        // Not `condition ? object : nil`: that nil would be JSON's null.
        generationConfig =
            SmallFile.exists(generation) ? .some(try Self.object(generation)) : .none
        let sibling = Self.parent(resolved) + "/tokenizer"
        let folders = [trimmed, sibling]
        tokenizerFolder = folders.first { SmallFile.exists($0 + "/tokenizer.json") }
        chatTemplate = try ChatTemplateSource.find(in: folders)
        weights = try Weights(folder: trimmed)
        scheme = Self.scheme(config, trimmed + "/config.json")
    }

    /// Names of all tensors, file by file in the order of their bytes.
    package var tensorNames: [String] { weights.tensorNames }

    package func has(_ name: String) -> Bool { weights.has(name) }

    /// The tensor's bytes are valid while it or this object lives.
    package func tensor(_ name: String) throws(ModelFileError) -> Tensor {
        guard let tensor = try weights.tensor(name) else {
            throw ModelFileError(
                .noSuchTensor,
                path: path,
                tensor: name,
                "is missing from the model's weights"
            )
        }
        return tensor
    }
}

// MARK: matrices

extension ModelSource {
    /// The weight matrix `name` in its own number format. Refuses what this build does not know how
    /// to read (`unsupported`), what is not there (`noSuchTensor`), and tensors whose shapes or
    /// indices contradict each other (`malformed`): a matrix that is returned can be read.
    ///
    /// - Parameters:
    ///   - name: the weight's full name, whatever tensors it is stored in:
    ///     "model.layers.0.self_attn.q_proj.weight".
    ///   - transposed: a float tensor of this name lies as (..., inputs, outputs). Quantised
    ///     matrices know themselves how they lie.
    /// - Returns: (outputs, inputs); all dimensions before the last two are rows too.
    package func matrix(
        _ name: String,
        transposed: Bool = false
    ) throws(ModelFileError) -> any StoredMatrix {
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

    /// Whether there is a matrix `name`, quantised or not. Says nothing about whether it is sound.
    package func hasMatrix(_ name: String) -> Bool {
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

// MARK: paths

extension ModelSource {
    private static func checkFolder(_ path: String) throws(ModelFileError) {
        if SmallFile.isFolder(path) {
            if SmallFile.exists(path + "/config.json") { return }
            throw ModelFileError(
                .notFound,
                path: path,
                "has no config.json; give the folder that holds config.json and model.safetensors"
            )
        }
        guard SmallFile.exists(path) else {
            throw ModelFileError(
                .notFound,
                path: path,
                "does not exist; give the folder of a model (config.json, model.safetensors)"
            )
        }
        if path.lowercased().hasSuffix(".gguf") {
            throw ModelFileError(
                .unsupported,
                path: path,
                "is a GGUF file, which this build does not read; give a Hugging Face folder"
            )
        }
        throw ModelFileError(
            .unsupported,
            path: path,
            "is a file; give the folder that holds it, with config.json and model.safetensors"
        )
    }

    private static func object(_ path: String) throws(ModelFileError) -> JSON {
        let json = try SmallFile.json(path)
        guard json.object != nil else {
            throw ModelFileError(.malformed, path: path, "is \(json.typeName), not an object")
        }
        return json
    }

    private static func trimmed(_ path: String) -> String {
        var path = path[...]
        while path.count > 1, path.last == "/" { path.removeLast() }
        return String(path)
    }

    /// Without links, dots and double slashes, so that "." has a name and a sibling.
    private static func resolved(_ path: String) -> String {
        guard let pointer = realpath(path, nil) else { return path }
        defer { free(pointer) }
        return String(cString: pointer)
    }

    private static func lastComponent(_ path: String) -> String {
        path.split(separator: "/").last.map { String($0) } ?? path
    }

    private static func parent(_ path: String) -> String {
        "/" + path.split(separator: "/").dropLast().joined(separator: "/")
    }
}
