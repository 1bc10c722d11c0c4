import Core

/// The members of a JSON object in tokenizer.json, all of them known: a setting that is not
/// implemented must not pass unnoticed.
struct Fields {
    let path: String
    private let object: JSONObject

    init(_ json: JSON?, at path: String, allowed: [String]) throws(TokenizationError) {
        guard let object = json?.object else {
            throw TokenizationError(
                .malformed,
                "expected an object and found \(json?.typeName ?? "nothing")",
                at: path
            )
        }
        self.path = path
        self.object = object
        for member in object.members where !allowed.contains(member.key) {
            throw TokenizationError(
                .unsupported,
                "unsupported setting \"\(member.key)\"; this program would have to ignore it",
                at: path
            )
        }
    }

    subscript(key: String) -> JSON? { object[key] }

    func location(_ key: String) -> String { path.isEmpty ? key : path + "." + key }

    func string(_ key: String) throws(TokenizationError) -> String {
        guard let value = self[key]?.string else { throw wrongType(key, "a string") }
        return value
    }

    func bool(_ key: String, default: Bool? = nil) throws(TokenizationError) -> Bool {
        if self[key] == nil, let `default` { return `default` }
        guard let value = self[key]?.bool else { throw wrongType(key, "a boolean") }
        return value
    }

    func array(_ key: String) throws(TokenizationError) -> [JSON] {
        guard let value = self[key]?.array else { throw wrongType(key, "an array") }
        return value
    }

    /// A count, from 0 to a million.
    func count(_ key: String) throws(TokenizationError) -> Int {
        guard let value = self[key]?.int, (0...1_000_000).contains(value) else {
            throw wrongType(key, "a count (0 to 1000000)")
        }
        return value
    }

    /// A single Unicode scalar in UTF-8.
    func character(_ key: String, default: String? = nil) throws(TokenizationError) -> [UInt8] {
        let text = self[key] == nil ? `default` ?? "" : try string(key)
        guard text.unicodeScalars.count == 1 else { throw wrongType(key, "one character") }
        return Array(text.utf8)
    }

    /// `{"String": text}` or `{"Regex": expression}`.
    func pattern(_ key: String) throws(TokenizationError) -> TextPattern {
        let pattern = try object(key, allowed: ["String", "Regex"])
        let name = pattern["Regex"] == nil ? "String" : "Regex"
        let text = try pattern.string(name)
        do throws(RegexError) {
            return name == "String"
                ? try TextPattern(literal: text) : .regex(try RegularExpression(text))
        } catch {
            throw TokenizationError(
                .unsupported,
                "unsupported regular expression \(text.prefix(200)): \(error.message)",
                at: pattern.location(name)
            )
        }
    }

    func object(_ key: String, allowed: [String]) throws(TokenizationError) -> Fields {
        try Fields(self[key], at: location(key), allowed: allowed)
    }

    func id(_ key: String) throws(TokenizationError) -> TokenID {
        guard let value = self[key]?.int, value >= 0, let id = TokenID(exactly: value) else {
            throw wrongType(key, "a token id (0 to \(TokenID.max))")
        }
        return id
    }

    /// Throws if one of `keys` is there and not null.
    func requireNull(_ keys: String...) throws(TokenizationError) {
        for key in keys {
            if let value = self[key], !value.isNull {
                throw TokenizationError(
                    .unsupported,
                    "unsupported: only null is implemented here",
                    at: location(key)
                )
            }
        }
    }

    func wrongType(_ key: String, _ expected: String) -> TokenizationError {
        let found = self[key]?.typeName ?? "nothing"
        return TokenizationError(
            .malformed,
            "expected \(expected) and found \(found)",
            at: location(key)
        )
    }
}

/// A part of the pipeline: an object whose `type` says which.
struct Component {
    let type: String
    let path: String
    private let json: JSON

    init(_ json: JSON?, at path: String) throws(TokenizationError) {
        guard let json, !json.isNull else {
            throw TokenizationError(.malformed, "expected a component and found null", at: path)
        }
        guard let type = json["type"]?.string else {
            throw TokenizationError(.malformed, "expected a component with a type", at: path)
        }
        self.type = type
        self.path = path
        self.json = json
    }

    func fields(_ keys: [String]) throws(TokenizationError) -> Fields {
        try Fields(json, at: path, allowed: ["type"] + keys)
    }

    /// The components of a `Sequence`, with their paths.
    func children(_ key: String) throws(TokenizationError) -> [(json: JSON, path: String)] {
        try fields([key]).array(key).enumerated().map { ($1, "\(path).\(key)[\($0)]") }
    }

    func unsupported() -> TokenizationError {
        TokenizationError(.unsupported, "unsupported component \"\(type)\"", at: path)
    }
}
