package import Core
import Glibc

extension Tokenizer {
    /// Reads the tokenizer in `folder`: `tokenizer.json`, or else `tokenizer.model`, or else
    /// `vocab.json` with `merges.txt`; and `tokenizer_config.json` if it is there.
    package convenience init(folder: String) throws(TokenizationError) {
        let files = TokenizerFolder(path: folder)
        guard let path = files.mainFile else {
            throw TokenizationError(
                .unreadable,
                "no such file; a tokenizer is needed here",
                path: folder + "/tokenizer.json"
            )
        }
        do throws(TokenizationError) {
            let configuration = try files.json("tokenizer_config.json", Limits.configBytes)
            if path.hasSuffix(TokenizerFolder.model), let model = try files.bytes(path) {
                try self.init(sentencePiece: model, configuration: configuration)
            } else {
                try self.init(
                    try files.parts(configuration),
                    bosToken: Self.token("bos_token", configuration),
                    eosToken: Self.token("eos_token", configuration)
                )
            }
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

    /// Whether `folder` has files that `init(folder:)` reads.
    package static func exists(in folder: String) -> Bool {
        TokenizerFolder(path: folder).mainFile != nil
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

    static let model = "tokenizer.model"

    /// The file that decides how the folder is read.
    var mainFile: String? {
        ["tokenizer.json", Self.model, "vocab.json"].map { path + "/" + $0 }
            .first { access($0, F_OK) == 0 }
    }

    func parts(_ configuration: JSON?) throws(TokenizationError) -> TokenizerParts {
        if var bytes = try bytes(path + "/tokenizer.json") {
            if let (json, lists) = TokenizerScanner.read(&bytes) {
                return try TokenizerParts(tokenizerJSON: json, lists)
            }
            return try TokenizerParts(tokenizerJSON: try parse(bytes, path + "/tokenizer.json"))
        }
        guard var vocabulary = try bytes(path + "/vocab.json"),
            let merges = try bytes(path + "/merges.txt")
        else {
            throw TokenizationError(
                .unreadable,
                "no such file; vocab.json needs it",
                path: path + "/merges.txt"
            )
        }
        let folder = try VocabularyFolder(
            try tokens(&vocabulary),
            merges: merges,
            configuration: configuration,
            addedTokens: try json("added_tokens.json", Limits.configBytes)
        )
        return try TokenizerParts(tokenizerJSON: try folder.json(), folder.lists)
    }

    /// The tokens in vocab.json.
    private func tokens(_ file: inout [UInt8]) throws(TokenizationError) -> ModelLists {
        if let lists = TokenizerScanner.readVocabulary(&file) { return lists }
        let json = try parse(file, path + "/vocab.json")
        guard let vocab = json.object else {
            throw TokenizationError(
                .malformed,
                "expected an object and found \(json.typeName)",
                path: path + "/vocab.json"
            )
        }
        var lists = ModelLists()
        try lists.addTokens(vocab, at: "vocab.json")
        return lists
    }

    /// The JSON in a file; nil if there is no such file.
    func json(_ name: String, _ limit: Int) throws(TokenizationError) -> JSON? {
        let path = path + "/" + name
        return try bytes(path, limit).map { bytes throws(TokenizationError) in
            try parse(bytes, path)
        }
    }

    private func parse(_ bytes: [UInt8], _ path: String) throws(TokenizationError) -> JSON {
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw TokenizationError(.malformed, "not JSON: \(error)", path: path)
        }
    }

    /// The contents of a file; nil if there is no such file.
    func bytes(
        _ path: String,
        _ limit: Int = Limits.tokenizerBytes
    ) throws(TokenizationError) -> [UInt8]? {
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
        // Some more for what `TokenizerScanner` adds.
        let capacity = size + size >> 6
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, initialized in
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
