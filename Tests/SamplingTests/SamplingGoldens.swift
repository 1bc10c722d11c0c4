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

    struct Incomplete: Error {}

    var cases: [Case]
    var logprobLogits: [Float]
    var logprobs: [Float]
    /// Ids, most likely first.
    var logprobOrder: [TokenID]

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
    }
}

extension SamplingGoldens.Case {
    fileprivate init(_ json: JSON) throws {
        logits = try floats(json["logits"])
        tokens = try floats(json["tokens"]).map { TokenID($0) }
        probabilities = try floats(json["probabilities"])
        prompt = try floats(json["prompt"] ?? []).map { TokenID($0) }
        parameters.temperature = json["temperature"]?.float ?? 1
        parameters.topK = json["top_k"]?.int ?? 0
        parameters.topP = json["top_p"]?.float ?? 1
        parameters.minP = json["min_p"]?.float ?? 0
        parameters.repetitionPenalty = json["repetition_penalty"]?.float ?? 1
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
