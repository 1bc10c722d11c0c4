package import Core
import Glibc

extension Tokenizer {
    /// Reads the tokenizer in `folder`: `tokenizer.json`, or `vocab.json` with `merges.txt`; and
    /// `tokenizer_config.json` if it is there.
    package convenience init(folder: String) throws(TokenizationError) {
        let files = TokenizerFolder(path: folder)
        let path = try files.main()
        do throws(TokenizationError) {
            let configuration = try files.json("tokenizer_config.json", Limits.configBytes)
            try self.init(
                try files.parts(configuration),
                bosToken: Self.token("bos_token", configuration),
                eosToken: Self.token("eos_token", configuration)
            )
        } catch {
            var error = error
            if error.path == nil {
                error.path =
                    error.location.hasPrefix(Self.settingsLocation)
                    ? folder + "/tokenizer_config.json" : path
            }
            throw error
        }
    }

    /// - Parameters:
    ///   - json: the contents of tokenizer.json.
    ///   - configuration: the contents of tokenizer_config.json, if there is one.
    package convenience init(json: JSON, configuration: JSON?) throws(TokenizationError) {
        try self.init(
            try TokenizerParts(tokenizerJSON: json),
            bosToken: Self.token("bos_token", configuration),
            eosToken: Self.token("eos_token", configuration)
        )
    }

    private static let settingsLocation = "tokenizer_config."

    /// A token in tokenizer_config.json: a string, or an object with `content`.
    private static func token(
        _ key: String,
        _ configuration: JSON?
    ) throws(TokenizationError) -> String? {
        guard let value = configuration?[key], !value.isNull else { return nil }
        if let text = value.string ?? value["content"]?.string { return text }
        throw TokenizationError(
            .malformed,
            "expected a string and found \(value.typeName)",
            at: settingsLocation + key
        )
    }
}

/// The files of a tokenizer.
private struct TokenizerFolder {
    let path: String

    /// The file that decides how the folder is read.
    func main() throws(TokenizationError) -> String {
        for name in ["tokenizer.json", "vocab.json"] where exists(name) {
            return path + "/" + name
        }
        throw TokenizationError(
            .unreadable,
            "no such file; a tokenizer is needed here",
            path: path + "/tokenizer.json"
        )
    }

    func parts(_ configuration: JSON?) throws(TokenizationError) -> TokenizerParts {
        if let json = try json("tokenizer.json", Limits.tokenizerBytes) {
            return try TokenizerParts(tokenizerJSON: json)
        }
        guard let vocabulary = try json("vocab.json", Limits.tokenizerBytes),
            let merges = try bytes("merges.txt", Limits.tokenizerBytes)
        else {
            throw TokenizationError(
                .unreadable,
                "no such file; vocab.json needs it",
                path: path + "/merges.txt"
            )
        }
        let folder = VocabularyFolder(
            vocabulary: vocabulary,
            merges: merges,
            configuration: configuration,
            addedTokens: try json("added_tokens.json", Limits.configBytes)
        )
        return try TokenizerParts(tokenizerJSON: try folder.json())
    }

    private func exists(_ name: String) -> Bool { access(path + "/" + name, F_OK) == 0 }

    /// The JSON in a file; nil if there is no such file.
    func json(_ name: String, _ limit: Int) throws(TokenizationError) -> JSON? {
        guard let bytes = try bytes(name, limit) else { return nil }
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw TokenizationError(.malformed, "not JSON: \(error)", path: path + "/" + name)
        }
    }

    /// The contents of a file; nil if there is no such file.
    private func bytes(_ name: String, _ limit: Int) throws(TokenizationError) -> [UInt8]? {
        let path = path + "/" + name
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if file < 0, errno == ENOENT { return nil }
        guard file >= 0 else { throw unreadable(path) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw unreadable(path) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else {
            throw TokenizationError(
                .unreadable,
                "not a file of at most \(limit >> 20) MiB",
                path: path
            )
        }
        let size = Int(status.st_size)
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
            while count >= 0, initialized < size {
                count = read(file, buffer.baseAddress.map { $0 + initialized }, size - initialized)
                if count <= 0 { break }
                initialized += count
            }
        }
        if count < 0 { throw unreadable(path) }
        return bytes
    }

    private func unreadable(_ path: String) -> TokenizationError {
        TokenizationError(
            .unreadable,
            "cannot be read: \(String(cString: strerror(errno)))",
            path: path
        )
    }
}
