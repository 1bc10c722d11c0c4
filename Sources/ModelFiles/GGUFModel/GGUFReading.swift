internal import Core

/// What a GGUF file says about its architecture, asked for by the table of that architecture.
/// Remembers which keys were asked for, so that those nobody understood can be refused.
final class GGUFReading {
    let file: GGUFFile
    let family: GGUFFamily
    private var asked: Set<String> = []

    init(_ file: GGUFFile) throws(ModelFileError) {
        guard let name = try file.metadata.string("general.architecture") else {
            throw ModelFileError(.malformed, path: file.path, "has no general.architecture")
        }
        self.file = file
        family = try GGUFFamily.reading(name, path: file.path)
    }

    private func full(_ key: String) -> String {
        asked.insert(key)
        return "\(family.architecture).\(key)"
    }

    /// A number, or an array of one number for all layers.
    func int(_ key: String) throws(ModelFileError) -> Int? {
        let name = full(key)
        guard let array = file.metadata[name]?.array else { return try file.metadata.int(name) }
        guard let values = array.ints(), let first = values.first else {
            throw malformed(name, "is not a list of integers")
        }
        guard values.allSatisfy({ $0 == first }) else {
            throw ModelFileError(
                .unsupported,
                path: file.path,
                "\(name) differs from layer to layer, which this build does not compute"
            )
        }
        return first
    }

    /// A number of any kind. A 32-bit float is taken for the shortest decimal number it stands for,
    /// as it was written in config.json: 1e-6, not 9.99999997e-7.
    func double(_ key: String) throws(ModelFileError) -> Double? {
        let name = full(key)
        guard let value = try file.metadata.double(name) else { return nil }
        guard value.isFinite else { throw malformed(name, "is not finite") }
        guard file.metadata[name]?.type == .float32 else { return value }
        return JSON.shortest(value).double
    }

    func bool(_ key: String) throws(ModelFileError) -> Bool? { try file.metadata.bool(full(key)) }

    func string(_ key: String) throws(ModelFileError) -> String? {
        try file.metadata.string(full(key))
    }

    /// Truth values, one per layer; nil where the key is missing or a single number.
    func bools(_ key: String) -> [Bool]? {
        let array = file.metadata[full(key)]?.array
        return array?.bools() ?? array?.ints()?.map { $0 != 0 }
    }

    func has(_ tensor: String) -> Bool { file.has(tensor) }

    /// A vector that the metadata's meaning depends on; nil where there is none.
    func vector(_ name: String) throws(ModelFileError) -> [Float]? {
        guard file.has(name) else { return nil }
        let tensor = try file.tensor(name)
        try tensor.checkKnown()
        guard tensor.count <= 1 << 16 else { throw malformed(name, "is too long") }
        return tensor.floats()
    }

    func malformed(_ what: String, _ message: String) -> ModelFileError {
        ModelFileError(.malformed, path: file.path, "\(what) \(message)")
    }

    /// Keys that change nothing that this build computes.
    private static let harmless: Set<String> = [
        "vocab_size", "rope.scaling.finetuned", "tensor_data_layout", "nextn_predict_layers",
    ]

    /// Refuses every key of the architecture that nobody asked for, unless it is off.
    func refuseUnknown() throws(ModelFileError) {
        let prefix = family.architecture + "."
        for key in file.metadata.keys where key.hasPrefix(prefix) {
            let name = String(key.dropFirst(prefix.count))
            if asked.contains(name) || Self.harmless.contains(name) { continue }
            guard let value = file.metadata[key], !Self.isOff(name, value) else { continue }
            throw ModelFileError(
                .unsupported,
                path: file.path,
                "metadata key \(quoted(key)) is \(value); this build does not know what it means "
                    + "and will not guess"
            )
        }
    }

    private static func isOff(_ name: String, _ value: GGUFValue) -> Bool {
        if name == "attention.causal" { return value.bool == true }
        return value.bool == false || value.double == 0
    }
}

/// What is written about an architecture, in order.
struct GGUFSettings {
    let architecture: String
    private(set) var pairs: [(key: String, value: GGUFValue)] = []

    init(_ architecture: String) { self.architecture = architecture }

    /// Sets a key of the architecture; a key that is set again keeps its place.
    mutating func set(_ key: String, _ value: some GGUFElement) {
        set(key, GGUFValue(value))
    }

    mutating func set(_ key: String, array: [some GGUFElement]) {
        set(key, GGUFValue(array: array))
    }

    /// Sets a count as the 32-bit number that readers expect; nothing where it is nil.
    mutating func set(count: Int?, _ key: String) {
        if let count = count.flatMap(UInt32.init(exactly:)) { set(key, count) }
    }

    mutating func set(number: Double?, _ key: String) {
        if let number { set(key, Float(number)) }
    }

    private mutating func set(_ key: String, _ value: GGUFValue) {
        let name = "\(architecture).\(key)"
        if let index = pairs.firstIndex(where: { $0.key == name }) {
            pairs[index].value = value
        } else {
            pairs.append((name, value))
        }
    }
}
