internal import Core

/// A GGUF model: its metadata, and its tensors by name. Opening any part of a model that is split
/// into several files opens them all.
package final class GGUFFile: Sendable {
    /// As the caller gave it.
    package let path: String
    /// Of the first part, which has what the others lack.
    package let metadata: GGUFMetadata
    /// In the order of their bytes, part by part.
    package let tensorNames: [String]
    private let files: [MappedFile]
    private let entries: [String: (MappedFile, GGUFHeader.Entry)]

    /// Maps the file and its siblings and checks their headers against their bytes; reads no tensor.
    package init(_ path: String) throws(ModelFileError) {
        let parts = try GGUFPart.all(of: path)
        var names: [String] = []
        var entries: [String: (MappedFile, GGUFHeader.Entry)] = [:]
        for part in parts {
            for entry in part.header.entries {
                guard entries.updateValue((part.file, entry), forKey: entry.name) == nil else {
                    throw ModelFileError(
                        .malformed,
                        path: part.file.path,
                        tensor: entry.name,
                        "is also in another part of the model"
                    )
                }
                names.append(entry.name)
            }
        }
        self.path = path
        metadata = parts[0].metadata
        tensorNames = names
        files = parts.map(\.file)
        self.entries = entries
    }

    func releasePages() {
        for file in files { file.releasePages() }
    }

    package func has(_ name: String) -> Bool { entries[name] != nil }

    package func tensor(_ name: String) throws(ModelFileError) -> Tensor {
        guard let (file, entry) = entries[name] else {
            throw ModelFileError(.noSuchTensor, path: path, tensor: name, "is not in the file")
        }
        return Tensor(
            name: name,
            type: entry.type,
            shape: entry.shape,
            file: file,
            range: entry.range
        )
    }
}
