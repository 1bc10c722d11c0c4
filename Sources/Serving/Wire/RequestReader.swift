internal import Core

/// Reads one JSON object of a request field by field. Every value is checked against its range;
/// a null counts as absent; `finish` refuses the keys that nobody asked for.
struct RequestReader {
    /// Where the object is in the request: empty for the body, else `messages[0]`.
    let path: String
    private var members: [String: JSON] = [:]
    /// Keys in the order of the request, so that the first unknown one is named.
    private let keys: [String]
    private var known: Set<String> = []

    init(_ value: JSON, path: String = "") throws(OpenAIError) {
        guard let object = value.object else {
            throw .invalid(
                path.isEmpty ? nil : path,
                "\(path.isEmpty ? "the body" : path) must be an object, not \(value.typeName)",
                code: "invalid_type"
            )
        }
        self.path = path
        keys = object.keys
        for member in object.members { members[member.key] = member.value }
    }

    /// The path of `key`, for messages.
    func param(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The value of `key` whatever its type; nil when absent or null.
    mutating func value(_ key: String) -> JSON? {
        known.insert(key)
        guard let value = members[key], !value.isNull else { return nil }
        return value
    }

    /// Keys that nobody asked for are refused, unless their value is null or empty: clients send
    /// back whole response objects, which are full of those.
    func finish(allowingEmpty: Bool = false) throws(OpenAIError) {
        for key in keys where !known.contains(key) {
            let value = members[key] ?? .null
            if allowingEmpty, value.isNull || value.array?.isEmpty == true { continue }
            throw .unsupported(param(key), "unsupported parameter: \(param(key))")
        }
    }

    /// The error for a required field that is not there.
    func missing(_ key: String) -> OpenAIError {
        .invalid(
            param(key),
            "\(param(key)) is required",
            code: "missing_required_parameter"
        )
    }

    private func wrongType(_ key: String, _ wanted: String, _ value: JSON) -> OpenAIError {
        .invalid(
            param(key),
            "\(param(key)) must be \(wanted), not \(value.typeName)",
            code: "invalid_type"
        )
    }
}

// MARK: typed fields

extension RequestReader {
    mutating func bool(_ key: String) throws(OpenAIError) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let bool = value.bool else { throw wrongType(key, "a boolean", value) }
        return bool
    }

    mutating func int(
        _ key: String,
        in range: ClosedRange<Int>
    ) throws(OpenAIError) -> Int? {
        guard let value = value(key) else { return nil }
        guard let int = value.int else { throw wrongType(key, "an integer", value) }
        guard range.contains(int) else { throw outOfRange(key, "\(int)", range) }
        return int
    }

    mutating func number(
        _ key: String,
        in range: ClosedRange<Double>
    ) throws(OpenAIError) -> Float? {
        guard let value = value(key) else { return nil }
        guard let double = value.double else { throw wrongType(key, "a number", value) }
        guard range.contains(double) else { throw outOfRange(key, "\(double)", range) }
        return Float(double)
    }

    mutating func string(_ key: String, maxBytes: Int) throws(OpenAIError) -> String? {
        guard let value = value(key) else { return nil }
        guard let string = value.string else { throw wrongType(key, "a string", value) }
        guard string.utf8.count <= maxBytes else {
            throw .invalid(
                param(key),
                "\(param(key)) has \(string.utf8.count) bytes, at most \(maxBytes)"
            )
        }
        return string
    }

    mutating func array(_ key: String, maxCount: Int) throws(OpenAIError) -> [JSON]? {
        guard let value = value(key) else { return nil }
        guard let array = value.array else { throw wrongType(key, "an array", value) }
        guard array.count <= maxCount else {
            throw .invalid(
                param(key),
                "\(param(key)) has \(array.count) elements, at most \(maxCount)"
            )
        }
        return array
    }

    mutating func object(_ key: String) throws(OpenAIError) -> JSONObject? {
        guard let value = value(key) else { return nil }
        guard let object = value.object else { throw wrongType(key, "an object", value) }
        return object
    }

    /// A reader of the object at `key`; nil when absent.
    mutating func reader(_ key: String) throws(OpenAIError) -> RequestReader? {
        guard let value = value(key) else { return nil }
        return try RequestReader(value, path: param(key))
    }

    private func outOfRange<Bound>(
        _ key: String,
        _ value: String,
        _ range: ClosedRange<Bound>
    ) -> OpenAIError {
        .invalid(
            param(key),
            "\(param(key)) is \(value); it must be \(range.lowerBound) to \(range.upperBound)"
        )
    }
}
