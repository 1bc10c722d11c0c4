internal import Glibc

/// A regular file, mapped read-only. The bytes are valid while this object lives. Somebody who
/// shortens the file meanwhile takes pages away and ends the process (SIGBUS): model files are
/// replaced by renaming, never overwritten.
///
/// Unchecked: the map is never written to, and unmapped only when the last owner is gone.
package final class MappedFile: @unchecked Sendable {
    package let path: String
    package let bytes: UnsafeRawBufferPointer

    package init(_ path: String) throws(ModelFileError) {
        self.path = path
        let file = try OpenFile(reading: path)
        defer { file.close() }
        guard file.byteCount > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        let map = mmap(nil, file.byteCount, PROT_READ, MAP_PRIVATE, file.descriptor, 0)
        guard let map, map != MAP_FAILED else { throw file.failure("cannot be mapped") }
        // Weights are read once, front to back: let the kernel read ahead.
        madvise(map, file.byteCount, MADV_SEQUENTIAL)
        bytes = UnsafeRawBufferPointer(start: map, count: file.byteCount)
    }

    /// Gives back the memory of pages read so far; reading them again brings them back. Without
    /// this a model that is packed for the kernels would for a while be in memory twice.
    func releasePages() {
        guard let start = bytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: start), bytes.count, MADV_DONTNEED)
    }

    deinit {
        guard let start = bytes.baseAddress else { return }
        munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }
}

/// A regular file open for reading, with its size. The opener closes it.
struct OpenFile {
    let path: String
    let descriptor: Int32
    let byteCount: Int

    init(reading path: String) throws(ModelFileError) {
        // O_NONBLOCK: opening a named pipe must not wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw systemError(path, "cannot be opened") }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else {
            let error = systemError(path, "cannot be examined")
            _ = Glibc.close(descriptor)
            throw error
        }
        guard info.st_mode & S_IFMT == S_IFREG else {
            _ = Glibc.close(descriptor)
            throw ModelFileError(.unsupported, path: path, "is not a regular file")
        }
        self.path = path
        self.descriptor = descriptor
        byteCount = Int(info.st_size)
    }

    func close() { _ = Glibc.close(descriptor) }

    func failure(_ what: String) -> ModelFileError { systemError(path, what) }
}

/// The system's last error as ours.
func systemError(_ path: String, _ what: String) -> ModelFileError {
    let number = errno
    let code: ModelFileError.Code = number == ENOENT || number == ENOTDIR ? .notFound : .inputOutput
    var reason = [CChar](repeating: 0, count: 256)
    _ = strerror_r(number, &reason, reason.count)
    let text = String(
        decoding: reason.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
        as: UTF8.self
    )
    return ModelFileError(code, path: path, "\(what): \(text)")
}
