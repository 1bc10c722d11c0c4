/// The tensors of one safetensors file, by name.
package final class SafetensorsFile: Sendable {
    package let path: String
    /// In the order of their bytes.
    package let tensorNames: [String]
    private let file: MappedFile
    private let entries: [String: SafetensorsHeader.Entry]

    /// Maps the file and checks its header against its bytes; reads no tensor.
    package init(_ path: String) throws(ModelFileError) {
        self.path = path
        file = try MappedFile(path)
        let header = try SafetensorsHeader(parsing: file.bytes, path: path)
        tensorNames = header.entries.map(\.name)
        entries = Dictionary(header.entries.map { ($0.name, $0) }) { first, _ in first }
    }

    func releasePages() { file.releasePages() }

    package func has(_ name: String) -> Bool { entries[name] != nil }

    package func tensor(_ name: String) throws(ModelFileError) -> Tensor {
        guard let entry = entries[name] else {
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
