/// Which files of a repository make a model.
enum Selection {
    /// - Parameter file: what stands behind the colon of a reference; nil for the whole model.
    static func files(
        _ all: [RemoteFile],
        _ name: String,
        file: String?
    ) throws(HubError) -> [RemoteFile] {
        guard let file else { return try wholeModel(all, name) }
        guard file.lowercased().hasSuffix(".gguf") else { return try tagged(file, all, name) }
        guard let chosen = all.first(where: { $0.path == file }) else {
            throw HubError(
                .notFound,
                "\(name) has no file \(file)" + Repository.list(near(file, all), "it has")
            )
        }
        return try parts(of: chosen, all, name)
    }

    /// Configuration, tokenizer and weights of a Hugging Face folder; nothing that holds code.
    private static func wholeModel(
        _ all: [RemoteFile],
        _ name: String
    ) throws(HubError) -> [RemoteFile] {
        let top = all.filter { !$0.path.contains("/") }
        var weights = top.filter { $0.path.hasSuffix(".safetensors") }
        guard !weights.isEmpty else { throw noSafetensors(all, name) }
        // Some repositories carry the same weights a second time, in their maker's own layout.
        let standard = weights.filter { !$0.path.hasPrefix("consolidated") }
        if !standard.isEmpty { weights = standard }
        return top.filter { isCompanion($0.path) } + weights
    }

    private static func isCompanion(_ path: String) -> Bool {
        let names: Set = [
            "config.json", "generation_config.json", "tokenizer.model", "vocab.json", "merges.txt",
            "chat_template.jinja", "special_tokens_map.json", "model.safetensors.index.json",
        ]
        return names.contains(path) || (path.hasPrefix("tokenizer") && path.hasSuffix(".json"))
    }

    private static func noSafetensors(_ all: [RemoteFile], _ name: String) -> HubError {
        let files = ggufs(all)
        guard let first = files.first else {
            return HubError(
                .noWeights,
                "\(name) has neither safetensors nor GGUF files; look for a converted copy of it"
            )
        }
        let texts = files.map { "\($0.path) (\(byteText($0.size)))" }
        return HubError(
            .noWeights,
            "\(name) has GGUF files alone; name one, for instance \(name):\(first.path)"
                + Repository.list(texts, "it has")
        )
    }
}

// MARK: GGUF

extension Selection {
    /// The one GGUF whose name holds `tag`, as a word of its own.
    private static func tagged(
        _ tag: String,
        _ all: [RemoteFile],
        _ name: String
    ) throws(HubError) -> [RemoteFile] {
        let files = ggufs(all)
        let found = holding(tag, files.map(\.path))
        guard let chosen = files.first(where: { $0.path == found.first }) else {
            throw HubError(
                .notFound,
                "\(name) has no GGUF file for \"\(shown(tag))\""
                    + Repository.list(files.map(\.path), "it has")
            )
        }
        guard found.count == 1 else {
            throw HubError(
                .ambiguous,
                "\(name) has several files for \"\(shown(tag))\"; name one of them"
                    + Repository.list(found, "it has")
            )
        }
        return try parts(of: chosen, all, name)
    }

    /// Those of `paths` that hold `tag` as a word. Q4_K is not a word of Q4_K_M, unless nothing
    /// else is meant: some names use _ for -.
    private static func holding(_ tag: String, _ paths: [String]) -> [String] {
        let strict = paths.filter { path in
            holds(path, tag) { $0.isLetter || $0.isNumber || $0 == "_" }
        }
        guard strict.isEmpty else { return strict }
        return paths.filter { path in holds(path, tag) { $0.isLetter || $0.isNumber } }
    }

    /// GGUF files that are models: the first part of each, and no projectors of image input.
    private static func ggufs(_ all: [RemoteFile]) -> [RemoteFile] {
        all.filter { file in
            let name = file.path.split(separator: "/").last.map { $0.lowercased() } ?? ""
            return name.hasSuffix(".gguf") && !name.hasPrefix("mmproj")
                && (GGUFPart(file.path)?.number ?? 1) == 1
        }
    }

    /// Whether `tag` is in `path` with no character of a word before or after it.
    private static func holds(
        _ path: String,
        _ tag: String,
        isWord: (Character) -> Bool
    ) -> Bool {
        let path = Array(path.lowercased()), tag = Array(tag.lowercased())
        guard !tag.isEmpty, tag.count <= path.count else { return false }
        return (0...(path.count - tag.count)).contains { start in
            let end = start + tag.count
            return path[start..<end].elementsEqual(tag)
                && (start == 0 || !isWord(path[start - 1]))
                && (end == path.count || !isWord(path[end]))
        }
    }

    /// The file, or all parts of a model that is split.
    private static func parts(
        of file: RemoteFile,
        _ all: [RemoteFile],
        _ name: String
    ) throws(HubError) -> [RemoteFile] {
        guard let part = GGUFPart(file.path) else { return [file] }
        var files: [RemoteFile] = []
        for path in part.all {
            guard let file = all.first(where: { $0.path == path }) else {
                throw HubError(.notFound, "\(name) lacks \(path), a part of \(file.path)")
            }
            files.append(file)
        }
        return files
    }

    /// GGUF files to offer instead of a name that is not there: those with most of its words.
    private static func near(_ file: String, _ all: [RemoteFile]) -> [String] {
        func words(_ text: String) -> Set<Substring> {
            Set(text.lowercased().split { "-_./".contains($0) })
        }
        let wanted = words(file)
        return ggufs(all).map { (path: $0.path, count: words($0.path).intersection(wanted).count) }
            .sorted { ($1.count, $0.path) < ($0.count, $1.path) }.map(\.path)
    }
}

/// The name of one part of a split GGUF: `NAME-00002-of-00003.gguf`.
package struct GGUFPart: Sendable, Equatable {
    package static let largestCount = 9999

    /// The name up to the number.
    private var start: String
    private var end: String
    /// From 1.
    package var number: Int
    package var count: Int

    /// nil when `path` is not a name of that form.
    package init?(_ path: String) {
        guard path.lowercased().hasSuffix(".gguf") else { return nil }
        end = String(path.suffix(5))
        let parts = path.dropLast(5).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[parts.count - 2] == "of",
            let number = Self.number(parts[parts.count - 3]),
            let count = Self.number(parts[parts.count - 1]),
            1...Self.largestCount ~= count, 1...count ~= number
        else { return nil }
        start = parts.dropLast(3).joined(separator: "-") + "-"
        self.number = number
        self.count = count
    }

    /// Paths of all parts, in order.
    package var all: [String] {
        (1...count).map { start + Self.padded($0) + "-of-" + Self.padded(count) + end }
    }

    private static func number(_ text: Substring) -> Int? {
        guard text.utf8.count == 5, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        return Int(text)
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 5 - digits.count) + digits
    }
}

// MARK: pulled files

extension Selection {
    /// Paths of the pulled GGUF files that `file` names or is a tag of, all when it is nil; of a
    /// split one the first part, when all are there.
    static func pulled(_ files: [PulledFile], file: String?) -> [String] {
        let paths = Set(files.map(\.path))
        let first = files.filter(\.isGGUF).map(\.path).filter { path in
            guard let part = GGUFPart(path) else { return true }
            return part.number == 1 && part.all.allSatisfy(paths.contains)
        }
        guard let file else { return first }
        return file.lowercased().hasSuffix(".gguf")
            ? first.filter { $0 == file || GGUFPart(file)?.all.contains($0) ?? false }
            : holding(file, first)
    }
}
