import Core

/// The tokens and the merges of a model as its file lists them: ranges of one text, because hundreds
/// of thousands of strings would take longer to make than everything else.
struct ModelLists {
    /// What the ranges are of; valid UTF-8 in all tokens.
    var text: [UInt8] = []
    var tokens: [Token] = []
    /// Most important first.
    var merges: [Merge] = []

    /// Some bytes of the text.
    struct Part {
        private var start: UInt32
        private var count: UInt32

        /// - Parameter range: within a text below 4 GiB; files of tokenizers are far smaller.
        init(_ range: Range<Int>) {
            start = UInt32(truncatingIfNeeded: range.lowerBound)
            count = UInt32(truncatingIfNeeded: range.count)
        }

        var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
    }

    struct Token {
        var name: Part
        var id: Int
    }

    struct Merge {
        var left: Part
        var right: Part
    }

    /// Adds `name` to the text.
    mutating func append(_ name: String) -> Part {
        let start = text.count
        text.append(contentsOf: name.utf8)
        return Part(start..<text.count)
    }

    mutating func addToken(_ name: String, id: Int) {
        tokens.append(Token(name: append(name), id: id))
    }

    /// - Parameter vocab: ids by token.
    mutating func addTokens(_ vocab: JSONObject, at location: String) throws(TokenizationError) {
        for member in vocab.members {
            guard let id = member.value.int else {
                throw TokenizationError(
                    .malformed,
                    "the id of \"\(member.key)\" is not an integer",
                    at: location
                )
            }
            addToken(member.key, id: id)
        }
    }

    /// The two tokens of a line of the text, with just one space in between; nil if it is no such.
    func merge(_ line: Range<Int>) -> Merge? {
        var cut: Int?
        for index in line where text[index] == 0x20 {
            if cut != nil { return nil }
            cut = index
        }
        return cut.map {
            Merge(left: Part(line.lowerBound..<$0), right: Part($0 + 1..<line.upperBound))
        }
    }

    func string(_ part: Part) -> String { String(decoding: text[part.range], as: UTF8.self) }
}
