import Core
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

    @Test func changedFilesNeverCrash() throws {
        var random = Lehmer(seed: 23)
        let values: [JSON] = [
            .null, true, 0, -1, 1.5, 99_999_999_999, "", "a b", [], [.null], [:],
            ["type": "Sequence"],
            "<|im_end|>", [["a", "b"]], ["type": "ByteLevel"], 300,
        ]
        var accepted = 0
        for name in ["gpt2", "llama3", "qwen2"] {
            let file = try Goldens.json(name + "/tokenizer.json")
            for _ in 0..<150 {
                var changed = file
                for _ in 0...random.below(2) { mutate(&changed, values, &random) }
                guard let tokenizer = try? Tokenizer(json: changed, configuration: nil) else {
                    continue
                }
                accepted += 1
                _ = try tokenizer.decode(
                    tokenizer.encode("it's <x> a\u{301} 12  ", parseSpecial: true)
                )
            }
        }
        #expect(accepted < 450)
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
