internal import Core
internal import Glibc

/// Whole files that are small by nature: configuration, index, template.
enum SmallFile {
    /// Whether something that is not a folder is at `path`.
    static func exists(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT != S_IFDIR
    }

    static func isFolder(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    static func bytes(_ path: String, limit: Int) throws(ModelFileError) -> [UInt8] {
        let file = try OpenFile(reading: path)
        defer { file.close() }
        guard file.byteCount <= limit else {
            throw ModelFileError(
                .tooLarge,
                path: path,
                "has \(file.byteCount) bytes; at most \(limit) are read"
            )
        }
        var bytes = [UInt8](repeating: 0, count: file.byteCount)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                read(
                    file.descriptor,
                    buffer.baseAddress?.advanced(by: filled),
                    buffer.count - filled
                )
            }
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw file.failure("cannot be read") }
            if count == 0 { break }
            filled += count
        }
        return Array(bytes[..<filled])
    }

    static func json(
        _ path: String,
        limit: Int = Limits.configBytes
    ) throws(ModelFileError) -> JSON {
        let bytes = try bytes(path, limit: limit)
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw ModelFileError(
                .malformed,
                path: path,
                offset: error.offset,
                "is not JSON: \(error)"
            )
        }
    }

    static func text(_ path: String, limit: Int) throws(ModelFileError) -> String {
        let bytes = try bytes(path, limit: limit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ModelFileError(.malformed, path: path, "is not UTF-8 text")
        }
        return text
    }
}
