internal import Core

/// How an endpoint words an answer: one object per request, as a whole or in chunks.
///
/// A shape is fed the pieces of all choices in the order they come and keeps what it needs between
/// them.
protocol AnswerShape: Sendable {
    /// The `object` member of a whole answer and of a chunk.
    var wholeObject: String { get }
    var chunkObject: String { get }

    /// Members of `choices` that open the stream, before the first token.
    mutating func opening() -> [JSON]
    /// Members of `choices` that tell `piece`; empty when there is nothing to show yet.
    mutating func delta(_ piece: Piece) -> [JSON]

    /// Keeps `piece` for `choices`.
    mutating func collect(_ piece: Piece)
    /// The `choices` of the whole answer.
    func choices() -> JSON
}

/// What is the same in all objects that answer one request.
struct AnswerEnvelope: Sendable {
    let id: String
    let model: String
    /// Seconds since 1970.
    let created: Int

    func json(object: String, choices: JSON) -> JSONObject {
        [
            "id": .string(id),
            "object": .string(object),
            "created": .int(created),
            "model": .string(model),
            "choices": choices,
        ]
    }
}
