import Core
import Testing
import Tokenization

@Suite struct StreamingTests {
    /// A character comes out whole, with the token that completes it and not later.
    @Test func wholeCharactersAtOnce() throws {
        let tokenizer = try Goldens.tokenizer("qwen2")
        let alphabet = try byteTokens(tokenizer)
        for character in ["a", "é", "€", "語", "😀", "\u{10FFFF}"] {
            var stream = tokenizer.stream()
            let bytes = Array(character.utf8)
            for byte in bytes.dropLast() { #expect(stream.append(alphabet[Int(byte)]) == "") }
            #expect(stream.append(alphabet[Int(bytes[bytes.count - 1])]) == character)
            #expect(stream.finish() == "")
        }
    }

    /// Bytes that cannot become a character are not held back.
    @Test func invalidBytesAtOnce() throws {
        let tokenizer = try Goldens.tokenizer("qwen2")
        let alphabet = try byteTokens(tokenizer)
        let cases: [([UInt8], [String])] = [
            ([0x80], ["\u{FFFD}"]),
            ([0xFF], ["\u{FFFD}"]),
            ([0xC0], ["\u{FFFD}"]),
            ([0xC3, 0x41], ["", "\u{FFFD}A"]),
            ([0xE0, 0x80], ["", "\u{FFFD}\u{FFFD}"]),
            ([0xED, 0xA0], ["", "\u{FFFD}\u{FFFD}"]),
            ([0xF0, 0x9F, 0x98, 0x41], ["", "", "", "\u{FFFD}A"]),
            ([0xF4, 0x90], ["", "\u{FFFD}\u{FFFD}"]),
        ]
        for (bytes, texts) in cases {
            var stream = tokenizer.stream()
            #expect(bytes.map { stream.append(alphabet[Int($0)]) } == texts, "\(bytes)")
            #expect(stream.finish() == "")
        }
    }

    @Test func unfinishedCharacterAtTheEnd() throws {
        let tokenizer = try Goldens.tokenizer("qwen2")
        let alphabet = try byteTokens(tokenizer)
        var stream = tokenizer.stream()
        #expect(stream.append(alphabet[0xE2]) == "")
        #expect(stream.append(alphabet[0x82]) == "")
        #expect(stream.finish() == "\u{FFFD}")
        #expect(stream.append(alphabet[0x41]) == "A")
    }

    /// Random bytes in random cuts: the joined text is the batch text.
    @Test func joinsToTheBatchResult() throws {
        let tokenizer = try Goldens.tokenizer("gpt2")
        let alphabet = try byteTokens(tokenizer)
        var random = Lehmer(seed: 5)
        for _ in 0..<3000 {
            let leads: [UInt8] = [0x41, 0x80, 0xA0, 0xBF, 0xC3, 0xE0, 0xE2, 0xED, 0xF0, 0xF4, 0xF5]
            let ids = (0..<random.below(9)).map { _ in alphabet[Int(leads[random.below(11)])] }
            var stream = tokenizer.stream()
            let parts = ids.map { stream.append($0) } + [stream.finish()]
            #expect(Array(parts.joined().utf8) == Array(tokenizer.decode(ids).utf8), "\(ids)")
        }
    }

    @Test func controlTokensAreLeftOut() throws {
        let tokenizer = try Goldens.tokenizer("qwen2")
        let ids = try tokenizer.encode("a<|im_end|>b<tool_call>", parseSpecial: true)
        var shown = tokenizer.stream(skipSpecial: false)
        var hidden = tokenizer.stream()
        #expect(ids.map { shown.append($0) }.joined() == "a<|im_end|>b<tool_call>")
        #expect(ids.map { hidden.append($0) }.joined() == "ab<tool_call>")
        #expect(tokenizer.decode(ids) == "ab<tool_call>")
    }

    @Test func unknownIDsAreNothing() throws {
        let tokenizer = try Goldens.tokenizer("qwen2")
        for id in [-1, TokenID.min, TokenID.max, TokenID(tokenizer.vocabularySize)] {
            var stream = tokenizer.stream()
            #expect(stream.append(id) == "")
            #expect(tokenizer.decode([id]) == "")
            #expect(tokenizer.bytes(of: id) == [])
            #expect(tokenizer.text(of: id) == "")
            #expect(!tokenizer.isSpecial(id))
        }
    }

    /// The token of each byte.
    private func byteTokens(_ tokenizer: Tokenizer) throws -> [TokenID] {
        var tokens = [TokenID?](repeating: nil, count: 256)
        for id in 0..<TokenID(tokenizer.vocabularySize) {
            let bytes = tokenizer.bytes(of: id)
            if bytes.count == 1 { tokens[Int(bytes[0])] = id }
        }
        return try tokens.map { try #require($0) }
    }
}
