package import Core
import Glibc

extension Tokenizer {
    /// Reads `tokenizer.json` in `folder`, and `tokenizer_config.json` if it is there.
    package convenience init(folder: String) throws(TokenizationError) {
        let path = folder + "/tokenizer.json"
        guard let json = try Self.json(path, limit: Limits.tokenizerBytes) else {
            throw TokenizationError(
                .unreadable,
                "no such file; a tokenizer is needed here",
                path: path
            )
        }
        let settings = folder + "/tokenizer_config.json"
        let configuration = try Self.json(settings, limit: Limits.configBytes)
        do throws(TokenizationError) {
            try self.init(json: json, configuration: configuration)
        } catch {
            var error = error
            error.path = error.location.hasPrefix(Self.settingsLocation) ? settings : path
            throw error
        }
    }

    /// - Parameters:
    ///   - json: the contents of tokenizer.json.
    ///   - configuration: the contents of tokenizer_config.json, if there is one.
    package convenience init(json: JSON, configuration: JSON?) throws(TokenizationError) {
        self.init(
            try TokenizerParts(tokenizerJSON: json),
            bosToken: try Self.token("bos_token", configuration),
            eosToken: try Self.token("eos_token", configuration)
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

    /// The JSON in the file at `path`; nil if there is no such file.
    private static func json(_ path: String, limit: Int) throws(TokenizationError) -> JSON? {
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
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw TokenizationError(.malformed, "not JSON: \(error)", path: path)
        }
    }

    private static func unreadable(_ path: String) -> TokenizationError {
        TokenizationError(
            .unreadable,
            "cannot be read: \(String(cString: strerror(errno)))",
            path: path
        )
    }
}
