internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Brings one file of a repository to this disk, checked.
struct FileDownload: Sendable {
    /// Why bytes that came before are of no use.
    private enum Fill: Equatable {
        case complete
        /// The host serves another version than it did.
        case changed
        /// The host answers a request for a part with the whole.
        case rangeIgnored
    }

    let repository: Repository
    let commit: String
    let file: RemoteFile
    /// Where the file goes.
    let path: String
    /// Connections that this file may use.
    let connections: Int

    private var options: HubOptions { repository.transport.options }
    private var meter: PullMeter { repository.meter }
    private var what: String { "\(repository.name)'s \(file.path)" }

    /// A second download may repair bytes that were damaged on the way; a third would not.
    private static let downloads = 2

    func run() async throws(HubError) {
        for _ in 0..<Self.downloads {
            let partial = try PartialFile(path, file, options)
            try await complete(partial)
            if try await isIntact(partial) { return try partial.finish() }
            meter.change { $0.finishedBytes -= file.size }
            try PartialFile.remove(path)
            meter.note("\(file.path): the bytes do not match the checksum; downloading it again")
        }
        throw HubError(
            .checksum,
            "\(what) does not match the checksum that the hub gives for it, \(Self.downloads) "
                + "times; the hub or a proxy on the way is broken, try another HF_ENDPOINT"
        )
    }

    /// Fills the file, from the beginning where what is there is of no use.
    private func complete(_ partial: PartialFile) async throws(HubError) {
        var changes = 0
        while true {
            let outcome = try await fill(partial)
            guard outcome != .complete else { return }
            changes += outcome == .changed ? 1 : 0
            // A host that never twice serves the same version cannot be asked for parts.
            let usesRanges = outcome == .changed && changes == 1
            guard usesRanges || partial.usesRanges else {
                throw HubError(.badResponse, "\(what) changes while it is downloaded; try later")
            }
            meter.change { $0.finishedBytes -= partial.filledBytes }
            try partial.restart(usesRanges: usesRanges, chunk: options.chunkBytes)
            let reason = usesRanges ? "has changed" : "cannot be had in parts"
            meter.note("\(file.path) \(reason); starting it from the beginning")
        }
    }

    private func fill(_ partial: PartialFile) async throws(HubError) -> Fill {
        // However this ends, what came stays known; the error that ended it matters more.
        defer { try? partial.save() }
        do {
            return try await withThrowingTaskGroup(of: Fill.self) { group in
                var chunks = partial.unfinishedChunks[...]
                for chunk in chunks.prefix(connections) {
                    group.addTask { try await fetch(chunk, partial) }
                }
                chunks = chunks.dropFirst(connections)
                while let outcome = try await group.next() {
                    guard outcome == .complete else {
                        group.cancelAll()
                        // All must have ended before the file starts anew.
                        while await group.nextResult() != nil {}
                        return outcome
                    }
                    guard let chunk = chunks.popFirst() else { continue }
                    group.addTask { try await fetch(chunk, partial) }
                }
                return .complete
            }
        } catch {
            throw Transport.broken(error)
        }
    }

    private func fetch(_ chunk: Int, _ partial: PartialFile) async throws(HubError) -> Fill {
        try await repository.retry.run(
            file.path,
            meter,
            progress: { partial.usesRanges ? partial.filledBytes(of: chunk) : 0 },
            { () async throws(HubError) in try await fetchOnce(chunk, partial) }
        )
    }

    private func fetchOnce(_ chunk: Int, _ partial: PartialFile) async throws(HubError) -> Fill {
        if !partial.usesRanges && partial.filledBytes > 0 {
            meter.change { $0.finishedBytes -= partial.filledBytes }
            try partial.restart(usesRanges: false, chunk: file.size)
        }
        let rest = partial.rest(of: chunk)
        let isPart = rest.count < file.size
        let response = try await repository.transport.get(
            repository.address(of: file.path, revision: commit),
            what,
            headers: isPart ? partHeaders(rest, partial.etag) : []
        )
        try check(response)
        guard partial.accepts(etag: response.strongETag) else { return .changed }
        guard !isPart || response.status == 206 else { return .rangeIgnored }
        guard !isPart || response.isPart(startingAt: rest.lowerBound, of: file.size) else {
            throw HubError(.badResponse, "the hub sends other bytes of \(what) than asked for")
        }
        try await receive(response, chunk, rest, partial)
        return .complete
    }

    private func partHeaders(_ rest: Range<Int>, _ etag: String?) -> [(String, String)] {
        let range = ("Range", "bytes=\(rest.lowerBound)-\(rest.upperBound - 1)")
        return etag.map { [range, ("If-Range", $0)] } ?? [range]
    }

    private func check(_ response: Transport.Response) throws(HubError) {
        guard let linked = response.linkedDigest, case .sha256 = file.digest else { return }
        guard linked == file.digest else {
            throw HubError(
                .checksum,
                "the hub offers another \(file.path) than it lists; pull again"
            )
        }
    }

    private func receive(
        _ response: Transport.Response,
        _ chunk: Int,
        _ rest: Range<Int>,
        _ partial: PartialFile
    ) async throws(HubError) {
        var missing = rest.count
        do {
            for try await buffer in response.body {
                let count = buffer.readableBytes
                guard count <= missing else {
                    throw HubError(.badResponse, "\(what) is larger than the hub lists")
                }
                try buffer.withUnsafeReadableBytes { try partial.append($0, to: chunk) }
                missing -= count
                meter.change {
                    $0.finishedBytes += count
                    $0.receivedBytes += count
                }
            }
        } catch {
            throw Transport.broken(error)
        }
        guard missing == 0 else { throw HubError(.network, "the transfer ended early") }
    }

    /// Off the cooperative pool: hashing takes seconds, and other files are still coming in.
    private func isIntact(_ partial: PartialFile) async throws(HubError) -> Bool {
        meter.change { $0.checking += 1 }
        defer { meter.change { $0.checking -= 1 } }
        return try await onDisk { () throws(HubError) in try partial.isIntact() }
    }
}

extension Transport.Response {
    /// Whether this is the part of a file of `size` bytes that begins at `offset` (RFC 9110, 14.4).
    fileprivate func isPart(startingAt offset: Int, of size: Int) -> Bool {
        let range = headers.first(name: "content-range") ?? ""
        return range.hasPrefix("bytes \(offset)-")
            && (range.hasSuffix("/\(size)") || range.hasSuffix("/*"))
    }
}

/// Runs something that keeps a disk or a core busy on a thread made for waiting.
func onDisk<Value: Sendable>(
    _ body: @escaping @Sendable () throws(HubError) -> Value
) async throws(HubError) -> Value {
    do {
        return try await NIOThreadPool.singleton.runIfActive { try body() }
    } catch {
        throw Transport.broken(error)
    }
}
