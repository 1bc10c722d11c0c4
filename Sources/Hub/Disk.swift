internal import Core
internal import Glibc

/// Files and folders of the cache, by path. Everything blocks for as long as a disk takes.
enum Disk {
    /// Size of the file at `path` in bytes; nil where there is no file.
    static func size(_ path: String) -> Int? {
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(info.st_size)
    }

    static func isFolder(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Bytes that the file at `path` takes from the disk, which for a sparse file is less than its
    /// size; 0 where there is none.
    static func usedBytes(_ path: String) -> Int {
        var info = stat()
        return lstat(path, &info) == 0 ? Int(info.st_blocks) * 512 : 0
    }

    /// The same for all files below a folder.
    static func usedBytes(below folder: String) -> Int {
        entries(folder).reduce(0) { sum, name in
            let path = folder + "/" + name
            return sum + (isFolder(path) ? usedBytes(below: path) : usedBytes(path))
        }
    }

    /// Bytes that this user may still write to the disk that holds `folder`.
    static func freeBytes(_ folder: String) throws(HubError) -> Int {
        var info = statvfs()
        guard statvfs(folder, &info) == 0 else {
            throw failure("cannot look at the disk of", folder)
        }
        let (free, overflow) = UInt64(info.f_bavail).multipliedReportingOverflow(
            by: UInt64(info.f_frsize)
        )
        return overflow ? .max : Int(clamping: free)
    }

    /// Names in a folder, sorted; none where there is no folder.
    static func entries(_ folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Makes a folder and those above it.
    static func makeFolder(_ path: String) throws(HubError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        for end in parts.indices where !parts[end].isEmpty {
            mkdir(parts[...end].joined(separator: "/"), 0o755)
        }
        guard isFolder(path) || exists(path + "/.") else {
            throw failure("cannot make the folder", path)
        }
    }

    static func parent(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/")
    }

    /// Deletes a file, or a folder with all that is in it; links are deleted, not followed.
    static func remove(_ path: String) throws(HubError) {
        if isFolder(path) {
            for name in entries(path) { try remove(path + "/" + name) }
            if rmdir(path) != 0 && errno != ENOENT { throw failure("cannot delete", path) }
        } else if unlink(path) != 0 && errno != ENOENT {
            throw failure("cannot delete", path)
        }
    }

    /// Deletes a folder unless there is a file in it or below.
    static func removeEmptyFolders(_ folder: String) {
        guard isFolder(folder) else { return }
        for name in entries(folder) { removeEmptyFolders(folder + "/" + name) }
        rmdir(folder)
    }

    /// Moves a file within a disk and makes the move last.
    static func move(_ source: String, to target: String) throws(HubError) {
        guard rename(source, target) == 0 else { throw failure("cannot write", target) }
        sync(parent(target))
    }

    /// Makes what was renamed in a folder last, where the file system can.
    static func sync(_ folder: String) {
        let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = fsync(file)
        _ = close(file)
    }

    static func bytes(_ path: String, limit: Int) throws(HubError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure("cannot read", path) }
        defer { _ = close(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = part.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("cannot read", path) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: part[..<count])
            guard bytes.count <= limit else {
                throw HubError(.inputOutput, "\(path) is larger than \(byteText(limit))")
            }
        }
    }

    /// What `replace` adds to a path while it writes; a process that is killed leaves it there.
    static let newSuffix = ".new"

    /// Replaces the small file at `path` so that a reader sees the old bytes or the new ones.
    static func replace(_ path: String, with json: JSON) throws(HubError) {
        let temporary = path + newSuffix
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw failure("cannot write", temporary) }
        defer { _ = close(file) }
        let result = json.bytes(pretty: true).withUnsafeBytes { bytes in
            Result { () throws(HubError) in try write(bytes, to: file, at: 0, path: temporary) }
        }
        try result.get()
        guard fsync(file) == 0 else { throw failure("cannot write", temporary) }
        guard rename(temporary, path) == 0 else { throw failure("cannot write", path) }
    }

    /// A JSON object that was written by `replace`; nil where it is absent or something else.
    static func json(_ path: String) -> JSON? {
        guard let bytes = try? bytes(path, limit: 64 << 20) else { return nil }
        return try? JSON(parsing: bytes)
    }

    static func write(
        _ bytes: UnsafeRawBufferPointer,
        to file: Int32,
        at offset: Int,
        path: String
    ) throws(HubError) {
        var written = 0
        while written < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
            let count = pwrite(file, rest.baseAddress, rest.count, off_t(offset + written))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("cannot write", path) }
            written += count
        }
    }

    /// The system's words for the last failed call.
    static func failure(_ what: String, _ path: String) -> HubError {
        let number = errno
        if number == ENOSPC || number == EDQUOT {
            return HubError(
                .diskFull,
                "\(what) \(path): the disk is full; free some space and pull again to continue"
            )
        }
        return HubError(.inputOutput, "\(what) \(path): \(String(cString: strerror(number)))")
    }
}

/// A lock on a model, held by one pull or deletion at a time, across processes, until released or
/// the process ends. Lock files are never deleted, so that nobody locks a file that is gone.
final class ModelLock: Sendable {
    private let file: Int32

    /// nil when somebody else holds it.
    init?(_ path: String) throws(HubError) {
        try Disk.makeFolder(Disk.parent(path))
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Disk.failure("cannot open", path) }
        guard flock(file, LOCK_EX | LOCK_NB) != 0 else { return }
        // A class that fails to initialise after its last property is set still runs `deinit`.
        guard errno == EWOULDBLOCK else { throw Disk.failure("cannot lock", path) }
        return nil
    }

    deinit { if file >= 0 { _ = close(file) } }
}
