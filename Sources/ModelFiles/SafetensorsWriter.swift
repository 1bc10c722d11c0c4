internal import Core

/// Writes a safetensors file front to back: the tensors are declared first, then their bytes are
/// appended in the order declared, in pieces of any size. The data begins at a multiple of eight
/// bytes. A file that was not `finish`ed is incomplete, and readers refuse it.
package final class SafetensorsWriter {
    package typealias Declaration = TensorDeclaration

    private let file: OutputFile
    /// Data bytes declared, less those written.
    private var remaining: Int

    /// Creates or replaces the file at `path` and writes the header.
    package init(path: String, tensors: [Declaration]) throws(ModelFileError) {
        let (header, dataBytes) = try Self.header(tensors, path)
        remaining = dataBytes
        file = try OutputFile(path)
        try file.write(header)
    }

    /// Adds the next bytes of the data.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
        guard bytes.count <= remaining else {
            throw ModelFileError(
                .misuse,
                path: file.path,
                "\(bytes.count) more bytes do not fit: \(remaining) are left"
            )
        }
        remaining -= bytes.count
        try file.write(bytes)
    }

    /// Adds values of the declared type, as they lie in memory.
    package func append(_ values: [some BitwiseCopyable]) throws(ModelFileError) {
        try values.withRawBytes { bytes throws(ModelFileError) in try append(bytes) }
    }

    /// Closes the file; every declared byte must have been appended.
    package func finish() throws(ModelFileError) {
        guard remaining == 0 else {
            throw ModelFileError(
                .misuse,
                path: file.path,
                "\(remaining) declared bytes were not written"
            )
        }
        try file.close()
    }

    /// The file's bytes before its data, and the data's length.
    private static func header(
        _ tensors: [Declaration],
        _ path: String
    ) throws(ModelFileError) -> ([UInt8], Int) {
        var members = JSONObject()
        var names: Set<String> = ["__metadata__"]
        var end = 0
        for tensor in tensors {
            let start = end
            guard names.insert(tensor.name).inserted else {
                throw ModelFileError(.misuse, path: path, tensor: tensor.name, "is declared twice")
            }
            guard let type = tensor.type.safetensorsName, tensor.shape.count <= Limits.tensorRank,
                let size = tensor.type.byteCount(ofShape: tensor.shape),
                case (let sum, false) = start.addingReportingOverflow(size)
            else {
                throw ModelFileError(
                    .misuse,
                    path: path,
                    tensor: tensor.name,
                    "shape \(tensor.shape) of \(tensor.type) is impossible"
                )
            }
            end = sum
            let description: JSON = [
                "dtype": .string(type),
                "shape": .array(tensor.shape.map { .int($0) }),
                "data_offsets": [.int(start), .int(end)],
            ]
            members.members.append(.init(key: tensor.name, value: description))
        }
        var text = JSON.object(members).bytes()
        text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
        let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { [UInt8]($0) }
        return (length + text, end)
    }
}
