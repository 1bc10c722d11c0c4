internal import Core
internal import Generation

/// The fields that chat and plain completions share, read and checked.
struct GenerationFields {
    let choices: Int
    /// Nil: as many as are usual and fit.
    var maxTokens: Int?
    let sampling: SamplingParameters
    let stop: [String]
    /// Go on after the model's end token, up to the token limit.
    let ignoreEOS: Bool
    let stream: Bool
    let includeUsage: Bool

    init(_ reader: inout RequestReader, for model: ServedModel) throws(OpenAIError) {
        choices = try reader.int("n", in: 1...Limits.choices) ?? 1
        maxTokens = try reader.int("max_tokens", in: 1...Int(Int32.max))
        sampling = try Self.sampling(&reader, for: model)
        stop = try Self.stop(&reader)
        ignoreEOS = try reader.bool("ignore_eos") ?? false
        stream = try reader.bool("stream") ?? false
        includeUsage = try Self.includeUsage(&reader, stream: stream)
        try Self.bookkeeping(&reader)
    }

    // MARK: sampling

    private static func sampling(
        _ reader: inout RequestReader,
        for model: ServedModel
    ) throws(OpenAIError) -> SamplingParameters {
        var p = model.language.defaults
        p.temperature = try reader.number("temperature", in: 0...2) ?? p.temperature
        if let topP = try reader.number("top_p", in: 0...1) {
            // 0 means what the smallest number means: the most likely token alone.
            p.topP = max(topP, .leastNormalMagnitude)
        }
        // -1 is how others write "all of them".
        p.topK = max(0, try reader.int("top_k", in: -1...Int(Int32.max)) ?? p.topK)
        p.minP = try reader.number("min_p", in: 0...1) ?? p.minP
        p.repetitionPenalty =
            try reader.number("repetition_penalty", in: 0.01...100) ?? p.repetitionPenalty
        p.presencePenalty = try reader.number("presence_penalty", in: -2...2) ?? 0
        p.frequencyPenalty = try reader.number("frequency_penalty", in: -2...2) ?? 0
        p.logitBias = try logitBias(&reader, vocabularySize: model.language.vocabularySize)
        let seed = try reader.int("seed", in: .min ... .max)
        p.seed = seed.map { UInt64(bitPattern: Int64($0)) } ?? .random(in: 0 ... .max)
        return p
    }

    private static func logitBias(
        _ reader: inout RequestReader,
        vocabularySize: Int
    ) throws(OpenAIError) -> [TokenID: Float] {
        guard let object = try reader.object("logit_bias") else { return [:] }
        let path = reader.param("logit_bias")
        guard object.count <= Limits.logitBiases else {
            throw .invalid(
                path,
                "\(path) has \(object.count) entries, at most \(Limits.logitBiases)"
            )
        }
        var biases: [TokenID: Float] = [:]
        for member in object.members {
            guard let id = TokenID(member.key), id >= 0, Int(id) < vocabularySize else {
                throw .invalid(
                    path,
                    "\(path): \"\(member.key.prefix(40))\" is not a token id; "
                        + "ids are 0 to \(vocabularySize - 1)"
                )
            }
            guard let bias = member.value.double, (-100...100).contains(bias) else {
                throw .invalid(path, "\(path): the bias of \(id) must be a number, -100 to 100")
            }
            biases[id] = Float(bias)
        }
        return biases
    }

    // MARK: the rest

    private static func stop(_ reader: inout RequestReader) throws(OpenAIError) -> [String] {
        guard let value = reader.value("stop") else { return [] }
        let path = reader.param("stop")
        if let array = value.array, array.count > Limits.stopStrings {
            throw .invalid(
                path,
                "\(path) has \(array.count) strings, at most \(Limits.stopStrings)"
            )
        }
        var strings: [String] = []
        for element in value.array ?? [value] {
            guard let string = element.string else {
                throw .invalid(
                    path,
                    "\(path) must be a string or an array of strings",
                    code: "invalid_type"
                )
            }
            guard (1...Limits.stopStringBytes).contains(string.utf8.count) else {
                throw .invalid(
                    path,
                    "\(path): each string must have 1 to \(Limits.stopStringBytes) bytes"
                )
            }
            strings.append(string)
        }
        return strings
    }

    private static func includeUsage(
        _ reader: inout RequestReader,
        stream: Bool
    ) throws(OpenAIError) -> Bool {
        guard var options = try reader.reader("stream_options") else { return false }
        guard stream else {
            throw .invalid(options.path, "\(options.path) is only for requests with stream: true")
        }
        let include = try options.bool("include_usage") ?? false
        if try options.bool("include_obfuscation") == true {
            throw .unsupported(
                options.param("include_obfuscation"),
                "obfuscated streams are not supported"
            )
        }
        try options.finish()
        return include
    }

    /// Fields about the caller's own bookkeeping, and those with one value that can be honoured.
    private static func bookkeeping(_ reader: inout RequestReader) throws(OpenAIError) {
        _ = try reader.string("user", maxBytes: 512)
        _ = try reader.string("safety_identifier", maxBytes: 512)
        if let metadata = try reader.object("metadata") {
            let fits =
                metadata.count <= 16
                && metadata.members.allSatisfy { member in
                    member.key.utf8.count <= 64 && (member.value.string?.utf8.count ?? .max) <= 512
                }
            guard fits else {
                throw .invalid(
                    reader.param("metadata"),
                    "metadata must be at most 16 strings of 512 bytes with keys of 64 bytes"
                )
            }
        }
        if try reader.bool("store") == true {
            throw .unsupported(reader.param("store"), "completions are not stored; leave store out")
        }
        let tier = try reader.string("service_tier", maxBytes: 32) ?? "auto"
        guard ["auto", "default"].contains(tier) else {
            throw .unsupported(
                reader.param("service_tier"),
                "the only service_tier is \"auto\""
            )
        }
        if let format = reader.value("response_format"), format["type"]?.string != "text" {
            throw .unsupported(
                reader.param("response_format"),
                "only response_format {\"type\": \"text\"} is supported"
            )
        }
    }
}

extension ServerState {
    /// The model that the request names.
    func model(_ reader: inout RequestReader) throws(OpenAIError) -> ServedModel {
        guard let name = try reader.string("model", maxBytes: 512) else {
            throw reader.missing("model")
        }
        return try model(named: name)
    }
}
