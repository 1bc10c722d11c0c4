internal import Core

/// Why a model file cannot be used, and where. The message says what is wrong and what to do.
package struct ModelFileError: Error, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        /// Nothing is at the path, or nothing of the kind that is needed.
        case notFound
        /// The system refused to open, read, map or write.
        case inputOutput
        /// A format that this build does not read.
        case unsupported
        /// The bytes contradict themselves or their format.
        case malformed
        /// A named limit is exceeded (`Limits`).
        case tooLarge
        /// The model has no tensor of the name asked for.
        case noSuchTensor
        /// A caller of the writer broke its contract.
        case misuse
    }

    package var code: Code
    package var path: String
    package var tensor: String?
    /// Byte offset in the file at `path`.
    package var offset: Int?
    package var message: String

    package init(
        _ code: Code,
        path: String,
        tensor: String? = nil,
        offset: Int? = nil,
        _ message: String
    ) {
        self.code = code
        self.path = path
        self.tensor = tensor
        self.offset = offset
        self.message = message
    }

    /// One line, also when the path or a name from the file holds line breaks.
    package var description: String {
        let place = [tensor.map { "tensor \(quoted($0))" }, offset.map { "byte \($0)" }]
        let places = place.compactMap { $0 }.joined(separator: ", ")
        let start = places.isEmpty ? plain(path) : "\(plain(path)): \(places)"
        return "\(start): \(message)"
    }
}

/// Text that came from a file, as a message may show it: escaped, and cut where it is long.
func quoted(_ text: String) -> String {
    let shown =
        text.unicodeScalars.count > 120
        ? text.unicodeScalars.prefix(120) + "…".unicodeScalars
        : text.unicodeScalars.prefix(120)
    return JSON.string(String(shown)).text()
}

private func plain(_ path: String) -> String {
    path.unicodeScalars.contains { $0.value < 0x20 } ? JSON.string(path).text() : path
}
