package import Core
internal import Glibc

/// A model on disk, opened and checked, nothing computed: configuration, tensors where they lie,
/// and its tokenizer and chat template. Whatever the format, it speaks Hugging Face's names: the
/// keys of config.json and the tensors of the model family's safetensors files.
package final class ModelSource: Sendable {
    /// The folder's or file's own name, without the path to it and without ".gguf".
    package let name: String
    /// As the caller gave it, for messages.
    package let path: String
    private let backend: any ModelBackend

    /// Opens a Hugging Face folder (config.json, model.safetensors or its shards), a GGUF file, one
    /// of the parts of a GGUF model, or a folder that holds just one GGUF model.
    package static func open(_ path: String) throws(ModelFileError) -> ModelSource {
        let trimmed = ModelPath.trimmed(path)
        if let file = try ModelPath.ggufFile(trimmed) {
            let name = ModelPath.modelName(ofGGUF: file)
            return ModelSource(name, trimmed, try GGUFModel(GGUFFile(file)))
        }
        let resolved = ModelPath.resolved(trimmed)
        return ModelSource(
            ModelPath.lastComponent(resolved),
            trimmed,
            try HuggingFaceModel(trimmed, sibling: ModelPath.parent(resolved) + "/tokenizer")
        )
    }

    private init(_ name: String, _ path: String, _ backend: any ModelBackend) {
        self.name = name
        self.path = path
        self.backend = backend
    }

    /// config.json, an object; of a GGUF file what config.json would say.
    package var config: JSON { backend.config }
    /// generation_config.json, where there is one; of a GGUF file what it would say.
    package var generationConfig: JSON? { backend.generationConfig }
    /// Source of the default chat template (Jinja).
    package var chatTemplate: String? { backend.chatTemplate }
    /// The folder that holds tokenizer.json: the model's own, or `tokenizer` beside it.
    package var tokenizerFolder: String? { backend.tokenizerFolder }
    /// The tokenizer inside a GGUF file.
    package var vocabulary: StoredVocabulary? { backend.vocabulary }
    /// A GGUF file's own metadata, for those who copy it.
    var ggufMetadata: GGUFMetadata? { (backend as? GGUFModel)?.metadata }
}

// MARK: tensors as they lie

extension ModelSource {
    /// Names of all tensors, file by file in the order of their bytes, as the file spells them: a
    /// GGUF file's are GGUF's, not Hugging Face's.
    package var tensorNames: [String] { backend.tensorNames }

    /// Whether `tensorNames` has the name.
    package func has(_ name: String) -> Bool { backend.has(name) }

    /// What the model calls the weight that the tensor holds or is a part of; nil for tensors beside
    /// the text model, such as those that see images, which are never read. A GGUF file's tensors
    /// keep their names.
    package func weightName(of tensor: String) -> String? { backend.weightName(of: tensor) }

    /// A tensor by a name of `tensorNames`, as it lies. Its bytes are valid while it or this object
    /// lives.
    package func tensor(_ name: String) throws(ModelFileError) -> Tensor {
        try backend.tensor(name)
    }
}

extension ModelSource {
    /// Refuses a model that holds tensors of types whose values this build does not know, by their
    /// names. Such a model can be looked at, not run.
    package func checkTypes() throws(ModelFileError) {
        var types: [String] = []
        for name in tensorNames where weightName(of: name) != nil {
            let type = try tensor(name).type
            if !type.isKnown, !types.contains("\(type)") { types.append("\(type)") }
        }
        if types.isEmpty { return }
        throw ModelFileError(
            .unsupported,
            path: path,
            "holds tensors of \(list(types.sorted())), \(TensorType.unknownRemedy)"
        )
    }
}

extension ModelSource {
    /// Gives back the memory of file pages read so far; they can be read again.
    package func releasePages() { backend.releasePages() }
}

// MARK: weights by Hugging Face's names

extension ModelSource {
    /// The weight matrix `name` in its own number format. Refuses what this build does not know how
    /// to read (`unsupported`), what is not there (`noSuchTensor`), and tensors whose shapes or
    /// indices contradict each other (`malformed`): a matrix that is returned can be read.
    ///
    /// - Parameters:
    ///   - name: the weight's full name, whatever tensors it is stored in:
    ///     "model.layers.0.self_attn.q_proj.weight".
    ///   - transposed: a float tensor of this name lies as (..., inputs, outputs). Quantised
    ///     matrices, and GGUF files, know themselves how they lie.
    /// - Returns: (outputs, inputs); all dimensions before the last two are rows too.
    package func matrix(
        _ name: String,
        transposed: Bool = false
    ) throws(ModelFileError) -> any StoredMatrix {
        try backend.matrix(name, transposed: transposed)
    }

    /// Whether there is a matrix or vector `name`, quantised or not. Says nothing about whether it
    /// is sound.
    package func hasMatrix(_ name: String) -> Bool { backend.hasMatrix(name) }

    /// The vector `name`, or any small tensor, as floats.
    package func vector(_ name: String) throws(ModelFileError) -> StoredVector {
        try backend.vector(name)
    }
}

extension ModelFileError {
    static func missing(_ tensor: String, in path: String) -> ModelFileError {
        ModelFileError(
            .noSuchTensor,
            path: path,
            tensor: tensor,
            "is missing from the model's weights"
        )
    }
}
