internal import ChatTemplates
internal import Core
internal import Kernels
internal import Tokenization

/// Loads a model and streams text: what other Swift programs use.
///
/// ```swift
/// let generator = try TextGenerator(folder: "models/Qwen3-0.6B", quantize: .q8_0)
/// for try await piece in try generator.answer([.user("Name three rivers.")]) {
///     print(piece, terminator: "")
/// }
/// ```
///
/// Any number of answers may run at the same time; they share each step of the engine. The same
/// prompt, options and seed give the same text whatever else is running.
public final class TextGenerator: Sendable {
    /// How weights are kept in memory.
    public enum Quantization: Sendable {
        /// 8 bits and a scale per 32 weights.
        case q8_0
        /// 4 bits and a scale per 32 weights.
        case q4_0
    }

    /// One turn of a conversation.
    public struct Message: Sendable {
        /// "system", "user", "assistant" or "tool".
        public var role: String
        /// What was said. It can never become a control token.
        public var content: String

        /// A turn of any role.
        public init(role: String, content: String) {
            self.role = role
            self.content = content
        }

        /// A user's turn.
        public static func user(_ content: String) -> Message {
            Message(role: "user", content: content)
        }
    }

    /// How an answer is made.
    public struct Options: Sendable {
        /// The answer's length at most; the context may end it earlier.
        public var maxTokens = 512
        /// 0 always takes the likeliest token; nil takes what the model's authors advise.
        public var temperature: Float?
        /// Sample from the likeliest tokens that together have this probability.
        public var topP: Float?
        /// Same seed, same text; nil draws one.
        public var seed: UInt64?
        /// The answer ends before the first of these.
        public var stop: [String] = []

        /// What the model's authors advise, at most 512 tokens.
        public init() {}
    }

    private let model: LanguageModel
    private let engine: Engine

    /// - Parameters:
    ///   - folder: a Hugging Face folder: config.json, safetensors, tokenizer.json.
    ///   - threads: workers; nil takes every processor the process may use.
    /// - Throws: ``GenerationFailure`` when a file is missing, damaged or not understood.
    public init(
        folder: String,
        quantize: Quantization? = nil,
        threads: Int? = nil
    ) throws {
        let format: WeightFormat? = quantize.map { $0 == .q8_0 ? .q8_0 : .q4_0 }
        do {
            model = try LanguageModel.load(path: folder, quantize: format, threads: threads)
            engine = try Engine(model: model, journal: UnmeteredJournal())
        } catch { throw GenerationFailure("\(error)") }
    }

    deinit { engine.shutdown() }

    /// Continues `prompt`. Ending the iteration early stops the work.
    public func complete(
        _ prompt: String,
        options: Options = Options()
    ) throws -> AsyncThrowingStream<String, any Error> {
        guard let tokenizer = model.tokenizer else {
            throw GenerationFailure("\(model.name) has no tokenizer, so it cannot read text")
        }
        return try stream(tokenizer.encode(prompt, addSpecial: true), options)
    }

    /// Answers the last message of a conversation, through the model's own chat template. Text in
    /// messages can never become control tokens.
    public func answer(
        _ messages: [Message],
        options: Options = Options()
    ) throws -> AsyncThrowingStream<String, any Error> {
        let turns = messages.map {
            JSON.object(["role": .string($0.role), "content": .string($0.content)])
        }
        let prompt: [TokenID]
        do {
            prompt = try model.tokens(of: ChatRequest(messages: turns))
        } catch { throw GenerationFailure("\(error)") }
        return try stream(prompt, options)
    }

    private func stream(
        _ prompt: [TokenID],
        _ options: Options
    ) throws -> AsyncThrowingStream<String, any Error> {
        var request = GenerationRequest(prompt: prompt, maxTokens: options.maxTokens)
        request.sampling = model.defaults
        if let temperature = options.temperature { request.sampling.temperature = temperature }
        if let topP = options.topP { request.sampling.topP = topP }
        request.sampling.seed = options.seed ?? .random(in: 0 ... .max)
        request.stop = options.stop
        switch engine.submit(request) {
        case .rejected(let error): throw GenerationFailure(error.message)
        case .accepted(let events): return pieces(of: events)
        }
    }

    private func pieces(
        of events: AsyncStream<GenerationEvent>
    ) -> AsyncThrowingStream<String, any Error> {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: String.self)
        // The task keeps the generator, and so the engine, until the last piece.
        let task = Task { [self] in
            for await event in events {
                switch event {
                case .token(let token): if !token.text.isEmpty { continuation.yield(token.text) }
                case .ended(_, .failed(let message)):
                    continuation.finish(throwing: GenerationFailure(message))
                case .prefilled, .ended: break
                }
            }
            continuation.finish()
            withExtendedLifetime(self) {}
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }
}

/// Why text could not be generated; the message says what to do.
public struct GenerationFailure: Error, CustomStringConvertible {
    /// One line for whoever reads logs or a screen.
    public let message: String
    /// The message.
    public var description: String { message }

    init(_ message: String) { self.message = message }
}
