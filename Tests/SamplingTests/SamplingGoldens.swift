import Core
import Foundation

/// The file that tools/goldens/sampling.py writes.
struct SamplingGoldens {
    struct Case {
        var parameters = SamplingParameters()
        var prompt: [TokenID]
        var logits: [Float]
        var tokens: [TokenID]
        var probabilities: [Float]
    }

    /// Of 150,000 tokens: how many survive, all of the lowest rank and above.
    struct WideCase {
        var parameters: SamplingParameters
        var shape: String
        var count: Int
        var lowest: Int
    }

    struct WideLogprobs {
        var shape: String
        var tokens: [TokenID]
        var logprobs: [Float]
        var top: [TokenID]
    }

    struct Incomplete: Error {}

    var cases: [Case]
    var logprobLogits: [Float]
    var logprobs: [Float]
    /// Ids, most likely first.
    var logprobOrder: [TokenID]
    var wide: [WideCase]
    var wideLogprobs: [WideLogprobs]

    init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "goldens/sampling.json")
        let json = try JSON(parsing: String(contentsOf: file, encoding: .utf8))
        guard let cases = json["cases"]?.array, let logprobs = json["logprobs"] else {
            throw Incomplete()
        }
        self.cases = try cases.map(Case.init)
        logprobLogits = try floats(logprobs["logits"])
        self.logprobs = try floats(logprobs["all"])
        logprobOrder = try floats(logprobs["order"]).map { TokenID($0) }
        wide = try (json["wide"]?.array ?? []).map(WideCase.init)
        wideLogprobs = try (json["wide_logprobs"]?.array ?? []).map(WideLogprobs.init)
    }

    /// Where the ids of the wide cases stand in the order of their logits.
    static let wideRanks = (0..<150_000).map { $0 * 7919 % 150_001 }

    static func wideLogits(_ shape: String) -> [Float] {
        let divisor: Float = shape == "flat" ? 0x1p21 : 0x1p13
        return wideRanks.map { Float($0) / divisor }
    }
}

extension SamplingGoldens.WideCase {
    fileprivate init(_ json: JSON) throws {
        guard let shape = json["shape"]?.string, let count = json["count"]?.int,
            let lowest = json["lowest"]?.int
        else { throw SamplingGoldens.Incomplete() }
        self.init(parameters: .init(golden: json), shape: shape, count: count, lowest: lowest)
    }
}

extension SamplingGoldens.WideLogprobs {
    fileprivate init(_ json: JSON) throws {
        guard let shape = json["shape"]?.string else { throw SamplingGoldens.Incomplete() }
        self.shape = shape
        tokens = try floats(json["tokens"]).map { TokenID($0) }
        logprobs = try floats(json["logprobs"])
        top = try floats(json["top"]).map { TokenID($0) }
    }
}

extension SamplingGoldens.Case {
    fileprivate init(_ json: JSON) throws {
        logits = try floats(json["logits"])
        tokens = try floats(json["tokens"]).map { TokenID($0) }
        probabilities = try floats(json["probabilities"])
        prompt = try floats(json["prompt"] ?? []).map { TokenID($0) }
        parameters = SamplingParameters(golden: json)
    }
}

extension SamplingParameters {
    fileprivate init(golden json: JSON) {
        self.init()
        temperature = json["temperature"]?.float ?? 1
        topK = json["top_k"]?.int ?? 0
        topP = json["top_p"]?.float ?? 1
        minP = json["min_p"]?.float ?? 0
        repetitionPenalty = json["repetition_penalty"]?.float ?? 1
    }
}

extension JSON {
    fileprivate var float: Float? { double.map { Float($0) } }
}

private func floats(_ json: JSON?) throws -> [Float] {
    guard let values = json?.array else { throw SamplingGoldens.Incomplete() }
    return try values.map {
        guard let value = $0.float else { throw SamplingGoldens.Incomplete() }
        return value
    }
}
