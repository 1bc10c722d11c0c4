internal import Core
internal import Glibc

/// Writes a safetensors file front to back: the tensors are declared first, then their bytes are
/// appended in the order declared, in pieces of any size. The data begins at a multiple of eight
/// bytes. A file that was not `finish`ed is incomplete, and readers refuse it.
package final class SafetensorsWriter {
    package struct Declaration: Sendable {
        package var name: String
        package var type: TensorType
        /// Outermost dimension first.
        package var shape: [Int]

        package init(name: String, type: TensorType, shape: [Int]) {
            self.name = name
            self.type = type
            self.shape = shape
        }
    }

    private let path: String
    private var descriptor: Int32
    /// Data bytes declared, less those written.
    private var remaining: Int

    /// Creates or replaces the file at `path` and writes the header.
    package init(path: String, tensors: [Declaration]) throws(ModelFileError) {
        let (header, dataBytes) = try Self.header(tensors, path)
        self.path = path
        remaining = dataBytes
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw systemError(path, "cannot be written") }
        try write(header)
    }

    deinit { if descriptor >= 0 { _ = close(descriptor) } }

    /// Adds the next bytes of the data.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
        guard bytes.count <= remaining else {
            throw ModelFileError(
                .misuse,
                path: path,
                "\(bytes.count) more bytes do not fit: \(remaining) are left"
            )
        }
        remaining -= bytes.count
        try write(bytes)
    }

    /// Adds values of the declared type, as they lie in memory.
    package func append(_ values: [some BitwiseCopyable]) throws(ModelFileError) {
        let result = values.withUnsafeBytes { bytes in
            Result { () throws(ModelFileError) in try append(bytes) }
        }
        try result.get()
    }

    /// Closes the file; every declared byte must have been appended.
    package func finish() throws(ModelFileError) {
        guard remaining == 0 else {
            throw ModelFileError(
                .misuse,
                path: path,
                "\(remaining) declared bytes were not written"
            )
        }
        let closed = close(descriptor)
        descriptor = -1
        if closed != 0 { throw systemError(path, "cannot be closed") }
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

    private func write(_ bytes: [UInt8]) throws(ModelFileError) {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(ModelFileError) in try write(bytes) }
        }
        try result.get()
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let count = Glibc.write(descriptor, piece.baseAddress, piece.count)
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw systemError(path, "cannot be written") }
            rest = rest.dropFirst(count)
        }
    }
}
