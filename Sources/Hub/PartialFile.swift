internal import Core
internal import Glibc
internal import Synchronization

/// A file that is being downloaded: `PATH.partial` holds its bytes, in chunks that fill side by
/// side, and `PATH.state` how far each chunk is. Bytes are written before they are counted, so
/// whatever ends the process, the state never counts bytes that are not there. (A power failure can
/// lose written bytes; the checksum finds that.)
final class PartialFile: Sendable {
    /// Where the finished file goes.
    let path: String
    private let remote: RemoteFile
    private let file: Int32
    private let state: Mutex<PartialState>
    private let saveEveryBytes: Int

    private static func dataPath(_ path: String) -> String { path + ".partial" }
    private static func statePath(_ path: String) -> String { path + ".state" }

    /// Continues what an earlier pull left at `path`, if that was the same content; begins anew
    /// otherwise.
    init(
        _ path: String,
        _ remote: RemoteFile,
        _ options: HubOptions
    ) throws(HubError) {
        self.path = path
        self.remote = remote
        saveEveryBytes = options.saveEveryBytes
        let kept = Self.keptState(path, remote)
        let state = kept ?? PartialState(remote, chunk: options.chunkBytes)
        self.state = Mutex(state)
        try Disk.makeFolder(Disk.parent(path))
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | (kept == nil ? O_TRUNC : 0)
        file = open(Self.dataPath(path), flags, 0o644)
        guard file >= 0 else { throw Disk.failure("cannot write", Self.dataPath(path)) }
        // All of its size at once, without a byte: chunks are written wherever they belong.
        guard ftruncate(file, off_t(remote.size)) == 0 else {
            throw Disk.failure("cannot write", Self.dataPath(path))
        }
        if kept == nil { try save() }
    }

    deinit { if file >= 0 { _ = close(file) } }

    /// What is known about an unfinished download of this content; nil where there is none.
    private static func keptState(_ path: String, _ remote: RemoteFile) -> PartialState? {
        guard Disk.size(dataPath(path)) == remote.size, let json = Disk.json(statePath(path)),
            let state = PartialState(json), state.isOf(remote)
        else { return nil }
        return state
    }

    /// Whether `path` is a finished download of this content, checked by an earlier pull.
    static func isFinished(_ path: String, _ remote: RemoteFile) -> Bool {
        guard Disk.size(path) == remote.size, let json = Disk.json(statePath(path)) else {
            return false
        }
        return PartialState(json)?.isOf(remote) ?? false
    }

    /// Bytes that an earlier pull has left at `path` for this content.
    static func keptBytes(_ path: String, _ remote: RemoteFile) -> Int {
        isFinished(path, remote) ? remote.size : keptState(path, remote)?.filledBytes ?? 0
    }

    var filledBytes: Int { state.withLock { $0.filledBytes } }
    var usesRanges: Bool { state.withLock { $0.usesRanges } }
    var etag: String? { state.withLock { $0.etag } }
    var unfinishedChunks: [Int] { state.withLock { $0.unfinishedChunks } }

    /// The bytes of the file that a chunk still lacks.
    func rest(of chunk: Int) -> Range<Int> { state.withLock { $0.rest(of: chunk) } }

    func filledBytes(of chunk: Int) -> Int { state.withLock { $0.filled[chunk] } }

    /// Notes which version of the file a host serves.
    /// - Returns: false when it is another one than before.
    func accepts(etag: String?) -> Bool {
        guard let etag else { return true }
        return state.withLock { state in
            if state.etag == nil { state.etag = etag }
            return state.etag == etag
        }
    }

    /// Adds the next bytes of a chunk; one task at a time fills a chunk.
    func append(_ bytes: UnsafeRawBufferPointer, to chunk: Int) throws(HubError) {
        let offset = rest(of: chunk).lowerBound
        try Disk.write(bytes, to: file, at: offset, path: Self.dataPath(path))
        let isDue = state.withLock { state in
            state.filled[chunk] += bytes.count
            state.unsavedBytes += bytes.count
            return state.unsavedBytes >= saveEveryBytes
        }
        if isDue { try save() }
    }

    /// Writes down how far the download is.
    func save() throws(HubError) {
        try state.withLock { state throws(HubError) in
            try Disk.replace(Self.statePath(path), with: state.json)
            state.unsavedBytes = 0
        }
    }

    /// Forgets all bytes.
    /// - Parameter usesRanges: false for a host that only sends whole files.
    func restart(usesRanges: Bool, chunk: Int) throws(HubError) {
        state.withLock { state in
            state = PartialState(remote, chunk: usesRanges ? chunk : max(remote.size, 1))
            state.usesRanges = usesRanges
        }
        try save()
    }

    /// Whether the bytes are those that the hub announced. Reads the file; blocks.
    func isIntact() throws(HubError) -> Bool {
        guard fsync(file) == 0 else { throw Disk.failure("cannot write", Self.dataPath(path)) }
        return try remote.digest?.matches(fileAt: Self.dataPath(path)) ?? true
    }

    /// Gives the finished file its name.
    func finish() throws(HubError) {
        try save()
        try Disk.move(Self.dataPath(path), to: path)
    }

    /// Deletes what was left of a download at `path`, but not a finished file.
    static func remove(_ path: String) throws(HubError) {
        try Disk.remove(dataPath(path))
        try Disk.remove(statePath(path))
        try Disk.remove(statePath(path) + Disk.newSuffix)
    }
}

/// How far a download is.
private struct PartialState: Sendable {
    /// What the finished file must hash to; empty when the hub does not tell.
    var digest: String
    /// Bytes of the whole file.
    var size: Int
    /// Bytes of every chunk but the last.
    var chunk: Int
    /// Bytes that are there of each chunk, from its start.
    var filled: [Int]
    /// The version that the host serves, in its own words.
    var etag: String?
    /// Whether the host sends parts of files.
    var usesRanges = true
    /// Bytes since the state was written down.
    var unsavedBytes = 0

    init(_ remote: RemoteFile, chunk: Int) {
        digest = remote.digest?.text ?? ""
        size = remote.size
        self.chunk = max(chunk, 1)
        filled = Array(repeating: 0, count: (size + self.chunk - 1) / self.chunk)
    }

    /// nil when `json` is not a state that this program wrote.
    init?(_ json: JSON) {
        guard let digest = json["digest"]?.string, let size = json["size"]?.int, size >= 0,
            let chunk = json["chunk"]?.int, chunk > 0,
            let filled = json["filled"]?.array?.map({ $0.int ?? -1 }),
            let usesRanges = json["uses_ranges"]?.bool
        else { return nil }
        self.digest = digest
        self.size = size
        self.chunk = chunk
        self.filled = filled
        self.usesRanges = usesRanges
        etag = json["etag"]?.string
        guard filled.count == size / chunk + (size % chunk == 0 ? 0 : 1),
            filled.indices.allSatisfy({ 0...chunkRange($0).count ~= filled[$0] })
        else { return nil }
    }

    var json: JSON {
        [
            "digest": .string(digest),
            "size": .int(size),
            "chunk": .int(chunk),
            "filled": .array(filled.map { .int($0) }),
            "etag": etag.map { .string($0) } ?? .null,
            "uses_ranges": .bool(usesRanges),
        ]
    }

    /// Whether this is about the same content. Without a digest only the host's word for the
    /// version can tell that the bytes belong together.
    func isOf(_ remote: RemoteFile) -> Bool {
        size == remote.size && digest == remote.digest?.text ?? ""
            && (!digest.isEmpty || etag != nil)
    }

    var filledBytes: Int { filled.reduce(0, +) }

    var unfinishedChunks: [Int] { filled.indices.filter { !rest(of: $0).isEmpty } }

    func rest(of chunk: Int) -> Range<Int> {
        let all = chunkRange(chunk)
        return all.lowerBound + filled[chunk]..<all.upperBound
    }

    private func chunkRange(_ index: Int) -> Range<Int> {
        let start = index * chunk
        return start..<start + min(chunk, size - start)
    }
}
