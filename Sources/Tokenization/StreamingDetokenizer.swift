package import Core

/// Text of tokens as they come. What it returns joins to exactly what `Tokenizer.decode` gives for
/// all of them; a character is returned with the token that completes it, never in parts.
package struct StreamingDetokenizer: Sendable {
    private let tokenizer: Tokenizer
    private let skipSpecial: Bool
    /// The start of a character whose rest has not come yet: at most 3 bytes.
    private var pending: [UInt8] = []

    init(_ tokenizer: Tokenizer, skipSpecial: Bool) {
        self.tokenizer = tokenizer
        self.skipSpecial = skipSpecial
    }

    /// The text that `token` completes; empty if there is none yet.
    package mutating func append(_ token: TokenID) -> String {
        if skipSpecial, tokenizer.isSpecial(token) { return "" }
        pending.append(contentsOf: tokenizer.vocabulary.bytes(of: token))
        let whole = pending.count - UTF8Tail.length(pending)
        defer { pending.removeSubrange(..<whole) }
        return String(decoding: pending[..<whole], as: UTF8.self)
    }

    /// What is left at the end: nothing, or U+FFFD for a character that was never completed.
    package mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }
}

/// The end of bytes that may still become a character.
enum UTF8Tail {
    /// How many bytes at the end are the start of a character that is valid so far: 0...3.
    static func length(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let lead = bytes[bytes.count - length]
            if lead & 0xC0 == 0x80 { continue }
            let second = length > 1 ? bytes[bytes.count - length + 1] : nil
            return isStart(lead, second: second, length: length) ? length : 0
        }
        return 0
    }

    /// Whether `length` bytes, continuation bytes after `lead`, lack some to be a character
    /// (Unicode, table 3-7).
    private static func isStart(_ lead: UInt8, second: UInt8?, length: Int) -> Bool {
        let needed: Int
        switch lead {
        case 0xC2...0xDF: needed = 2
        case 0xE0...0xEF: needed = 3
        case 0xF0...0xF4: needed = 4
        default: return false
        }
        guard length < needed else { return false }
        guard let second else { return true }
        switch lead {
        case 0xE0: return second >= 0xA0
        case 0xED: return second < 0xA0
        case 0xF0: return second >= 0x90
        case 0xF4: return second < 0x90
        default: return true
        }
    }
}
