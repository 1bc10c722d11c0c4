internal import Glibc

/// Brings models from a hub to this disk.
package struct Puller: Sendable {
    private let cache: Cache
    private let options: HubOptions

    package init(_ cache: Cache, _ options: HubOptions) {
        self.cache = cache
        self.options = options
    }

    /// Downloads what is missing of a model, checks it, and puts it in place at once: until all is
    /// there, an older version stays as it was. Cancelling the task, or the end of the process,
    /// leaves unfinished files that the next pull continues.
    /// - Returns: the model's folder, or the GGUF file (its first part) that was asked for, with
    ///   the files that were.
    package func pull(
        _ reference: ModelReference,
        _ meter: PullMeter = PullMeter()
    ) async throws(HubError) -> Pulled {
        let transport = Transport(options, page: "\(options.endpoint)/\(reference.name)")
        let repository = Repository(
            transport: transport,
            retry: RetryPolicy(options),
            meter: meter,
            name: reference.name
        )
        let result: Result<Pulled, HubError>
        do throws(HubError) {
            result = .success(try await pull(reference, from: repository))
        } catch {
            result = .failure(Task.isCancelled ? .stopped : error)
        }
        await transport.close()
        return try result.get()
    }

    private func pull(
        _ reference: ModelReference,
        from repository: Repository
    ) async throws(HubError) -> Pulled {
        let lock = try await lock(reference, repository.meter)
        defer { withExtendedLifetime(lock) {} }
        let commit = try await repository.commit(of: reference.revision ?? "main")
        let listed = try await repository.files(commit: commit)
        let files = try Selection.files(listed, reference.name, file: reference.file)
        let work = PullWork(cache, options, repository, reference, commit, files)
        return try await work.run()
    }

    private func lock(
        _ reference: ModelReference,
        _ meter: PullMeter
    ) async throws(HubError) -> ModelLock {
        var hasSaid = false
        while true {
            if let lock = try cache.lock(reference.name) { return lock }
            guard options.waitsForOthers else {
                throw HubError(
                    .busy,
                    "\(reference.name) is being pulled by somebody else; wait until that has ended"
                )
            }
            if !hasSaid { meter.note("waiting for another pull of \(reference.name) to end") }
            hasSaid = true
            try await sleep(options.lockPollInterval)
        }
    }
}

/// What a pull brought.
package struct Pulled: Sendable, Equatable {
    /// `OWNER/NAME`.
    package var name: String
    /// The commit.
    package var revision: String
    /// What `-m` takes: the folder, or a GGUF file.
    package var path: String
    package var files: [PulledFile]

    package var bytes: Int { files.reduce(0) { $0 + $1.size } }
}

/// One pull, once it is known what to fetch.
private struct PullWork: Sendable {
    let cache: Cache
    let options: HubOptions
    let repository: Repository
    let reference: ModelReference
    let commit: String
    let files: [RemoteFile]
    let folder: String
    let incoming: String

    init(
        _ cache: Cache,
        _ options: HubOptions,
        _ repository: Repository,
        _ reference: ModelReference,
        _ commit: String,
        _ files: [RemoteFile]
    ) {
        self.cache = cache
        self.options = options
        self.repository = repository
        self.reference = reference
        self.commit = commit
        self.files = files
        folder = cache.modelFolder(reference.name)
        incoming = cache.incomingFolder(reference.name)
    }

    private var meter: PullMeter { repository.meter }

    func run() async throws(HubError) -> Pulled {
        try Disk.makeFolder(folder)
        meter.change { reading in
            reading.files = files.count
            reading.bytes = files.reduce(0) { $0 + $1.size }
        }
        let missing = try await missingFiles()
        try checkSpace(for: missing)
        try await download(missing)
        try install(missing)
        let path = reference.file == nil ? folder : folder + "/" + (files.first?.path ?? "")
        return Pulled(
            name: reference.name,
            revision: commit,
            path: path,
            files: files.map(pulled)
        )
    }

    private func pulled(_ file: RemoteFile) -> PulledFile {
        PulledFile(path: file.path, size: file.size, digest: file.digest, revision: commit)
    }

    /// Files that are not in place. One that the manifest does not vouch for, because a pull was
    /// stopped in its last moment or somebody copied it there, is read and compared.
    private func missingFiles() async throws(HubError) -> [RemoteFile] {
        let known = Manifest(folder: folder)?.files ?? []
        var missing: [RemoteFile] = []
        for file in files {
            let path = folder + "/" + file.path
            var isThere = false
            if let digest = file.digest, Disk.size(path) == file.size {
                let isKnown = known.contains { $0.path == file.path && $0.digest == digest }
                isThere =
                    isKnown
                    ? true
                    : try await onDisk { () throws(HubError) in
                        try digest.matches(fileAt: path)
                    }
            }
            if isThere { finished(file, file.size) } else { missing.append(file) }
        }
        return missing
    }

    private func finished(_ file: RemoteFile, _ bytes: Int) {
        meter.change { reading in
            reading.finishedFiles += 1
            reading.finishedBytes += bytes
        }
    }

    private func checkSpace(for missing: [RemoteFile]) throws(HubError) {
        let need = missing.reduce(0) { sum, file in
            sum + file.size - PartialFile.keptBytes(incoming + "/" + file.path, file)
        }
        let free = try Disk.freeBytes(folder)
        guard need == 0 || need <= free - options.reservedBytes else {
            throw HubError(
                .diskFull,
                "\(reference) needs \(byteText(need)) more, but \(cache.folder) has "
                    + "\(byteText(free)) free (\(byteText(options.reservedBytes)) stay free); free "
                    + "some space, or set TOKENMILL_CACHE to a folder on another disk"
            )
        }
    }

    /// Brings all files to the folder for unfinished ones, several at a time.
    private func download(_ missing: [RemoteFile]) async throws(HubError) {
        let large = missing.filter { $0.size > options.chunkBytes }.count
        let connections = max(
            1,
            options.parallelRanges / min(max(large, 1), max(options.parallelFiles, 1))
        )
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, file) in missing.enumerated() {
                    if index >= options.parallelFiles { try await group.next() }
                    group.addTask { try await download(file, connections) }
                }
                try await group.waitForAll()
            }
        } catch {
            throw Transport.broken(error)
        }
    }

    private func download(_ file: RemoteFile, _ connections: Int) async throws(HubError) {
        let path = incoming + "/" + file.path
        let kept = PartialFile.keptBytes(path, file)
        if PartialFile.isFinished(path, file) { return finished(file, kept) }
        meter.change { $0.finishedBytes += kept }
        let download = FileDownload(
            repository: repository,
            commit: commit,
            file: file,
            path: path,
            connections: connections
        )
        try await download.run()
        finished(file, 0)
    }

    /// Moves finished files into place and writes the manifest. What is replaced leaves the
    /// manifest first: a stop in between shows an incomplete model, not one of two halves.
    private func install(_ missing: [RemoteFile]) throws(HubError) {
        let old = Manifest(folder: folder)?.files ?? []
        let paths = Set(files.map(\.path))
        // A pull of the whole model replaces all of it but the GGUF files, which stand alone.
        let kept = old.filter { file in
            reference.file == nil ? file.isGGUF : !paths.contains(file.path)
        }
        if !missing.isEmpty && kept != old { try manifest(kept).write(folder: folder) }
        for file in missing {
            let target = folder + "/" + file.path
            try Disk.makeFolder(Disk.parent(target))
            try Disk.move(incoming + "/" + file.path, to: target)
        }
        try manifest(kept + files.map(pulled)).write(folder: folder)
        for file in old where !kept.contains(file) && !paths.contains(file.path) {
            try Disk.remove(folder + "/" + file.path)
        }
        try clean()
    }

    /// Deletes what this pull left in the folder for unfinished files. Other GGUF files there may
    /// be continued some day; what an older version of the whole model left there will not.
    private func clean() throws(HubError) {
        for file in files { try PartialFile.remove(incoming + "/" + file.path) }
        if reference.file == nil {
            for name in Disk.entries(incoming) where !name.lowercased().contains(".gguf.") {
                let path = incoming + "/" + name
                if !Disk.isFolder(path) { try Disk.remove(path) }
            }
        }
        Disk.removeEmptyFolders(incoming)
    }

    private func manifest(_ files: [PulledFile]) -> Manifest {
        Manifest(
            name: reference.name,
            revision: commit,
            reference: reference.revision ?? "main",
            date: time(nil),
            files: files
        )
    }
}
