package import ChatTemplates
package import Core
package import Execution
package import Kernels
package import ModelFiles
package import Tokenization

/// A model with what it takes to talk to it: weights, tokenizer, chat template, defaults.
package final class LanguageModel: Sendable {
    package let name: String
    package let source: ModelSource
    package let model: Model
    /// Absent when the folder has none: such a model speaks in token ids only.
    package let tokenizer: Tokenizer?
    package let template: ChatTemplate?
    /// Sampling that the model's authors advise (generation_config.json).
    package let defaults: SamplingParameters
    /// Tokens that end an answer.
    package let endTokens: Set<TokenID>
    package let pool: WorkerPool

    /// - Parameters:
    ///   - path: a Hugging Face folder or a GGUF file.
    ///   - name: what requests and bills call it; nil takes the folder's name.
    ///   - quantize: quantise float matrices while loading.
    ///   - cacheFormat: how keys and values are kept; nil takes what suits the weights.
    ///   - threads: workers; nil takes every core the process may use.
    package static func load(
        path: String,
        name: String? = nil,
        quantize: WeightFormat? = nil,
        cacheFormat: KVFormat? = nil,
        threads: Int? = nil
    ) throws -> LanguageModel {
        let source = try ModelSource.open(path)
        return try LanguageModel(
            source,
            name: name ?? source.name,
            quantize: quantize,
            cacheFormat: cacheFormat,
            threads: threads
        )
    }

    private init(
        _ source: ModelSource,
        name: String,
        quantize: WeightFormat?,
        cacheFormat: KVFormat?,
        threads: Int?
    ) throws {
        self.source = source
        self.name = name
        // Small files first: what is wrong in them shows before gigabytes are read.
        tokenizer = try source.tokenizer()
        template = try source.chatTemplate.map { try ChatTemplate(source: $0) }
        pool = try WorkerPool(threads: threads)
        model = try Model(source, pool: pool, quantize: quantize, cacheFormat: cacheFormat)
        let generation = source.generationConfig ?? .null
        defaults = Self.defaults(generation)
        endTokens = Self.endTokens(generation, source.config, tokenizer)
        if let tokenizer, tokenizer.vocabularySize > model.configuration.vocabularySize {
            throw ExecutionError(
                .badConfiguration,
                "\(source.path): the tokenizer has \(tokenizer.vocabularySize) ids but the model "
                    + "only \(model.configuration.vocabularySize); they do not belong together"
            )
        }
    }

    package var contextLength: Int { model.configuration.contextLength }
    package var vocabularySize: Int { model.configuration.vocabularySize }

    /// A conversation as the model's own template and tokenizer make it: what came from the request
    /// is marked on the way and cannot become a control token.
    /// - Throws: `TemplateError`, `TokenizationError`, or `ChatUnavailable` when the folder has no
    ///   template or tokenizer.
    package func tokens(of chat: ChatRequest) throws -> [TokenID] {
        guard let tokenizer, let template else { throw ChatUnavailable(model: name) }
        let prompt = try template.render(
            chat,
            bosToken: tokenizer.bosToken,
            eosToken: tokenizer.eosToken
        )
        return try tokenizer.encode(prompt)
    }

    private static func defaults(_ json: JSON) -> SamplingParameters {
        var parameters = SamplingParameters()
        if json["do_sample"]?.bool == false { parameters.temperature = 0 }
        if let value = json["temperature"]?.double { parameters.temperature = Float(value) }
        if let value = json["top_p"]?.double { parameters.topP = Float(value) }
        if let value = json["top_k"]?.int { parameters.topK = value }
        if let value = json["min_p"]?.double { parameters.minP = Float(value) }
        if let value = json["repetition_penalty"]?.double {
            parameters.repetitionPenalty = Float(value)
        }
        return parameters
    }

    /// `eos_token_id` is a number or a list; the tokenizer's own end token counts too.
    private static func endTokens(
        _ generation: JSON,
        _ config: JSON,
        _ tokenizer: Tokenizer?
    ) -> Set<TokenID> {
        let listed = [generation["eos_token_id"], config["eos_token_id"]].compactMap { $0 }
        let ids = listed.flatMap { $0.array ?? [$0] }.compactMap { $0.int }
        let known = ids.compactMap { TokenID(exactly: $0) }
        return Set(known + [tokenizer?.eosID].compactMap { $0 })
    }
}

/// The model cannot hold conversations.
package struct ChatUnavailable: Error, Equatable, CustomStringConvertible {
    package var model: String
    package var description: String {
        "\(model) has no chat template and tokenizer; use a plain completion instead"
    }
}
