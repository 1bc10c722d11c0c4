internal import Core
internal import Tokenization

/// Chat completions: messages with content and tool calls.
struct ChatShape: AnswerShape {
    let wholeObject = "chat.completion"
    let chunkObject = "chat.completion.chunk"

    private struct Choice {
        var tools: ToolCallParser?
        var content = ""
        var calls: [JSON] = []
        var logprobs: [TokenEvent] = []
        var finish: FinishReason?

        /// Takes a piece of text; returns what of it may be shown as it is and which calls it
        /// completes.
        mutating func parse(_ piece: Piece) -> (content: String, calls: [JSON]) {
            guard var parser = tools else { return (piece.text, []) }
            var outputs = parser.append(piece.text)
            if piece.finish != nil { outputs += parser.finish() }
            tools = parser
            var content = ""
            let first = calls.count
            for output in outputs {
                switch output {
                case .text(let text): content += text
                case .call(let name, let arguments): calls.append(Self.call(name, arguments))
                }
            }
            return (content, Array(calls[first...]))
        }

        private static func call(_ name: String, _ arguments: String) -> JSON {
            [
                "id": .string("call_" + GenerationID.random().text.dropFirst(4).prefix(24)),
                "type": "function",
                "function": ["name": .string(name), "arguments": .string(arguments)],
            ]
        }

        func finishReason(_ finish: FinishReason?) -> JSON {
            guard let finish else { return .null }
            return .string(finish == .stop && !calls.isEmpty ? "tool_calls" : finish.rawValue)
        }
    }

    private let tokenizer: Tokenizer
    private let wantsLogprobs: Bool
    private var states: [Choice]

    /// - Parameter tools: names of the offered tools.
    init(choices: Int, tokenizer: Tokenizer, wantsLogprobs: Bool, tools: Set<String>) {
        self.tokenizer = tokenizer
        self.wantsLogprobs = wantsLogprobs
        let parser = tools.isEmpty ? nil : ToolCallParser(names: tools)
        states = Array(repeating: Choice(tools: parser), count: choices)
    }

    // MARK: stream

    func opening() -> [JSON] {
        states.indices.map {
            chunk($0, delta: ["role": "assistant", "content": ""], logprobs: [], finish: .null)
        }
    }

    mutating func delta(_ piece: Piece) -> [JSON] {
        let first = states[piece.choice].calls.count
        let (content, calls) = states[piece.choice].parse(piece)
        let reason = states[piece.choice].finishReason(piece.finish)
        var delta = JSONObject()
        if !content.isEmpty { delta["content"] = .string(content) }
        if !calls.isEmpty { delta["tool_calls"] = .array(Self.indexed(calls, from: first)) }
        if delta.isEmpty && piece.logprobs.isEmpty && reason.isNull { return [] }
        return [chunk(piece.choice, delta: delta, logprobs: piece.logprobs, finish: reason)]
    }

    /// In a stream each call says which it is, since its parts could come in several chunks.
    private static func indexed(_ calls: [JSON], from first: Int) -> [JSON] {
        calls.enumerated().map { offset, call in
            var object = call.object ?? JSONObject()
            object.members.insert(.init(key: "index", value: .int(first + offset)), at: 0)
            return .object(object)
        }
    }

    private func chunk(
        _ index: Int,
        delta: JSONObject,
        logprobs: [TokenEvent],
        finish: JSON
    ) -> JSON {
        [
            "index": .int(index),
            "delta": .object(delta),
            "logprobs": logprobs.isEmpty ? .null : Logprobs.chat(logprobs, tokenizer),
            "finish_reason": finish,
        ]
    }

    // MARK: whole

    mutating func collect(_ piece: Piece) {
        let (content, _) = states[piece.choice].parse(piece)
        states[piece.choice].content += content
        states[piece.choice].logprobs += piece.logprobs
        states[piece.choice].finish = piece.finish
    }

    func choices() -> JSON {
        .array(
            states.enumerated().map { index, state in
                [
                    "index": .int(index),
                    "message": .object(message(state)),
                    "logprobs": wantsLogprobs
                        ? Logprobs.chat(state.logprobs, tokenizer) : .null,
                    "finish_reason": state.finishReason(state.finish),
                ]
            }
        )
    }

    private func message(_ state: Choice) -> JSONObject {
        let onlyCalls = !state.calls.isEmpty && state.content.allSatisfy(\.isWhitespace)
        var message: JSONObject = [
            "role": "assistant",
            "content": onlyCalls ? .null : .string(state.content),
            "refusal": .null,
        ]
        if !state.calls.isEmpty { message["tool_calls"] = .array(state.calls) }
        return message
    }
}
