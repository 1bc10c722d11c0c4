internal import Core

/// Words the events of a job as the chunks of its stream.
struct ChunkWriter<Shape: AnswerShape> {
    private var shape: Shape
    private let envelope: AnswerEnvelope
    private let includeUsage: Bool
    private var pieces: PieceMaker
    private var isOpen = false
    private(set) var usage = Usage()

    init(_ shape: Shape, _ envelope: AnswerEnvelope, _ job: Job) {
        self.shape = shape
        self.envelope = envelope
        includeUsage = job.fields.includeUsage
        pieces = PieceMaker(job)
    }

    /// The chunks that tell `event`, in order.
    mutating func chunks(prompt: Int, _ event: GenerationEvent) -> [JSON] {
        usage.count(event)
        switch event {
        case .prefilled:
            if isOpen { return [] }
            isOpen = true
            return shape.opening().map { chunk([$0]) }
        case .token(let token):
            return shape.delta(pieces.piece(prompt: prompt, token)).map { chunk([$0]) }
        case .ended: return []
        }
    }

    /// The chunk before `[DONE]` that tells what the request consumed.
    func last(_ usage: Usage) -> JSON { chunk([], usage: usage.json) }

    /// With `include_usage`, every chunk but the last has a null for it.
    private func chunk(_ choices: [JSON], usage: JSON = .null) -> JSON {
        var object = envelope.json(object: shape.chunkObject, choices: .array(choices))
        if includeUsage { object["usage"] = usage }
        return .object(object)
    }
}
