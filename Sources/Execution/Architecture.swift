package import Core

/// A model family: what its config.json means, and which weights it has under which names and
/// shapes. Its mathematics is put together from the building blocks in Layers/. A matrix knows its
/// number format and the step knows the cache; an architecture knows neither.
package protocol Architecture: Sendable {
    /// `model_type` in config.json.
    static var modelTypes: [String] { get }

    var configuration: DecoderConfiguration { get }

    /// Reads config.json alone.
    init(_ fields: ConfigurationFields) throws(ExecutionError)

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder
}

/// Every architecture this build runs. Adding one is a file and a line here.
package let architectures: [any Architecture.Type] = [
    Llama.self, Mistral.self, Mixtral.self,
    Qwen2.self, Qwen2MoE.self, Qwen3.self, Qwen3MoE.self,
    Gemma.self, Gemma2.self, Gemma3.self,
    Phi.self, Phi3.self, SmolLM3.self, OLMo.self, OLMo2.self,
    Granite.self, GraniteMoE.self,
    StarCoder2.self, GPT2.self, GPTNeoX.self, Falcon.self,
    Cohere.self, Cohere2.self, GLM.self, GLM4.self,
    DeepSeekV2.self, DeepSeekV3.self, GPTOSS.self,
]

/// The architecture that a config.json asks for, its settings read and checked.
/// - Throws: an error that lists the known ones, or names the setting that is wrong or unknown.
package func makeArchitecture(_ config: JSON) throws(ExecutionError) -> any Architecture {
    let fields = ConfigurationFields(config)
    let modelType = try fields.string("model_type")
    guard let type = architectures.first(where: { $0.modelTypes.contains(modelType) }) else {
        let known = architectures.flatMap { $0.modelTypes }.joined(separator: ", ")
        throw ExecutionError(
            .unknownArchitecture,
            "unknown architecture '\(modelType)'; this build runs: \(known)"
        )
    }
    let architecture = try type.init(fields)
    try fields.refuseUnknown()
    return architecture
}
