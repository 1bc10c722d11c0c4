package import Core

/// A file of a pulled model.
package struct PulledFile: Sendable, Equatable {
    /// Relative to the model's folder.
    package var path: String
    /// Bytes.
    package var size: Int
    package var digest: ContentDigest?
    /// The commit that the file was pulled from.
    package var revision: String

    var isGGUF: Bool { path.lowercased().hasSuffix(".gguf") }
}

/// What a model's folder holds, in `.pulled.json`. A file that is not in here is not pulled,
/// whatever lies in the folder.
struct Manifest: Sendable, Equatable {
    static let fileName = ".pulled.json"

    /// `OWNER/NAME`.
    var name: String
    /// The commit of the last pull.
    var revision: String
    /// The branch, tag or commit that the last pull asked for.
    var reference: String
    /// Unix seconds of the last pull.
    var date: Int
    /// In the order of the repository.
    var files: [PulledFile]

    init(name: String, revision: String, reference: String, date: Int, files: [PulledFile]) {
        self.name = name
        self.revision = revision
        self.reference = reference
        self.date = date
        self.files = files
    }

    /// nil when the folder has none, or one that this program did not write.
    init?(folder: String) {
        guard let json = Disk.json(folder + "/" + Self.fileName),
            let name = json["name"]?.string, let revision = json["revision"]?.string,
            let reference = json["reference"]?.string, let date = json["date"]?.int,
            let files = json["files"]?.array?.map(PulledFile.init)
        else { return nil }
        self.init(
            name: name,
            revision: revision,
            reference: reference,
            date: date,
            files: files.compactMap { $0 }
        )
        guard self.files.count == files.count else { return nil }
    }

    func write(folder: String) throws(HubError) {
        try Disk.replace(folder + "/" + Self.fileName, with: json)
        Disk.sync(folder)
    }

    private var json: JSON {
        [
            "name": .string(name),
            "revision": .string(revision),
            "reference": .string(reference),
            "date": .int(date),
            "files": .array(files.map(\.json)),
        ]
    }
}

extension PulledFile {
    fileprivate init?(_ json: JSON) {
        guard let path = json["path"]?.string, RepositoryPath.isSafe(path),
            let size = json["size"]?.int, 0...RemoteFile.largestSize ~= size,
            let revision = json["revision"]?.string
        else { return nil }
        self.init(
            path: path,
            size: size,
            digest: json["digest"]?.string.flatMap { ContentDigest(text: $0) },
            revision: revision
        )
    }

    package var json: JSON {
        [
            "path": .string(path),
            "size": .int(size),
            "digest": digest.map { .string($0.text) } ?? .null,
            "revision": .string(revision),
        ]
    }
}
