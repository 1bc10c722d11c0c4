import Core
import Testing
import Tokenization

/// Ids and text equal to Hugging Face `tokenizers`.
@Suite struct GoldenTests {
    @Test(arguments: Goldens.names)
    func idsOfStrings(_ name: String) throws {
        let tokenizer = try Goldens.tokenizer(name)
        let expected = try Goldens.json(name + "/expected.json")
        let texts = try Goldens.strings()
        let ids = try #require(expected["ids"]?.array)
        let plain = try #require(expected["plain"])
        #expect(texts.count == 2000 && ids.count == texts.count)
        for (index, text) in texts.enumerated() {
            let known = Goldens.ids(ids[index])
            let other = plain[String(index)].map(Goldens.ids) ?? known
            #expect(
                try tokenizer.encode(text, parseSpecial: true) == known,
                "\(text.debugDescription)"
            )
            #expect(try tokenizer.encode(text) == other, "\(text.debugDescription)")
            let template = RenderedPrompt(text: text, inputRanges: [])
            #expect(try tokenizer.encode(template) == known, "\(text.debugDescription)")
        }
        #expect(try tokenizer.encode("Hello", addSpecial: true) == Goldens.ids(expected["added"]))
    }

    /// One text of all strings goes through the word cache; each string alone does not.
    @Test(arguments: ["gpt2", "llama3", "qwen2"])
    func cacheChangesNothing(_ name: String) throws {
        let tokenizer = try Goldens.tokenizer(name)
        let texts = try Goldens.strings()
        let separator = "<|endoftext|>"
        let id = try #require(tokenizer.id(of: separator))
        for start in stride(from: 0, to: texts.count, by: 400) {
            // White space is trimmed because some added tokens take it along over the seam.
            let part = texts[start..<start + 400].map { "x" + $0 + "x" }
            let alone = try part.flatMap { try [id] + tokenizer.encode($0, parseSpecial: true) }
            let joined = separator + part.joined(separator: separator)
            #expect(try tokenizer.encode(joined, parseSpecial: true) == alone)
        }
    }

    @Test(arguments: Goldens.names)
    func decodesEncodings(_ name: String) throws {
        let tokenizer = try Goldens.tokenizer(name)
        let expected = try Goldens.json(name + "/expected.json")
        let decoded = try #require(expected["decoded"])
        for (index, text) in try Goldens.strings().enumerated() {
            let ids = try tokenizer.encode(text, parseSpecial: true)
            let known = decoded[String(index)]?.string ?? text
            let back = tokenizer.decode(ids, skipSpecial: false)
            #expect(Array(back.utf8) == Array(known.utf8), "\(text.debugDescription)")
        }
    }

    /// Tokens in any order, so that characters are cut and bytes are no UTF-8.
    @Test(arguments: Goldens.names)
    func decodesAnything(_ name: String) throws {
        let tokenizer = try Goldens.tokenizer(name)
        let expected = try Goldens.json(name + "/expected.json")
        let sequences = try #require(expected["sequences"]?.array).map(Goldens.ids)
        for (key, skip) in [("text", false), ("skipped", true)] {
            let known = try #require(expected[key]?.array).compactMap(\.string)
            #expect(known.count == sequences.count)
            for (ids, text) in zip(sequences, known) {
                let whole = tokenizer.decode(ids, skipSpecial: skip)
                #expect(Array(whole.utf8) == Array(text.utf8), "\(ids)")
                var stream = tokenizer.stream(skipSpecial: skip)
                let parts = ids.map { stream.append($0) } + [stream.finish()]
                #expect(Array(parts.joined().utf8) == Array(text.utf8), "\(ids)")
            }
        }
    }
}
