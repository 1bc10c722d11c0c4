/// One entry of a model's vocabulary. Ids are dense from 0; negative values never occur.
package typealias TokenID = Int32

/// The tenant whose key was authenticated. Cached prefixes, balances and generations belong to it.
package struct TenantID: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package init(_ name: String) { self.name = name }
    package var description: String { name }
    /// Whoever uses the program on this machine without a key.
    package static let local = TenantID("local")
}

/// Names one request for generation, in the ledger, in headers and in `GET /v1/generations/{id}`.
package struct GenerationID: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    package var description: String { text }

    /// A fresh id: `gen-` and 128 random bits in hexadecimal.
    package static func random() -> GenerationID {
        var generator = SystemRandomNumberGenerator()
        let words = [generator.next() as UInt64, generator.next() as UInt64]
        let digits = words.map { word in
            let hex = String(word, radix: 16)
            return String(repeating: "0", count: 16 - hex.count) + hex
        }
        return GenerationID("gen-" + digits.joined())
    }
}

/// One token sequence inside the engine: a choice of a generation. Unique for the engine's life.
package struct SequenceID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let number: UInt64
    package init(_ number: UInt64) { self.number = number }
    package var description: String { "s\(number)" }
    package static func < (a: SequenceID, b: SequenceID) -> Bool { a.number < b.number }
}
