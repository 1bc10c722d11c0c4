/// Finds stop strings in text that arrives in pieces, and releases only text that can no longer
/// belong to one.
package struct StopMatcher: Sendable {
    private let stops: [[UInt8]]
    /// Text not yet released: the longest end of what came that begins a stop string.
    private var held: [UInt8] = []

    /// - Parameter stops: empty strings are ignored.
    package init(_ stops: [String]) {
        self.stops = stops.map { Array($0.utf8) }.filter { !$0.isEmpty }
    }

    /// Adds text. Returns what may be shown and whether a stop string was reached; after that
    /// nothing more comes.
    package mutating func append(_ text: String) -> (released: String, stopped: Bool) {
        if stops.isEmpty { return (text, false) }
        held.append(contentsOf: text.utf8)
        if let start = firstMatch() {
            let released = String(decoding: held[..<start], as: UTF8.self)
            held.removeAll()
            return (released, true)
        }
        let keep = longestBeginning()
        let released = String(decoding: held.dropLast(keep), as: UTF8.self)
        held.removeFirst(held.count - keep)
        return (released, false)
    }

    /// What was held back, when the text ends without a stop string.
    package mutating func finish() -> String {
        defer { held.removeAll() }
        return String(decoding: held, as: UTF8.self)
    }

    /// Where the earliest stop string in `held` starts.
    private func firstMatch() -> Int? {
        held.indices.first { start in
            stops.contains { held[start...].starts(with: $0) }
        }
    }

    /// How many last bytes of `held` are the beginning of a stop string. A stop string begins with
    /// a whole character, so this never splits one.
    private func longestBeginning() -> Int {
        let longest = stops.map(\.count).max() ?? 0
        let candidates = (0..<min(longest, held.count + 1)).reversed()
        return candidates.first { count in
            let end = held.suffix(count)
            return stops.contains { $0.count > count && $0.starts(with: end) }
        } ?? 0
    }
}
