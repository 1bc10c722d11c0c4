/// Why a model could not be pulled, found or deleted, in one line that says what to do about it.
package struct HubError: Error, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The name is not OWNER/NAME[@REVISION][:FILE], or a setting is not what it must be.
        case invalidName
        /// The hub wants another token, or none was given.
        case unauthorized
        /// The token is known but may not read this, for instance a licence is not accepted yet.
        case forbidden
        /// No such repository, revision or file.
        case notFound
        /// More than one file answers to the name.
        case ambiguous
        /// The repository has nothing that can be run, or not in the form asked for.
        case noWeights
        /// A path in the repository would leave the model's folder.
        case unsafePath
        /// The hub's answer makes no sense.
        case badResponse
        /// The hub could not be reached, or the connection broke.
        case network
        /// No bytes came for as long as the stall timeout.
        case stalled
        /// The hub failed (5xx).
        case server
        /// The hub asks for fewer requests (429).
        case rateLimited
        /// Bytes came that are not the bytes that the hub announced.
        case checksum
        case diskFull
        /// The system refused to read or write.
        case inputOutput
        /// Another process is at work on the same model.
        case busy
        /// The caller cancelled the task.
        case cancelled

        /// Whether the same request can succeed a little later.
        var isTransient: Bool {
            switch self {
            case .network, .stalled, .server, .rateLimited: true
            default: false
            }
        }
    }

    package var code: Code
    package var message: String
    /// How long the hub asks to wait before the next request.
    var retryAfter: Duration?

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    static var stopped: HubError {
        HubError(.cancelled, "stopped; pull again to continue where this ended")
    }
}

/// Text that came from a hub, as a message may show it: one line, no control characters, not long.
func shown(_ text: String) -> String {
    let plain = text.unicodeScalars.map { scalar in
        scalar.properties.generalCategory == .control ? " " : scalar
    }
    let cut = plain.count > 200 ? plain.prefix(200) + ["…"] : plain[...]
    return String(String.UnicodeScalarView(cut))
}

/// Bytes in the largest unit that keeps the number above 1: "1.2 GB".
func byteText(_ count: Int) -> String {
    for (unit, size) in [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000)] where count >= size
    {
        let tenths = count / (size / 10)
        return "\(tenths / 10).\(tenths % 10) \(unit)"
    }
    return "\(count) bytes"
}
