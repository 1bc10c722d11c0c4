internal import Glibc

/// What a path that somebody gave for a model leads to.
enum ModelPath {
    private static let advice =
        "give a folder that holds config.json and model.safetensors, or a .gguf file"

    /// The GGUF file to open; nil where the path is a Hugging Face folder.
    static func ggufFile(_ path: String) throws(ModelFileError) -> String? {
        if SmallFile.isFolder(path) {
            return SmallFile.exists(path + "/config.json") ? nil : try onlyGGUF(in: path)
        }
        guard SmallFile.exists(path) else {
            throw ModelFileError(.notFound, path: path, "does not exist; \(advice)")
        }
        guard path.lowercased().hasSuffix(".gguf") else {
            throw ModelFileError(.unsupported, path: path, "is a file; \(advice)")
        }
        return path
    }

    /// The folder's GGUF model, or the first part of it. Projectors of images and sounds lie beside
    /// models and are none.
    private static func onlyGGUF(in folder: String) throws(ModelFileError) -> String {
        let files = names(in: folder).sorted().filter {
            $0.lowercased().hasSuffix(".gguf") && !$0.lowercased().hasPrefix("mmproj")
        }
        guard let first = files.first else {
            throw ModelFileError(.notFound, path: folder, "has no config.json; \(advice)")
        }
        let models = Set(files.map { modelName(ofGGUF: $0) })
        guard models.count == 1 else {
            throw ModelFileError(
                .unsupported,
                path: folder,
                "holds several models; give one file: "
                    + files.prefix(8).map(quoted).joined(separator: ", ")
            )
        }
        return folder + "/" + first
    }

    private static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }

    /// The file's name without ".gguf", and without the number of a part.
    static func modelName(ofGGUF path: String) -> String {
        let name = lastComponent(path)
        if let part = GGUFPartName(name) { return part.prefix }
        return name.lowercased().hasSuffix(".gguf") ? String(name.dropLast(5)) : name
    }

    static func trimmed(_ path: String) -> String {
        var path = path[...]
        while path.count > 1, path.last == "/" { path.removeLast() }
        return String(path)
    }

    /// Without links, dots and double slashes, so that "." has a name and a sibling.
    static func resolved(_ path: String) -> String {
        guard let pointer = realpath(path, nil) else { return path }
        defer { free(pointer) }
        return String(cString: pointer)
    }

    static func lastComponent(_ path: String) -> String {
        path.split(separator: "/").last.map { String($0) } ?? path
    }

    static func parent(_ path: String) -> String {
        "/" + path.split(separator: "/").dropLast().joined(separator: "/")
    }
}
