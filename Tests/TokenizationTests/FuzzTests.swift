import Core
import Foundation
import Testing
import Tokenization

/// Generated input; the seeds are fixed.
@Suite struct FuzzTests {
    @Test(arguments: Goldens.names)
    func roundTripsAnyText(_ name: String) throws {
        let tokenizer = try Goldens.tokenizer(name)
        var random = Lehmer(seed: 11)
        for round in 0..<400 {
            let length = random.below(round % 20 == 0 ? 3000 : 60)
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            let text = String(decoding: bytes, as: UTF8.self)
            var back = try tokenizer.decode(tokenizer.encode(.input(text)), skipSpecial: false)
            // This vocabulary puts a space in front.
            if name == "gpt2", back.utf8.first == 0x20, text.utf8.first != 0x20 {
                back.unicodeScalars.removeFirst()
            }
            // Equality of strings is canonical equivalence, which composing preserves.
            #expect(back == text, "\(bytes)")
        }
    }

    /// Long runs of anything take time that grows with their length and not with its square.
    @Test(arguments: ["a", " ", "\n", "😀", "<", "e\u{301}", "1", "'", "\u{3099}", "ab "])
    func longRuns(_ unit: String) throws {
        for name in ["gpt2", "qwen2"] {
            let tokenizer = try Goldens.tokenizer(name)
            let text = String(repeating: unit, count: 1 << 17)
            let ids = try tokenizer.encode(.input(text))
            let extra = name == "gpt2" && unit != " " ? 1 : 0
            let back = tokenizer.decode(ids)
            if !unit.unicodeScalars.contains(where: { $0.value == 0x301 }) || name == "gpt2" {
                #expect(back.utf8.count == text.utf8.count + extra)
            }
        }
    }

    /// Rounds for each file: some in a usual run, more with TOKENMILL_FUZZ=1000.
    private static let rounds =
        ProcessInfo.processInfo.environment["TOKENMILL_FUZZ"].flatMap { Int($0) } ?? 1

    @Test func changedFilesNeverCrash() throws {
        var random = Lehmer(seed: 23)
        let values: [JSON] = [
            .null, true, 0, -1, 1.5, 99_999_999_999, "", "a b", [], [.null], [:],
            ["type": "Sequence"], "<|im_end|>", [["a", "b"]], ["type": "ByteLevel"], 300,
            ["type": "ByteFallback"], ["type": "Fuse"], "\u{2581}", "NFKC", "Removed", "(a+)+$", "",
            ["type": "Metaspace", "replacement": "\u{2581}"], ["Regex": "a*"], ["String": ""],
        ]
        var files = try ["gpt2", "llama3", "qwen2"].map { try Goldens.json($0 + "/tokenizer.json") }
        files += try ComponentTests.committed.map { try $0.json("tokenizer.json") }
        let text = "it's <x> a\u{301} 12  <|end|>\u{2581} 日本😀 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"
        var accepted = 0
        for file in files {
            for _ in 0..<40 * Self.rounds {
                var changed = file
                for _ in 0...random.below(2) { mutate(&changed, values, &random) }
                guard let tokenizer = try? Tokenizer(json: changed, configuration: nil) else {
                    continue
                }
                accepted += 1
                guard let ids = try? tokenizer.encode(text, parseSpecial: true) else { continue }
                let whole = tokenizer.decode(ids)
                var stream = tokenizer.stream()
                let parts = ids.map { stream.append($0) } + [stream.finish()]
                #expect(Array(parts.joined().utf8) == Array(whole.utf8))
            }
        }
        #expect(accepted > 0 && accepted < 40 * Self.rounds * files.count)
    }

    /// Patterns made of pieces of patterns: read or refused, and never for ever.
    @Test func anyPattern() throws {
        var random = Lehmer(seed: 31)
        let parts = [
            "a", "b", ".", "*", "+", "?", "{2}", "{1,3}", "{,2}", "{", "}", "(", ")", "(?:", "(?i)",
            "(?=",
            "(?<!", "(?>", "(?<n>", "\\k<n>", "[", "]", "[^", "&&", "-", "\\p{L}", "\\P{Han}",
            "\\w", "\\b",
            "\\", "|", "^", "$", "[:alpha:]", "\\x{41}", "é", "\\R", "\\X", "(?m:", "\\1", " ",
            "\\h", "]+",
        ]
        let text =
            "aab é\nABab  -]a\u{301}😀b aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"
        var read = 0
        for _ in 0..<1500 * Self.rounds {
            let pattern = (0...random.below(8)).map { _ in parts[random.below(parts.count)] }
                .joined()
            let split: JSON = [
                "type": "Split", "behavior": "Isolated", "invert": false,
                "pattern": ["Regex": .string(pattern)],
            ]
            let model: JSON = ["vocab": ["?": 0], "unk_token": "?", "merges": []]
            let file: JSON = ["pre_tokenizer": split, "model": model]
            guard let tokenizer = try? Tokenizer(json: file, configuration: nil) else { continue }
            read += 1
            if let ids = try? tokenizer.encode(text) {
                #expect(ids.count == text.unicodeScalars.count, "\(pattern)")
            }
        }
        #expect(read > 200)
    }

    /// Replaces, drops or repeats one value somewhere in `json`.
    private func mutate(_ json: inout JSON, _ values: [JSON], _ random: inout Lehmer) {
        let stop = random.below(4) == 0
        switch json {
        case .object(var object) where !object.isEmpty && !stop:
            let index = random.below(object.count)
            switch random.below(12) {
            case 0: object.members.remove(at: index)
            case 1: object.members.append(object.members[index])
            case 2: object.members[index].key = "a b"
            default: mutate(&object.members[index].value, values, &random)
            }
            json = .object(object)
        case .array(var array) where !array.isEmpty && !stop:
            let index = random.below(array.count)
            switch random.below(8) {
            case 0: array.remove(at: index)
            case 1: array.append(array[index])
            default: mutate(&array[index], values, &random)
            }
            json = .array(array)
        default: json = values[random.below(values.count)]
        }
    }
}
