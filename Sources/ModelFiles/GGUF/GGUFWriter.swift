internal import Core

/// Writes a GGUF file (version 3) front to back: metadata and tensors are declared first, then the
/// tensors' bytes are appended in the order declared, in pieces of any size. Padding is written
/// between them. A file that was not `finish`ed is incomplete, and readers refuse it.
package final class GGUFWriter {
    package typealias Declaration = TensorDeclaration

    private let file: OutputFile
    private let alignment: Int
    /// Bytes of the tensors that are not complete, in order.
    private var remaining: ArraySlice<Int>
    /// Padding after the tensor that is being written.
    private var padding = 0

    /// Creates or replaces the file at `path` and writes everything before the data.
    ///
    /// - Parameter metadata: in the order of the file. `general.alignment`, a `UInt32`, is obeyed;
    ///   without it tensors are aligned to 32 bytes.
    package init(
        path: String,
        metadata: [(key: String, value: GGUFValue)],
        tensors: [Declaration]
    ) throws(ModelFileError) {
        var header = GGUFHeaderWriter(path: path)
        try header.add(metadata, tensorCount: tensors.count)
        let sizes = try header.add(tensors)
        alignment = header.alignment
        remaining = sizes[...]
        file = try OutputFile(path)
        try file.write(header.bytes)
        startTensor()
    }

    /// Adds the next bytes of the data; they may end one tensor and begin others.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let size = remaining.first else {
                throw ModelFileError(
                    .misuse,
                    path: file.path,
                    "\(rest.count) more bytes do not fit: every tensor is complete"
                )
            }
            let piece = rest.prefix(size)
            try file.write(UnsafeRawBufferPointer(rebasing: piece))
            rest = rest.dropFirst(piece.count)
            remaining[remaining.startIndex] -= piece.count
            if piece.count == size { try endTensor() }
        }
    }

    /// Adds values of the declared type, as they lie in memory.
    package func append(_ values: [some BitwiseCopyable]) throws(ModelFileError) {
        try values.withRawBytes { bytes throws(ModelFileError) in try append(bytes) }
    }

    /// Closes the file; every declared byte must have been appended.
    package func finish() throws(ModelFileError) {
        guard remaining.isEmpty else {
            throw ModelFileError(
                .misuse,
                path: file.path,
                "\(remaining.reduce(0, +)) declared bytes were not written"
            )
        }
        try file.close()
    }

    /// Passes over tensors without bytes, which need no padding, and prepares for the next.
    private func startTensor() {
        remaining = remaining.drop { $0 == 0 }
        padding = (alignment - (remaining.first ?? 0) % alignment) % alignment
    }

    private func endTensor() throws(ModelFileError) {
        try file.write([UInt8](repeating: 0, count: padding))
        remaining = remaining.dropFirst()
        startTensor()
    }
}

/// The bytes before the data.
private struct GGUFHeaderWriter {
    let path: String
    private(set) var bytes: [UInt8] = []
    private(set) var alignment = GGUFMetadata.defaultAlignment

    init(path: String) { self.path = path }

    mutating func add(
        _ metadata: [(key: String, value: GGUFValue)],
        tensorCount: Int
    ) throws(ModelFileError) {
        bytes += "GGUF".utf8
        UInt32(3).append(to: &bytes)
        UInt64(tensorCount).append(to: &bytes)
        UInt64(metadata.count).append(to: &bytes)
        var keys: Set<String> = []
        for (key, value) in metadata {
            guard keys.insert(key).inserted else {
                throw misuse("metadata key \(quoted(key)) is given twice")
            }
            if key == GGUFMetadata.alignmentKey { alignment = try checkedAlignment(value) }
            key.append(to: &bytes)
            value.type.rawValue.append(to: &bytes)
            value.payload.withBytes { bytes += $0 }
        }
    }

    private func checkedAlignment(_ value: GGUFValue) throws(ModelFileError) -> Int {
        guard value.type == .uint32, let alignment = value.int, alignment.nonzeroBitCount == 1,
            alignment <= Limits.ggufAlignmentBytes
        else {
            throw misuse(
                "general.alignment is \(value), not a uint32 power of two up to "
                    + "\(Limits.ggufAlignmentBytes)"
            )
        }
        return alignment
    }

    /// - Returns: the bytes of each tensor.
    mutating func add(_ tensors: [GGUFWriter.Declaration]) throws(ModelFileError) -> [Int] {
        var sizes: [Int] = []
        var names: Set<String> = []
        var offset = 0
        for tensor in tensors {
            guard names.insert(tensor.name).inserted else {
                throw misuse("is declared twice", tensor.name)
            }
            guard let number = GGMLTypes.number(tensor.type),
                tensor.shape.count <= Limits.ggufTensorRank,
                let size = tensor.type.byteCount(ofShape: tensor.shape),
                case (let end, false) = offset.addingReportingOverflow(size),
                end <= Int.max - alignment
            else {
                throw misuse("shape \(tensor.shape) of \(tensor.type) is impossible", tensor.name)
            }
            tensor.name.append(to: &bytes)
            UInt32(tensor.shape.count).append(to: &bytes)
            for dimension in tensor.shape.reversed() { UInt64(dimension).append(to: &bytes) }
            number.append(to: &bytes)
            UInt64(offset).append(to: &bytes)
            sizes.append(size)
            offset = aligned(end)
        }
        bytes += [UInt8](repeating: 0, count: aligned(bytes.count) - bytes.count)
        return sizes
    }

    private func aligned(_ count: Int) -> Int { (count + alignment - 1) & -alignment }

    private func misuse(_ message: String, _ tensor: String? = nil) -> ModelFileError {
        ModelFileError(.misuse, path: path, tensor: tensor, message)
    }
}
