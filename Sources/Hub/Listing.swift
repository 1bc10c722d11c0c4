internal import Core
internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1

/// A file in a repository.
struct RemoteFile: Sendable, Equatable {
    var path: String
    /// Bytes.
    var size: Int
    /// nil when the hub tells none; then only the size can be checked.
    var digest: ContentDigest?

    /// More than any file of a model, and so little that sizes can be added up.
    static let largestSize = 1 << 44
}

/// A model's repository on a hub.
struct Repository: Sendable {
    let transport: Transport
    let retry: RetryPolicy
    let meter: PullMeter
    /// `OWNER/NAME`.
    let name: String

    private var api: String { "\(transport.options.endpoint)/api/models/\(name)" }

    func address(of path: String, revision: String) -> String {
        "\(transport.page)/resolve/\(RepositoryPath.escapedPart(revision))/\(RepositoryPath.escaped(path))"
    }

    /// The commit that a branch or tag stands for now, so that a push in the middle of a pull
    /// cannot mix two versions.
    func commit(of revision: String) async throws(HubError) -> String {
        let address = "\(api)/revision/\(RepositoryPath.escapedPart(revision))"
        let answer: JSON
        do throws(HubError) {
            answer = try await json(address, "\(name) at \(revision)").value
        } catch  where error.code == .notFound {
            throw await notFound(revision)
        }
        guard let commit = answer["sha"]?.string, commit.utf8.count == 40,
            ContentDigest.isHexadecimal(commit)
        else {
            throw HubError(
                .badResponse,
                "the hub does not tell the commit of \(name); check HF_ENDPOINT"
            )
        }
        return commit
    }

    /// All files of a commit.
    func files(commit: String) async throws(HubError) -> [RemoteFile] {
        let first = "\(api)/tree/\(commit)?recursive=true"
        var address = first
        var files: [RemoteFile] = []
        var paths: Set<String> = []
        for _ in 0..<transport.options.listingPages {
            let page = try await json(address, "\(name)'s list of files")
            for entry in page.value.array ?? [] where entry["type"]?.string == "file" {
                let file = try Self.file(entry)
                // One file is downloaded once, however often it is listed.
                if paths.insert(file.path).inserted { files.append(file) }
            }
            guard files.count <= transport.options.listedFiles else { break }
            guard let next = Self.nextQuery(page.link) else { return files }
            // Mirrors hand on the original's address: of the link, only the query counts.
            address = "\(api)/tree/\(commit)?\(next)"
            guard address != first else { break }
        }
        throw HubError(.badResponse, "\(name) lists more files than a model has; name another one")
    }

    private static func file(_ entry: JSON) throws(HubError) -> RemoteFile {
        let lfs = entry["lfs"]
        guard let path = entry["path"]?.string,
            let size = lfs?["size"]?.int ?? entry["size"]?.int, 0...RemoteFile.largestSize ~= size
        else { throw HubError(.badResponse, "the hub's list of files makes no sense; try later") }
        guard RepositoryPath.isSafe(path) else {
            throw HubError(
                .unsafePath,
                "the repository holds \"\(shown(path))\", which would leave the model's folder; "
                    + "do not use it"
            )
        }
        let digest =
            lfs?["oid"]?.string.flatMap { ContentDigest(sha256: $0) }
            ?? (lfs?.object == nil
                ? entry["oid"]?.string.flatMap { ContentDigest(gitBlob: $0, size: size) } : nil)
        return RemoteFile(path: path, size: size, digest: digest)
    }

    /// The query of the `rel="next"` address in a `Link` header (RFC 8288); nil on the last page.
    static func nextQuery(_ link: String?) -> String? {
        for part in link?.split(separator: ",") ?? [] where part.contains("rel=\"next\"") {
            guard let start = part.firstIndex(of: "<"), let end = part.lastIndex(of: ">"),
                start < end
            else { continue }
            return part[part.index(after: start)..<end].split(separator: "?", maxSplits: 1)
                .dropFirst().first.map(String.init)
        }
        return nil
    }

    private func json(
        _ address: String,
        _ what: String
    ) async throws(HubError) -> (value: JSON, link: String?) {
        let limit = transport.options.listingPageBytes
        return try await retry.run(what, meter) { () async throws(HubError) in
            let response = try await transport.get(address, what)
            let body = try await transport.body(of: response, limit: limit)
            guard let value = try? JSON(parsing: body.readableBytesView) else {
                throw HubError(
                    .badResponse,
                    "\(transport.options.endpoint) does not answer like a hub; check HF_ENDPOINT"
                )
            }
            return (value, response.headers.first(name: "link"))
        }
    }
}

// MARK: what else there is

extension Repository {
    /// Says whether the repository or only the revision is missing, and what is near.
    private func notFound(_ revision: String) async -> HubError {
        if let references = await answer("\(api)/refs") {
            let names = ["branches", "tags"].flatMap { references[$0]?.array ?? [] }
                .compactMap { $0["name"]?.string }
            return HubError(
                .notFound,
                "\(name) has no revision \(revision)" + Self.list(names, "it has")
            )
        }
        let word = name.split(separator: "/").last.map(String.init) ?? name
        let found = await answer(
            "\(transport.options.endpoint)/api/models?limit=5&search="
                + RepositoryPath.escapedPart(word)
        )
        let names = (found?.array ?? []).compactMap { $0["id"]?.string ?? $0["modelId"]?.string }
        let remedy =
            transport.options.token == nil
            ? "check the name, or set HF_TOKEN if it is private"
            : "check the name and whether HF_TOKEN may read it"
        return HubError(
            .notFound,
            "the hub has no \(name); \(remedy)" + Self.list(names, "similar names:")
        )
    }

    static func list(_ names: [String], _ words: String) -> String {
        guard !names.isEmpty else { return "" }
        let more = names.count > 20 ? " and \(names.count - 20) more" : ""
        return "; \(words) " + names.prefix(20).map(shown).joined(separator: ", ") + more
    }

    /// One try for something that only makes a message better.
    private func answer(_ address: String) async -> JSON? {
        guard let response = try? await transport.get(address, name),
            let body = try? await transport.body(of: response, limit: 1 << 20)
        else { return nil }
        return try? JSON(parsing: body.readableBytesView)
    }
}
