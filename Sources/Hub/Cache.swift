internal import Glibc

/// Pulled models on this disk: `models/OWNER/NAME/` below one folder.
package struct Cache: Sendable {
    package let folder: String

    package init(folder: String) { self.folder = folder }

    /// `$TOKENMILL_CACHE`, else `$XDG_CACHE_HOME/tokenmill`, else `~/.cache/tokenmill`.
    package init(environment: (String) -> String?) throws(HubError) {
        if let folder = environment("TOKENMILL_CACHE") {
            self.init(folder: folder)
        } else if let caches = environment("XDG_CACHE_HOME"), caches.hasPrefix("/") {
            self.init(folder: caches + "/tokenmill")
        } else if let home = environment("HOME") {
            self.init(folder: home + "/.cache/tokenmill")
        } else {
            throw HubError(
                .invalidName,
                "no home folder to keep models in; set TOKENMILL_CACHE to a folder"
            )
        }
    }

    /// Where a model's files are: `OWNER/NAME`.
    func modelFolder(_ name: String) -> String { "\(folder)/models/\(name)" }

    /// Where its unfinished downloads are. Hubs cannot name it: a dot in front hides it from them.
    func incomingFolder(_ name: String) -> String { modelFolder(name) + "/.incoming" }

    /// nil while a pull or a deletion is at work on the model.
    func lock(_ name: String) throws(HubError) -> ModelLock? {
        try ModelLock("\(folder)/locks/\(name.replacing("/", with: "--")).lock")
    }
}

// MARK: finding

extension Cache {
    /// The folder or GGUF file of a pulled model, by `OWNER/NAME[@REVISION][:FILE]`; nil when that
    /// was not pulled, not completely, or means several GGUF files.
    package func path(of name: String) -> String? {
        guard let reference = try? ModelReference(name) else { return nil }
        let paths = paths(of: reference)
        return paths.count == 1 ? paths[0] : nil
    }

    /// What `-m` means: a path on this disk, else the name of a pulled model.
    package func resolve(_ argument: String) throws(HubError) -> String {
        if Disk.exists(argument) { return argument }
        guard let reference = try? ModelReference(argument) else {
            throw HubError(
                .notFound,
                "\(shown(argument)) does not exist; pass a model's path or name"
            )
        }
        let paths = paths(of: reference)
        guard paths.count < 2 else {
            let files = paths.map { String($0.dropFirst(modelFolder(reference.name).count + 1)) }
            throw HubError(
                .ambiguous,
                "several files of \(reference) are pulled; add one of these after a colon: "
                    + files.joined(separator: ", ")
            )
        }
        guard let path = paths.first else {
            throw HubError(
                .notFound,
                "\(argument) is neither a path nor a pulled model; get it with: "
                    + "tokenmill pull \(argument)"
            )
        }
        return path
    }

    private func paths(of reference: ModelReference) -> [String] {
        let folder = modelFolder(reference.name)
        guard let manifest = Manifest(folder: folder) else { return [] }
        let files = manifest.files.filter { file in
            Disk.size(folder + "/" + file.path) == file.size
                && isOf(reference.revision, file, manifest)
        }
        if reference.file == nil {
            let weights = manifest.files.filter { !$0.isGGUF }
            if !weights.isEmpty && weights.allSatisfy(files.contains) { return [folder] }
        }
        let found = Selection.pulled(files, file: reference.file)
        return found.map { folder + "/" + $0 }
    }

    private func isOf(_ revision: String?, _ file: PulledFile, _ manifest: Manifest) -> Bool {
        guard let revision else { return true }
        return file.revision == revision
            || (revision.utf8.count >= 7 && file.revision.hasPrefix(revision))
            || (file.revision == manifest.revision && manifest.reference == revision)
    }
}

// MARK: listing

/// A model in the cache.
package struct PulledModel: Sendable, Equatable {
    /// `OWNER/NAME`.
    package var name: String
    /// The commit of the last pull; nil when none has ended.
    package var revision: String?
    /// Unix seconds of the last pull.
    package var date: Int?
    package var folder: String
    /// Finished files.
    package var files: [PulledFile]
    /// Bytes of unfinished downloads on the disk.
    package var incompleteBytes: Int
    /// Whether a download has not ended, or a file is no longer there.
    package var isIncomplete: Bool

    /// Bytes of the finished files.
    package var bytes: Int { files.reduce(0) { $0 + $1.size } }
}

extension Cache {
    /// All models, by name.
    package func models() -> [PulledModel] {
        let root = folder + "/models"
        return Disk.entries(root).flatMap { owner in
            Disk.entries("\(root)/\(owner)").compactMap { model("\(owner)/\($0)") }
        }
    }

    /// nil when nothing of the model is there.
    package func model(_ name: String) -> PulledModel? {
        guard (try? ModelReference(name)) != nil, Disk.isFolder(modelFolder(name)) else {
            return nil
        }
        let folder = modelFolder(name)
        let manifest = Manifest(folder: folder)
        let incoming = incomingFolder(name)
        let files = manifest?.files ?? []
        let isDamaged = files.contains { Disk.size(folder + "/" + $0.path) != $0.size }
        return PulledModel(
            name: name,
            revision: manifest?.revision,
            date: manifest?.date,
            folder: folder,
            files: files,
            incompleteBytes: Disk.usedBytes(below: incoming),
            isIncomplete: isDamaged || files.isEmpty || Disk.isFolder(incoming)
        )
    }
}

// MARK: deleting

extension Cache {
    /// Deletes a model, or the one GGUF (with all its parts) that a reference names.
    /// - Returns: bytes that this frees.
    @discardableResult
    package func remove(_ reference: ModelReference) throws(HubError) -> Int {
        try deleting(reference.name) { folder throws(HubError) in
            guard reference.file != nil else { return try Disk.remove(folder) }
            try removeFile(reference, folder)
        }
    }

    /// Deletes a model's unfinished downloads alone.
    /// - Returns: bytes that this frees.
    @discardableResult
    package func removeIncomplete(_ name: String) throws(HubError) -> Int {
        try deleting(name) { folder throws(HubError) in
            try Disk.remove(incomingFolder(name))
            if (Manifest(folder: folder)?.files ?? []).isEmpty { try Disk.remove(folder) }
        }
    }

    private func deleting(
        _ name: String,
        _ body: (_ folder: String) throws(HubError) -> Void
    ) throws(HubError) -> Int {
        guard let lock = try lock(name) else {
            throw HubError(
                .busy,
                "\(name) is being pulled or deleted; try again when that has ended"
            )
        }
        let folder = modelFolder(name)
        guard Disk.isFolder(folder) else {
            throw HubError(.notFound, "\(name) is not pulled; tokenmill models lists what is")
        }
        let before = Disk.usedBytes(below: folder)
        try withExtendedLifetime(lock) { () throws(HubError) in try body(folder) }
        // The owner's folder, when this was its last model.
        rmdir(Disk.parent(folder))
        return max(before - Disk.usedBytes(below: folder), 0)
    }

    private func removeFile(_ reference: ModelReference, _ folder: String) throws(HubError) {
        let doomed = try files(of: reference)
        guard var manifest = Manifest(folder: folder) else { return }
        manifest.files.removeAll(where: doomed.contains)
        if manifest.files.isEmpty && !Disk.isFolder(incomingFolder(reference.name)) {
            return try Disk.remove(folder)
        }
        // First out of the books, so that a file that is half gone is not taken for a model.
        try manifest.write(folder: folder)
        for file in doomed { try Disk.remove(folder + "/" + file.path) }
    }

    /// The pulled files that a reference means: all of a model, or one GGUF with all its parts.
    package func files(of reference: ModelReference) throws(HubError) -> [PulledFile] {
        let files = Manifest(folder: modelFolder(reference.name))?.files ?? []
        guard let file = reference.file else { return files }
        let found = Selection.pulled(files, file: file)
        guard found.count == 1 else {
            let names = files.filter(\.isGGUF).map(\.path)
            throw HubError(
                found.isEmpty ? .notFound : .ambiguous,
                "\(reference) is not one pulled file" + Repository.list(names, "there are")
            )
        }
        let parts = GGUFPart(found[0])?.all ?? found
        return files.filter { parts.contains($0.path) }
    }
}
