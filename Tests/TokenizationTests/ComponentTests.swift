import Core
import Foundation
import Testing
import Tokenization

/// Every component of tokenizer.json does what Hugging Face `tokenizers` does.
@Suite struct ComponentTests {
    /// A folder that tools/goldens/tokenizer_components.py filled.
    struct Case: CustomTestStringConvertible {
        let folder: String
        var testDescription: String { URL(filePath: folder).lastPathComponent }

        func json(_ name: String) throws -> JSON {
            try JSON(parsing: Data(contentsOf: URL(filePath: folder + "/" + name)))
        }

        static func all(in folder: String) -> [Case] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return names.filter { !$0.contains(".") }.sorted()
                .map { Case(folder: folder + "/" + $0) }
        }
    }

    static let committed = Case.all(in: Goldens.folder + "/components")
    static let longRun = ProcessInfo.processInfo.environment["TOKENMILL_TOKENIZERS"]

    @Test func coversTheComponents() { #expect(Self.committed.count >= 15) }

    @Test(arguments: committed)
    func sameAsReference(_ folder: Case) throws {
        try compare(folder)
    }

    @Test(.enabled(if: longRun != nil, "TOKENMILL_TOKENIZERS names no folder"))
    func longComparison() throws {
        let cases = Case.all(in: Self.longRun ?? "")
        #expect(!cases.isEmpty)
        for folder in cases {
            let count = try compare(folder)
            print("\(folder.testDescription): \(count) strings compared")
        }
    }

    /// - Returns: how many strings were compared.
    @discardableResult
    private func compare(_ folder: Case) throws -> Int {
        let tokenizer = try Tokenizer(folder: folder.folder)
        let expected = try folder.json("expected.json")
        let texts = try #require(folder.json("strings.json").array).compactMap(\.string)
        let ids = try #require(expected["ids"]?.array).map { Goldens.ids($0) }
        #expect(texts.count == ids.count && texts.count >= 150)
        let plain = Dictionary(pairs(expected["plain"])) { $1 }
        let decoded = Dictionary(pairs(expected["decoded"])) { $1 }
        let skipped = Dictionary(pairs(expected["skipped"])) { $1 }
        let unsettled = Set(Goldens.ids(expected["unsettled"]).map { Int($0) })
        #expect(unsettled.count <= texts.count / 1000)
        var differences = 0
        func check(_ isEqual: Bool, _ message: @autoclosure () -> String) {
            if isEqual { return }
            differences += 1
            if differences <= 5 { Issue.record("\(folder.testDescription): \(message())") }
        }
        for (index, text) in texts.enumerated() {
            let known = ids[index]
            let found = try tokenizer.encode(text, parseSpecial: true)
            check(found == known, "\(text.debugDescription): \(found), not \(known)")
            let other = plain[index].map { Goldens.ids($0) } ?? known
            let hidden = try tokenizer.encode(text)
            check(hidden == other, "plain \(text.debugDescription): \(hidden), not \(other)")
            // A stream cannot take back a character that the reference throws away later.
            if unsettled.contains(index) { continue }
            let full = decoded[index]?.string ?? text
            checkText(tokenizer, known, full, skipSpecial: false, check)
            checkText(tokenizer, known, skipped[index]?.string ?? full, skipSpecial: true, check)
        }
        let added = try tokenizer.encode("Hello", addSpecial: true)
        check(added == Goldens.ids(expected["added"]), "Hello: \(added)")
        let sequences = try #require(expected["sequences"]?.array).map { Goldens.ids($0) }
        let sequenceTexts = try #require(expected["texts"]?.array).compactMap(\.string)
        #expect(sequences.count == sequenceTexts.count)
        for (ids, text) in zip(sequences, sequenceTexts) {
            checkText(tokenizer, ids, text, skipSpecial: false, check)
        }
        #expect(differences == 0, "\(folder.testDescription)")
        return texts.count
    }

    /// The whole text, and the same in parts that are whole characters.
    private func checkText(
        _ tokenizer: Tokenizer,
        _ ids: [TokenID],
        _ text: String,
        skipSpecial: Bool,
        _ check: (Bool, @autoclosure () -> String) -> Void
    ) {
        let whole = tokenizer.decode(ids, skipSpecial: skipSpecial)
        check(
            whole.utf8.elementsEqual(text.utf8),
            "\(ids): \(whole.debugDescription), not \(text.debugDescription)"
        )
        var stream = tokenizer.stream(skipSpecial: skipSpecial)
        let parts = ids.map { stream.append($0) } + [stream.finish()]
        check(
            parts.joined().utf8.elementsEqual(whole.utf8),
            "\(ids): the parts join to \(parts.joined().debugDescription)"
        )
    }

    private func pairs(_ json: JSON?) -> [(Int, JSON)] {
        (json?.object?.members ?? []).compactMap { member in
            Int(member.key).map { ($0, member.value) }
        }
    }
}
