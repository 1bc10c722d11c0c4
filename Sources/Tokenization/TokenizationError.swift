/// Why a tokenizer cannot be made from a file, or a text not be encoded. Decoding never fails.
package struct TokenizationError: Error, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        /// A file is missing or cannot be read.
        case unreadable
        /// A file is not what its format demands.
        case malformed
        /// A component or setting that this program does not implement.
        case unsupported
        /// Each part is well formed, but they contradict each other.
        case inconsistent
        /// A text on which the tokenizer's own regular expression takes too much work.
        case tooMuchWork
    }

    package var code: Code
    /// What is wrong, and what to do about it.
    package var message: String
    /// Where in tokenizer.json, such as `model.merges[12]`; empty for the file as a whole.
    package var location: String
    /// The file, when there is one.
    package var path: String?

    package init(_ code: Code, _ message: String, at location: String = "", path: String? = nil) {
        self.code = code
        self.message = message
        self.location = location
        self.path = path
    }

    package var description: String {
        [path, location.isEmpty ? nil : location, message].compactMap(\.self)
            .joined(separator: ": ")
    }
}
