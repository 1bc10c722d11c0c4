import Core
import Execution
import Foundation
import Kernels
import ModelFiles
import Testing

/// The shipped model through GGUF: its tokenizer's metadata, and its logits in the types that a
/// model is quantised to.
@Suite struct GGUFShippedTests {
    private let source: ModelSource
    private let file = NSTemporaryDirectory() + "tokenmill-\(UUID().uuidString).gguf"

    init() throws {
        let repository = GGUFFiles.goldens.appending(path: "../../..").standardizedFileURL
        source = try ModelSource.open(repository.appending(path: "weights").path)
    }

    private func remove() { try? FileManager.default.removeItem(atPath: file) }

    @Test func tokenizerIsTheConverters() throws {
        defer { remove() }
        try GGUFConversion(source, target: .q8_0).write(to: file)
        let json = try JSON(
            parsing: Data(contentsOf: GGUFFiles.goldens.appending(path: "gguf.json"))
        )
        let metadata = try GGUFFile(file).metadata
        let golden = try #require(json["tokenizer"]?.object)
        #expect(golden.count > 6)
        for pair in golden.members {
            let value = try #require(metadata[pair.key], "\(pair.key)")
            let type = pair.value.array?.first?.string
            #expect("\(value.array?.elementType ?? value.type)" == type, "\(pair.key)")
            #expect(summary(value) == pair.value.array?.last, "\(pair.key)")
        }
        let model = try ModelSource.open(file)
        #expect(model.chatTemplate == source.chatTemplate)
        #expect(model.generationConfig?["eos_token_id"] == [4091, 4089])
        #expect(model.vocabulary?.tokens.count == 4096)
        #expect(model.vocabulary?.addsBOS == false)
        #expect(model.tokenizerFolder == nil)
    }

    /// As the golden has it: long values as their number and check sum.
    private func summary(_ value: GGUFValue) -> JSON {
        guard let array = value.array else {
            return value.string.map { .string($0) } ?? .int(value.int ?? -1)
        }
        if let strings = array.strings() {
            let text = Array(strings.joined(separator: "\n").utf8)
            return [.int(strings.count), .int(text.withUnsafeBytes(crc32))]
        }
        let ints = (array.ints() ?? []).map { UInt8(truncatingIfNeeded: $0) }
        return [.int(ints.count), .int(ints.withUnsafeBytes(crc32))]
    }

    /// Mean difference of the logits, as a share of their spread, and the share of tokens whose
    /// likeliest successor stays.
    @Test(
        arguments: [
            (QuantizationTarget.f32, 0, 1), (.bf16, 0, 1), (.f16, 0.001, 0.97), (.q8_0, 0.01, 0.95),
            (.q6_k, 0.02, 0.9), (.q5_k_m, 0.04, 0.85), (.q4_k_m, 0.06, 0.75), (.q4_0, 0.1, 0.7),
            (.iq4_nl, 0.08, 0.7), (.mxfp4, 0.15, 0.6),
        ] as [(QuantizationTarget, Double, Double)]
    )
    func logitsStayClose(_ target: QuantizationTarget, _ limit: Double, _ same: Double) throws {
        defer { remove() }
        let conversion = try GGUFConversion(source, target: target)
        var shares: [Double] = []
        try conversion.write(to: file, progress: { shares.append($0) })
        #expect(shares == shares.sorted() && shares.last == 1)
        let expected = try GGUFFiles.logits(source, "shipped")
        let found = try GGUFFiles.logits(ModelSource.open(file), "shipped")
        #expect(expected.count == found.count)
        let differences = zip(expected, found).map { Double(abs($0 - $1)) }
        let spread = Double((expected.max() ?? 0) - (expected.min() ?? 0))
        let mean = differences.reduce(0, +) / Double(differences.count) / spread
        #expect(mean <= limit, "\(target): \(mean)")
        let rows = expected.count / 4096
        let kept = (0..<rows).filter { row in
            let range = row * 4096..<(row + 1) * 4096
            return range.max { expected[$0] < expected[$1] } == range.max { found[$0] < found[$1] }
        }
        #expect(Double(kept.count) >= same * Double(rows), "\(target): \(kept.count) of \(rows)")
    }

    /// From a GGUF file the same file comes as from the folder, whoever encodes.
    @Test func rewritingIsTheSame() throws {
        defer { remove() }
        let second = file + ".2.gguf", third = file + ".3.gguf"
        defer {
            for path in [second, third] { try? FileManager.default.removeItem(atPath: path) }
        }
        try GGUFConversion(source, target: .f32).write(to: file)
        let copy = try ModelSource.open(file)
        try GGUFConversion(copy, target: .q4_k_m).write(
            to: second,
            parallel: { count, body in for index in (0..<count).reversed() { body(index) } }
        )
        try GGUFConversion(source, target: .q4_k_m).write(to: third)
        let first = try GGUFFile(second), other = try GGUFFile(third)
        #expect(first.tensorNames == other.tensorNames)
        for name in first.tensorNames {
            let tensors = (try first.tensor(name), try other.tensor(name))
            #expect(tensors.0.type == tensors.1.type && tensors.0.shape == tensors.1.shape)
            #expect(tensors.0.bytes.elementsEqual(tensors.1.bytes), "\(name)")
        }
        #expect(Set(first.metadata.keys) == Set(other.metadata.keys))
        // Blocks that stay what they are are copied.
        let same = try ModelSource.open(second)
        try GGUFConversion(same, target: .q4_k_m).write(to: file)
        let again = try GGUFFile(file)
        for name in first.tensorNames {
            #expect(try again.tensor(name).bytes.elementsEqual(first.tensor(name).bytes))
        }
    }

    @Test func nothingIsLeftWhenItFails() throws {
        let folder = NSTemporaryDirectory() + "tokenmill-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder + "/taken",
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let conversion = try GGUFConversion(source, target: .q8_0)
        #expect(throws: ModelFileError.self) { try conversion.write(to: folder + "/taken") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["taken"])
        let odd = #expect(throws: ModelFileError.self) {
            try GGUFConversion(source) { _, _ in .iq4_xs }
        }
        #expect(odd?.code == .misuse)
    }
}
