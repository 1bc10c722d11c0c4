/// Every bound the program enforces on input, by name. Units last.
package enum Limits {
    // JSON, wherever it comes from
    package static let jsonDepth = 64
    /// Values in one request body.
    package static let requestJSONNodes = 100_000
    package static let requestBodyBytes = 1 << 20

    // Requests
    package static let messages = 1024
    package static let choices = 8
    package static let stopStrings = 16
    package static let stopStringBytes = 256
    package static let logitBiases = 1024
    package static let topLogprobs = 20
    /// Answer length when the caller names none.
    package static let defaultMaxTokens = 1024
    package static let tools = 128
    package static let promptsPerRequest = 64

    // Model files
    package static let safetensorsHeaderBytes = 100 << 20
    package static let configBytes = 4 << 20
    package static let tokenizerBytes = 256 << 20
    package static let tensorRank = 8
    /// Dimensions of a tensor in a GGUF file; the format's own limit.
    package static let ggufTensorRank = 4
    package static let ggufTensors = 1 << 16
    package static let ggufKeys = 1 << 16
    /// A metadata key or tensor name; the format's own limit.
    package static let ggufNameBytes = 65_535
    /// Arrays in arrays in metadata; no known file has any.
    package static let ggufArrayDepth = 4
    /// A huge page; files in the wild have 32 to 4096.
    package static let ggufAlignmentBytes = 2 << 20
    /// Files of one model; part numbers have five digits.
    package static let ggufParts = 1024

    // Templates
    package static let templateBytes = 1 << 20
    package static let templateFuel = 500_000
    package static let templateOutputBytes = 16 << 20
    package static let templateDepth = 64

    // Engine
    package static let queuedGenerations = 256
    /// Draft tokens of one step, all sequences together.
    package static let draftRows = 32
    /// Events a slow reader may leave unread before its generation is cancelled.
    package static let unreadEvents = 1 << 16
}
