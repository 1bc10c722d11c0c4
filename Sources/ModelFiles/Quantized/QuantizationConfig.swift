internal import Core

/// `quantization_config` of a config.json: how a checkpoint's matrices are stored.
struct QuantizationConfig {
    /// Of config.json, for messages.
    let path: String
    /// `quant_method`, in small letters.
    let method: String
    private let object: JSONObject

    /// Nil where nothing says that the model is quantised. Looks in `compression_config` too, its
    /// name in early compressed-tensors models, and in the text part of a multimodal model.
    init?(_ config: JSON, path: String) throws(ModelFileError) {
        let old = config["compression_config"]
        let places = [
            config["quantization_config"], old, config["text_config"]?["quantization_config"],
        ]
        guard let found = places.compactMap(\.self).first(where: { !$0.isNull }) else { return nil }
        self.path = path
        guard let object = found.object else {
            throw Self.error(.malformed, path, "is \(found.typeName), not an object")
        }
        self.object = object
        if let method = object["quant_method"]?.string {
            self.method = method.lowercased()
        } else if found == old {
            method = "compressed-tensors"
        } else {
            throw Self.error(.unsupported, path, "has no quant_method that says how to read it")
        }
    }

    /// The value of `key`; nil also where it is null.
    subscript(key: String) -> JSON? {
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    func integer(_ key: String) throws(ModelFileError) -> Int? {
        guard let value = self[key] else { return nil }
        guard let integer = value.int else { throw notA("whole number", key, value) }
        return integer
    }

    /// A text in small letters.
    func text(_ key: String) throws(ModelFileError) -> String? {
        guard let value = self[key] else { return nil }
        guard let text = value.string else { throw notA("string", key, value) }
        return text.lowercased()
    }

    func flag(_ key: String) throws(ModelFileError) -> Bool? {
        guard let value = self[key] else { return nil }
        guard let flag = value.bool else { throw notA("boolean", key, value) }
        return flag
    }

    /// Refuses a key that is not known, since nobody can tell whether it changes the weights. Keys
    /// that are off or empty change nothing.
    func check(known: Set<String>) throws(ModelFileError) {
        for member in object.members where !known.contains(member.key) && !isOff(member.value) {
            throw unsupported(member.key, "which this build does not know; it may change weights")
        }
    }

    /// The text of `key` where it is one of `names`, or the first of them where there is no key.
    func choice(_ key: String, _ names: [String]) throws(ModelFileError) -> String {
        guard let text = try text(key) else { return names[0] }
        guard names.contains(text) else {
            throw unsupported(key, "this build reads \(list(names))")
        }
        return text
    }

    func error(_ code: ModelFileError.Code, _ message: String) -> ModelFileError {
        Self.error(code, path, message)
    }

    /// "quantization_config has "bits" 3; this build reads 4 and 8".
    func unsupported(_ key: String, _ reason: String) -> ModelFileError {
        let value = self[key].map { " " + shown($0) } ?? " missing"
        return error(.unsupported, "has \(quoted(key))\(value); \(reason)")
    }

    private func notA(_ type: String, _ key: String, _ value: JSON) -> ModelFileError {
        error(.malformed, "has \(quoted(key)), which is \(value.typeName), not a \(type)")
    }

    private static func error(
        _ code: ModelFileError.Code,
        _ path: String,
        _ message: String
    ) -> ModelFileError {
        ModelFileError(code, path: path, "quantization_config \(message)")
    }
}

/// Whether a setting says nothing: null, false, or empty.
private func isOff(_ value: JSON) -> Bool {
    switch value {
    case .null: true
    case .bool(let flag): !flag
    case .string(let text): text.isEmpty
    case .array(let list): list.isEmpty
    case .object(let object): object.isEmpty
    case .int, .double: false
    }
}

private func shown(_ value: JSON) -> String {
    switch value {
    case .null, .bool, .int, .double: value.text()
    case .string(let text): quoted(text)
    case .array, .object: quoted(value.text())
    }
}

/// "a, b and c".
func list(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " and " + last
}
