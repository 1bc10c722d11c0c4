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
