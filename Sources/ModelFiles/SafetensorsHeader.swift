internal import Core

/// What a safetensors file says it holds, checked against the bytes that are there.
///
/// The format (github.com/huggingface/safetensors): eight bytes, the header's length as a
/// little-endian integer; the header, a JSON object from tensor names to `dtype`, `shape` and
/// `data_offsets` (counted from the header's end); the data, which the tensors cover without
/// overlaps and holes.
package struct SafetensorsHeader: Sendable {
    package struct Entry: Sendable {
        package let name: String
        package let type: TensorType
        package let shape: [Int]
        /// Bytes in the file, from its start.
        package let range: Range<Int>
    }

    /// In the order of their bytes.
    package let entries: [Entry]

    /// - Parameters:
    ///   - file: the whole file.
    ///   - path: where it came from, for messages.
    package init(parsing file: UnsafeRawBufferPointer, path: String) throws(ModelFileError) {
        let header = try Self.headerRange(of: file, path)
        let parser = EntryParser(path: path, dataStart: header.upperBound, fileSize: file.count)
        var entries: [Entry] = []
        var names: Set<String> = []
        for member in try Self.members(file, header, path) where member.key != "__metadata__" {
            guard names.insert(member.key).inserted else {
                throw ModelFileError(
                    .malformed,
                    path: path,
                    tensor: member.key,
                    "appears twice in the header"
                )
            }
            entries.append(try parser.entry(member.key, member.value))
        }
        // Empty tensors sort before the one that starts where they are.
        entries.sort {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        try Self.checkCover(entries, header.upperBound..<file.count, path)
        self.entries = entries
    }

    private static func headerRange(
        of file: UnsafeRawBufferPointer,
        _ path: String
    ) throws(ModelFileError) -> Range<Int> {
        guard file.count >= 8 else {
            throw ModelFileError(
                .malformed,
                path: path,
                offset: 0,
                "has \(file.count) bytes, too few for a safetensors file; download it again"
            )
        }
        let length = file.loadUnaligned(as: UInt64.self)
        guard length <= UInt64(Limits.safetensorsHeaderBytes) else {
            throw ModelFileError(
                .tooLarge,
                path: path,
                offset: 0,
                "claims a header of \(length) bytes; at most \(Limits.safetensorsHeaderBytes) "
                    + "are read. Is it a safetensors file?"
            )
        }
        guard Int(length) <= file.count - 8 else {
            throw ModelFileError(
                .malformed,
                path: path,
                offset: 0,
                "claims a header of \(length) bytes but only \(file.count - 8) follow; "
                    + "download it again"
            )
        }
        return 8..<8 + Int(length)
    }

    private static func members(
        _ file: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        _ path: String
    ) throws(ModelFileError) -> [JSONObject.Member] {
        let json: JSON
        do throws(JSONError) {
            json = try JSON(
                parsing: UnsafeRawBufferPointer(rebasing: file[range]),
                maxNodes: Limits.safetensorsHeaderNodes
            )
        } catch {
            throw ModelFileError(
                .malformed,
                path: path,
                offset: range.lowerBound + error.offset,
                "the header is not JSON: \(error.message)"
            )
        }
        guard let object = json.object else {
            throw ModelFileError(
                .malformed,
                path: path,
                offset: range.lowerBound,
                "the header is \(json.typeName), not an object"
            )
        }
        return object.members
    }

    /// Tensors must follow each other without overlap or hole and fill the file: a file that hides
    /// bytes, or reads them twice, is not what it seems.
    private static func checkCover(
        _ entries: [Entry],
        _ data: Range<Int>,
        _ path: String
    ) throws(ModelFileError) {
        var end = data.lowerBound
        for entry in entries {
            let start = entry.range.lowerBound
            if start != end {
                throw ModelFileError(
                    .malformed,
                    path: path,
                    tensor: entry.name,
                    offset: start,
                    start < end
                        ? "overlaps the tensor before it, which ends at byte \(end)"
                        : "leaves a hole of \(start - end) bytes before it"
                )
            }
            end = entry.range.upperBound
        }
        if end != data.upperBound {
            throw ModelFileError(
                .malformed,
                path: path,
                offset: end,
                "\(data.upperBound - end) bytes after the last tensor belong to none"
            )
        }
    }
}

extension Limits {
    /// JSON values in a safetensors header; a tensor takes about seven.
    static let safetensorsHeaderNodes = 2_000_000
}

/// Checks one tensor's description.
private struct EntryParser {
    let path: String
    let dataStart: Int
    let fileSize: Int

    func entry(_ name: String, _ json: JSON) throws(ModelFileError) -> SafetensorsHeader.Entry {
        let type = try type(name, json["dtype"])
        let shape = try shape(name, json["shape"])
        let range = try range(name, json["data_offsets"])
        guard let size = type.byteCount(ofShape: shape) else {
            throw error(name, "shape \(shape) is larger than any memory")
        }
        guard size == range.count else {
            throw ModelFileError(
                .malformed,
                path: path,
                tensor: name,
                offset: range.lowerBound,
                "\(type) of shape \(shape) takes \(size) bytes, but data_offsets give \(range.count)"
            )
        }
        return .init(name: name, type: type, shape: shape, range: range)
    }

    private func type(_ name: String, _ json: JSON?) throws(ModelFileError) -> TensorType {
        guard let text = json?.string else { throw error(name, "dtype is missing or not a string") }
        guard let type = TensorType(safetensorsName: text) else {
            throw ModelFileError(
                .unsupported,
                path: path,
                tensor: name,
                "has the unknown dtype \(quoted(text)); this build reads "
                    + TensorType.allCases.compactMap(\.safetensorsName).joined(separator: ", ")
            )
        }
        return type
    }

    private func shape(_ name: String, _ json: JSON?) throws(ModelFileError) -> [Int] {
        guard let list = json?.array else { throw error(name, "shape is missing or not an array") }
        guard list.count <= Limits.tensorRank else {
            throw error(name, "has \(list.count) dimensions; at most \(Limits.tensorRank) are read")
        }
        return try integers(name, "shape", list)
    }

    /// - Returns: bytes in the file, inside its data.
    private func range(_ name: String, _ json: JSON?) throws(ModelFileError) -> Range<Int> {
        guard let list = json?.array, list.count == 2 else {
            throw error(name, "data_offsets is missing or not an array of two")
        }
        let offsets = try integers(name, "data_offsets", list)
        guard offsets[0] <= offsets[1] else {
            throw error(name, "data_offsets \(offsets) run backwards")
        }
        guard offsets[1] <= fileSize - dataStart else {
            throw ModelFileError(
                .malformed,
                path: path,
                tensor: name,
                offset: fileSize,
                "data_offsets \(offsets) pass the end: the file has \(fileSize - dataStart) data "
                    + "bytes. Is the download complete?"
            )
        }
        return dataStart + offsets[0]..<dataStart + offsets[1]
    }

    private func integers(
        _ name: String,
        _ field: String,
        _ list: [JSON]
    ) throws(ModelFileError) -> [Int] {
        var integers: [Int] = []
        for element in list {
            guard case .int(let value) = element, value >= 0 else {
                let shown = quoted(element.text())
                throw error(name, "\(field) holds \(shown), which is no whole number from 0 on")
            }
            integers.append(value)
        }
        return integers
    }

    private func error(_ name: String, _ message: String) -> ModelFileError {
        ModelFileError(.malformed, path: path, tensor: name, offset: 8, message)
    }
}
