import Core
import Foundation
import Testing
import Tokenization

/// Regular expressions split texts as the reference's (Oniguruma) do.
@Suite struct RegexTests {
    /// A tokenizer that cuts at `pattern` and puts a mark in front of each piece.
    private func splitter(_ pattern: String) throws -> Tokenizer {
        var vocabulary: JSONObject = ["<unk>": 0, "\u{2581}": 1]
        for byte in 0...255 {
            let digits = String(byte, radix: 16, uppercase: true)
            vocabulary["<0x\(byte < 16 ? "0" : "")\(digits)>"] = .int(byte + 2)
        }
        return try Tokenizer(
            json: [
                "pre_tokenizer": [
                    "type": "Sequence",
                    "pretokenizers": [
                        [
                            "type": "Split", "behavior": "Isolated", "invert": false,
                            "pattern": ["Regex": .string(pattern)],
                        ],
                        ["type": "Metaspace", "replacement": "\u{2581}", "split": false],
                    ],
                ],
                "decoder": ["type": "ByteFallback"],
                "model": [
                    "type": "BPE", "byte_fallback": true, "vocab": .object(vocabulary),
                    "merges": [],
                ],
            ],
            configuration: nil
        )
    }

    /// The pieces of `text`, which has no spaces.
    private func pieces(_ pattern: String, _ text: String) throws -> [[UInt8]] {
        let ids = try splitter(pattern).encode(text)
        return ids.split(separator: 1).map { $0.map { UInt8(truncatingIfNeeded: $0 - 2) } }
    }

    private static let folder = ComponentTests.longRun ?? Goldens.folder

    private func golden() throws -> JSON {
        let path = Self.folder + "/regexes.json"
        return try JSON(parsing: Data(contentsOf: URL(filePath: path)))
    }

    @Test func piecesOfAProbe() throws {
        let golden = try golden()
        let probe = try #require(golden["probe"]?.string)
        let known = try #require(golden["pieces"]?.object)
        #expect(known.count > 100)
        for member in known.members {
            let expected = member.value.array?.compactMap(\.string).map { Array($0.utf8) }
            let found = try pieces(member.key, probe)
            #expect(found == expected, "\(member.key)")
        }
    }

    /// Each class over all scalars, or in the committed golden those of the first 13,000.
    @Test func classes() throws {
        let golden = try golden()
        let last = try #require(golden["last"]?.int)
        var text = String.UnicodeScalarView()
        for value in 0...UInt32(last) where value != 0x20 && value != 0x2581 {
            if let scalar = Unicode.Scalar(value) { text.append(scalar) }
        }
        let known = try #require(golden["classes"]?.object)
        #expect(known.count > 60)
        for member in known.members {
            let found = try pieces(member.key + "+", String(text))
            let expected = try #require(member.value.array)
            #expect(found.count == expected[0].int, "\(member.key)")
            #expect(fingerprint(found) == expected[1].string, "\(member.key)")
        }
    }

    /// FNV-1a of the pieces' lengths in scalars, three bytes for each.
    private func fingerprint(_ pieces: [[UInt8]]) -> String {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325
        for piece in pieces {
            let length = piece.count { $0 & 0xC0 != 0x80 }
            for shift in [0, 8, 16] {
                value = (value ^ UInt64(length >> shift & 0xFF)) &* 0x0000_0100_0000_01B3
            }
        }
        return String(value, radix: 16)
    }

    /// A pattern that would run for ever is an error, soon, and so is one that is merely quadratic.
    @Test(arguments: [
        "(a+)+$", "(a|aa)+[bc]", "(?:a*a)*[bc]", "a*a*a*[bc]", "(?=(a+)+[bc])", #"(\w*a\w*)+[bc]"#,
    ])
    func catastrophes(_ pattern: String) throws {
        let tokenizer = try splitter(pattern)
        #expect(try tokenizer.encode("aab").count > 0)
        let text = String(repeating: "a", count: 1 << 16) + "!"
        let error = #expect(throws: TokenizationError.self) { try tokenizer.encode(text) }
        #expect(error?.code == .tooMuchWork)
    }

    /// Groups that repeat over a long text need much of a stack, which is there.
    @Test func longGroups() throws {
        let text = String(repeating: "ab", count: 1 << 19)
        let ids = try splitter("(?:a|b)+").encode(text)
        #expect(ids.count == 1 + text.utf8.count)
    }

    /// Long texts are no catastrophe.
    @Test(arguments: [" ", "a", "\n", "😀", "'", "1", "a ", "語"])
    func longRuns(_ unit: String) throws {
        let tokenizer = try splitter(
            #"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+| ?[^\s\p{L}]+|\s*[\r\n]|\s+(?!\S)|\s"#
        )
        let text = String(repeating: unit, count: 1 << 17)
        let ids = try tokenizer.encode(text)
        #expect(ids.count >= text.utf8.count)
    }
}
