/// The metadata of a GGUF file, by key. Keeps its file mapped.
package struct GGUFMetadata: Sendable {
    static let alignmentKey = "general.alignment"
    static let defaultAlignment = 32

    /// In the order of the file.
    package let keys: [String]
    private let file: MappedFile
    private let fields: [String: GGUFHeader.Field]

    /// - Precondition: the header is the file's.
    init(_ header: GGUFHeader, of file: MappedFile) {
        self.file = file
        keys = header.fields.map(\.key)
        fields = Dictionary(header.fields.map { ($0.key, $0) }) { first, _ in first }
    }

    /// Nil where there is no such key.
    package subscript(key: String) -> GGUFValue? {
        fields[key].map { GGUFValue(type: $0.type, payload: GGUFBytes(file, $0.range)) }
    }

    // The lookups below give nil where there is no such key, and throw `malformed` where its value
    // is of another type.

    package func string(_ key: String) throws(ModelFileError) -> String? {
        try value(key, "a string", \.string)
    }

    /// An integer of any width.
    package func int(_ key: String) throws(ModelFileError) -> Int? {
        try value(key, "an integer that this machine can count to", \.int)
    }

    /// A number of any kind.
    package func double(_ key: String) throws(ModelFileError) -> Double? {
        try value(key, "a number", \.double)
    }

    package func bool(_ key: String) throws(ModelFileError) -> Bool? {
        try value(key, "a truth value", \.bool)
    }

    package func array(_ key: String) throws(ModelFileError) -> GGUFArray? {
        try value(key, "an array", \.array)
    }

    private func value<Value>(
        _ key: String,
        _ wanted: String,
        _ read: (GGUFValue) -> Value?
    ) throws(ModelFileError) -> Value? {
        guard let value = self[key] else { return nil }
        if let result = read(value) { return result }
        throw ModelFileError(
            .malformed,
            path: file.path,
            offset: fields[key]?.range.lowerBound,
            "metadata key \(quoted(key)) is \(value) of type \(value.type), not \(wanted)"
        )
    }
}
