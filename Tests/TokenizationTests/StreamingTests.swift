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

    /// Byte fallback: a character comes out with its last byte. From the first byte that fits no
    /// character on, each byte of the run is U+FFFD.
    @Test func byteFallback() throws {
        let tokenizer = try fallback(["type": "ByteFallback"])
        let cases: [([UInt8], [String])] = [
            (Array("é€😀".utf8), ["", "é", "", "", "€", "", "", "", "😀", ""]),
            ([0x41, 0xC3, 0x41, 0x42], ["A", "", "\u{FFFD}\u{FFFD}", "\u{FFFD}", ""]),
            ([0x80, 0x41], ["\u{FFFD}", "\u{FFFD}", ""]),
            ([0xE2, 0x82], ["", "", "\u{FFFD}\u{FFFD}"]),
        ]
        for (bytes, parts) in cases {
            let ids = bytes.map { TokenID($0) }
            var stream = tokenizer.stream()
            #expect(ids.map { stream.append($0) } + [stream.finish()] == parts, "\(bytes)")
            #expect(tokenizer.decode(ids) == parts.joined())
        }
        // A token that is no byte ends the run.
        #expect(tokenizer.decode([0xE2, 256, 0x82, 0x41]) == "\u{FFFD}a\u{FFFD}\u{FFFD}")
        #expect(tokenizer.decode([0xFF, 256, 0x41]) == "\u{FFFD}aA")
    }

    /// Changes to the whole text: the start goes at once, and the end is held back while it may go.
    @Test func changesToTheWholeText() throws {
        let tokenizer = try fallback([
            "type": "Sequence",
            "decoders": [
                ["type": "ByteFallback"], ["type": "Fuse"],
                ["type": "Strip", "content": "a", "start": 1, "stop": 2],
                ["type": "Replace", "pattern": ["String": "ab"], "content": "x"],
            ],
        ])
        var stream = tokenizer.stream()
        let parts = [256, 256, 257, 257, 256, 256].map { stream.append($0) } + [stream.finish()]
        #expect(parts == ["", "", "x", "b", "", "", ""])
        var random = Lehmer(seed: 8)
        for _ in 0..<2000 {
            let ids = (0..<random.below(9)).map { _ in
                [256, 257, 258, 0xC3, 0xA9, 0x61][random.below(6)] as TokenID
            }
            var stream = tokenizer.stream()
            let parts = ids.map { stream.append($0) } + [stream.finish()]
            #expect(parts.joined() == tokenizer.decode(ids), "\(ids)")
        }
    }

    /// Ids 0 to 255 are bytes, then "a", "b" and "ab".
    private func fallback(_ decoder: JSON) throws -> Tokenizer {
        var vocabulary: JSONObject = [:]
        for byte in 0...255 {
            let digits = String(byte, radix: 16, uppercase: true)
            vocabulary["<0x\(byte < 16 ? "0" : "")\(digits)>"] = .int(byte)
        }
        for (index, token) in ["a", "b", "ab"].enumerated() {
            vocabulary[token] = .int(256 + index)
        }
        let model: JSON = ["type": "BPE", "vocab": .object(vocabulary), "merges": []]
        return try Tokenizer(json: ["decoder": decoder, "model": model], configuration: nil)
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
