import Core
import Testing
import Tokenization

/// However long a word is, it has the tokens that merging the best pair again and again gives.
@Suite struct LongWordTests {
    private struct Merge {
        var left, right, into: TokenID
    }

    /// Vocabularies of random merges over a few letters: ranks in any order, several ways to one token.
    private func random(_ seed: UInt64, letters: Int) -> (GGUFTokenizer, [Merge]) {
        var random = Lehmer(seed: seed)
        var tokens = byteSpellings()
        var merges: [Merge] = []
        var ids = Dictionary(tokens.enumerated().map { ($1, $0) }) { first, _ in first }
        let first = tokens.firstIndex(of: "a") ?? 0
        var known = Array(first..<first + letters)
        for _ in 0..<24 * letters {
            let left = known[random.below(known.count)]
            let right = known[random.below(known.count)]
            let made = tokens[left] + tokens[right]
            if ids[made] == nil {
                ids[made] = tokens.count
                known.append(tokens.count)
                tokens.append(made)
            }
            guard let into = ids[made],
                !merges.contains(where: { Int($0.left) == left && Int($0.right) == right })
            else { continue }
            merges.append(Merge(left: .init(left), right: .init(right), into: .init(into)))
        }
        merges.shuffle(using: &random)
        let lines = merges.map { tokens[Int($0.left)] + " " + tokens[Int($0.right)] }
        let gguf = GGUFTokenizer(
            model: "gpt2",
            preTokenizer: "gpt-2",
            tokens: tokens,
            merges: lines
        )
        return (gguf, merges)
    }

    /// The 256 bytes as byte-level vocabularies spell them.
    private func byteSpellings() -> [String] {
        var spare: UInt32 = 0xFF
        return (0...255).map { byte in
            let isPlain =
                (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE
            if !isPlain { spare += 1 }
            return String(Unicode.Scalar(isPlain ? UInt32(byte) : spare).map(Character.init) ?? "?")
        }
    }

    private func merged(_ text: String, _ gguf: GGUFTokenizer, _ merges: [Merge]) -> [TokenID] {
        var ranks: [[TokenID]: (rank: Int, into: TokenID)] = [:]
        for (rank, merge) in merges.enumerated() {
            ranks[[merge.left, merge.right]] = (rank, merge.into)
        }
        var tokens = text.utf8.map { byte in
            TokenID(gguf.tokens.firstIndex(of: String(Unicode.Scalar(byte))) ?? 0)
        }
        func rank(_ index: Int) -> Int {
            index >= 0 && index + 1 < tokens.count
                ? ranks[[tokens[index], tokens[index + 1]]]?.rank ?? .max : .max
        }
        var values = tokens.indices.map(rank)
        while let best = values.min(), best < .max, let at = values.firstIndex(of: best) {
            tokens[at] = ranks[[tokens[at], tokens[at + 1]]]?.into ?? 0
            tokens.remove(at: at + 1)
            values.remove(at: at + 1)
            values[at] = rank(at)
            if at > 0 { values[at - 1] = rank(at - 1) }
        }
        return tokens
    }

    /// One letter again and again, which is merged by halves, with others around.
    @Test(arguments: 0..<24)
    func repeatedLetters(_ seed: Int) throws {
        let (gguf, merges) = random(UInt64(100 + seed), letters: 2)
        let tokenizer = try Tokenizer(gguf: gguf)
        let others = ["", "b", "ab", "bab", "abbab", "bb"]
        for (index, length) in [1087, 1088, 1089, 2049, 4099, 5000].enumerated() {
            let text = others[index] + String(repeating: "a", count: length) + others[5 - index]
            #expect(try tokenizer.encode(text) == merged(text, gguf, merges), "\(length)")
        }
    }

    /// Where all pieces have one score, each takes in what follows from the left.
    @Test func equalScores() throws {
        let sizes = [1, 2, 3, 4, 5, 7]
        let tokens = ["<unk>", "b", "ab", "aab"] + sizes.map { String(repeating: "a", count: $0) }
        let tokenizer = try Tokenizer(
            gguf: GGUFTokenizer(
                model: "llama",
                preTokenizer: nil,
                tokens: tokens,
                types: [2] + Array(repeating: 1, count: tokens.count - 1),
                merges: [],
                scores: Array(repeating: -1e9, count: tokens.count),
                addsBOS: false,
                addsSpacePrefix: false
            )
        )
        for (front, count, back) in [
            ("", 2000, ""), ("b", 2001, "b"), ("", 2004, "ab"), ("ba", 5003, "bb"),
        ] {
            var texts = (front + String(repeating: "a", count: count) + back).map { String($0) }
            // The leftmost pair that is a token, again and again.
            while let at = texts.indices.dropLast().first(where: {
                tokens.contains(texts[$0] + texts[$0 + 1])
            }) {
                texts[at] += texts.remove(at: at + 1)
            }
            let known = texts.map { TokenID(tokens.firstIndex(of: $0) ?? 0) }
            #expect(
                try tokenizer.encode(front + String(repeating: "a", count: count) + back) == known
            )
        }
    }

    @Test(arguments: 0..<12)
    func mergeAsDefined(_ seed: Int) throws {
        let letters = 1 + seed % 4
        let (gguf, merges) = random(UInt64(seed), letters: letters)
        let tokenizer = try Tokenizer(gguf: gguf)
        var random = Lehmer(seed: UInt64(seed))
        // Around the lengths at which the ways to merge change, and cut with a letter of no merge.
        for length in [1, 2, 47, 48, 49, 50, 700, 4095, 4096, 5000] {
            let text = String((0..<length).map { _ in "abcd"[random.below(letters)] })
            let known = merged(text, gguf, merges)
            #expect(try tokenizer.encode(text) == known, "\(length)")
            let cut = try tokenizer.encode(text + "z" + text)
            #expect(try cut == known + tokenizer.encode("z") + known, "\(length)")
        }
    }
}

extension String {
    fileprivate subscript(_ offset: Int) -> Character {
        self[index(startIndex, offsetBy: offset)]
    }
}
