package import Core

/// Text of tokens as they come. What it returns joins to exactly what `Tokenizer.decode` gives for
/// all of them; a character is returned with the token that completes it, never in parts. Only a
/// decoder that changes the end of a text, or something of several characters, holds back more.
package struct StreamingDetokenizer: Sendable {
    private let tokenizer: Tokenizer
    private let skipSpecial: Bool
    private var state: DecodingState

    init(_ tokenizer: Tokenizer, skipSpecial: Bool) {
        self.tokenizer = tokenizer
        self.skipSpecial = skipSpecial
        state = DecodingState(tokenizer.decoder)
    }

    /// The text that `token` completes; empty if there is none yet.
    package mutating func append(_ token: TokenID) -> String {
        if skipSpecial, tokenizer.isSpecial(token) { return "" }
        var output: [UInt8] = []
        state.append(token, tokenizer.vocabulary, &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// What is left at the end: nothing, or U+FFFD for a character that was never completed.
    package mutating func finish() -> String {
        var output: [UInt8] = []
        state.finish(&output)
        state = DecodingState(tokenizer.decoder)
        return String(decoding: output, as: UTF8.self)
    }
}

/// Where the decoding of a text stands.
struct DecodingState: Sendable {
    private let decoder: Decoder
    private var isFirst = true
    /// Whether the last token was a byte, whether such bytes began the text, and whether one of the
    /// run fitted no character.
    private var inRun = false
    private var runIsFirst = false
    private var runIsBroken = false
    /// The start of a character whose rest has not come yet: at most 3 bytes.
    private var pending: [UInt8] = []
    private var changes: [TextChangeState]

    private static let replacement = Array("\u{FFFD}".utf8)

    init(_ decoder: Decoder) {
        self.decoder = decoder
        changes = decoder.textChanges.map { TextChangeState($0) }
    }

    /// Appends the text that `token` completes, whole characters. An id that is not in the
    /// vocabulary is nothing.
    mutating func append(_ token: TokenID, _ vocabulary: Vocabulary, _ output: inout [UInt8]) {
        guard vocabulary.contains(token) else { return }
        if decoder.separatesBySpace, !isFirst { emit([0x20], &output) }
        defer { isFirst = false }
        if vocabulary.isByte(token), let byte = vocabulary.bytes(of: token).first {
            if !inRun { runIsFirst = isFirst }
            inRun = true
            return append(byte: byte, &output)
        }
        endRun(&output)
        let bytes = isFirst ? vocabulary.bytes(ofFirst: token) : vocabulary.bytes(of: token)
        if decoder.joining == .bytes {
            append(bytes: bytes, &output)
        } else {
            emit(bytes, &output)
        }
    }

    mutating func finish(_ output: inout [UInt8]) {
        endRun(&output)
        emit(Self.repaired(pending[...]), &output)
        pending = []
        var rest: [UInt8] = []
        for index in changes.indices {
            var next: [UInt8] = []
            changes[index].append(rest[...], &next)
            changes[index].finish(&next)
            rest = next
        }
        output += rest
    }

    /// Text through the changes to the whole text.
    private mutating func emit(_ bytes: ArraySlice<UInt8>, _ output: inout [UInt8]) {
        if changes.isEmpty { return output.append(contentsOf: bytes) }
        var text = Array(bytes)
        for index in changes.indices {
            var next: [UInt8] = []
            changes[index].append(text[...], &next)
            text = next
        }
        output += text
    }

    // MARK: bytes as GPT-2 spells them

    private mutating func append(bytes: ArraySlice<UInt8>, _ output: inout [UInt8]) {
        pending.append(contentsOf: bytes)
        let whole = pending.count - UTF8Tail.length(pending)
        emit(Self.repaired(pending[..<whole]), &output)
        pending.removeSubrange(..<whole)
    }

    private static func repaired(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        Array(String(decoding: bytes, as: UTF8.self).utf8)[...]
    }

    // MARK: byte fallback

    /// A character is passed on when its last byte comes, although the reference throws away a whole
    /// run that turns out not to be UTF-8: what was shown cannot be taken back. From the first byte
    /// that fits no character on, each byte of the run is U+FFFD.
    private mutating func append(byte: UInt8, _ output: inout [UInt8]) {
        pending.append(byte)
        if !runIsBroken {
            if UTF8Tail.length(pending) == pending.count { return }
            if let text = String(validating: pending, as: UTF8.self) {
                pending = []
                return emit(late(text), &output)
            }
            runIsBroken = true
        }
        for _ in pending { emit(Self.replacement[...], &output) }
        pending = []
    }

    private func late(_ character: String) -> ArraySlice<UInt8> {
        var bytes = Array(character.utf8)
        for change in decoder.lateChanges {
            // Late changes have no regular expressions, so none of them can fail.
            bytes = (try? change.apply(bytes, isFirst: runIsFirst)) ?? bytes
        }
        return bytes[...]
    }

    private mutating func endRun(_ output: inout [UInt8]) {
        guard inRun else { return }
        for _ in pending { emit(Self.replacement[...], &output) }
        pending = []
        inRun = false
        runIsBroken = false
    }
}

/// A change to the whole text while its end has not come yet.
private struct TextChangeState: Sendable {
    private let change: Decoder.TextChange
    /// How many characters may still go at the start.
    private var startLeft = 0
    /// Text whose fate depends on what comes.
    private var held: [UInt8] = []

    init(_ change: Decoder.TextChange) {
        self.change = change
        if case .strip(let strip) = change { startLeft = strip.start }
    }

    mutating func append(_ bytes: ArraySlice<UInt8>, _ output: inout [UInt8]) {
        held.append(contentsOf: bytes)
        switch change {
        case .strip(let strip): pass(strip, &output)
        case .replace(let old, let new): pass(old, new, &output)
        }
    }

    mutating func finish(_ output: inout [UInt8]) {
        if case .strip(let strip) = change {
            let rest = Decoder.EndStrip(character: strip.character, start: 0, end: strip.end)
            output += rest.apply(held)
        } else {
            output += held
        }
        held = []
    }

    private mutating func pass(_ strip: Decoder.EndStrip, _ output: inout [UInt8]) {
        let character = strip.character
        while startLeft > 0, held.starts(with: character) {
            held.removeFirst(character.count)
            startLeft -= 1
        }
        if held.isEmpty { return }
        startLeft = 0
        var end = held.count
        for _ in 0..<strip.end where held[..<end].reversed().starts(with: character.reversed()) {
            end -= character.count
        }
        output += held[..<end]
        held.removeSubrange(..<end)
    }

    private mutating func pass(_ old: [UInt8], _ new: [UInt8], _ output: inout [UInt8]) {
        var index = 0
        while index < held.count {
            if held[index...].starts(with: old) {
                output += new
                index += old.count
            } else if old.starts(with: held[index...]) {
                break
            } else {
                output.append(held[index])
                index += 1
            }
        }
        held.removeSubrange(..<index)
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
