internal import Core
internal import Tokenization

/// Log probabilities in the two shapes that OpenAI's endpoints have.
enum Logprobs {
    /// What OpenAI reports for probability 0, which has no finite logarithm.
    private static let least: Float = -9999

    /// `choices[].logprobs` of chat completions.
    static func chat(_ events: [TokenEvent], _ tokenizer: Tokenizer) -> JSON {
        let content = events.map { event -> JSON in
            var entry = chatEntry(event.token, event.logprobs?.logprob ?? least, tokenizer)
            entry["top_logprobs"] = .array(
                (event.logprobs?.top ?? []).map {
                    .object(chatEntry($0.token, $0.logprob, tokenizer))
                }
            )
            return .object(entry)
        }
        return ["content": .array(content), "refusal": .null]
    }

    private static func chatEntry(
        _ token: TokenID,
        _ logprob: Float,
        _ tokenizer: Tokenizer
    ) -> JSONObject {
        [
            "token": .string(tokenizer.text(of: token)),
            "logprob": number(logprob),
            "bytes": .array(tokenizer.bytes(of: token).map { .int(Int($0)) }),
        ]
    }

    /// `choices[].logprobs` of plain completions.
    /// - Parameter textOffset: characters of the choice's text before these tokens; advanced.
    static func plain(
        _ events: [TokenEvent],
        _ tokenizer: Tokenizer,
        textOffset: inout Int
    ) -> JSON {
        var offsets: [JSON] = []
        for event in events {
            offsets.append(.int(textOffset))
            textOffset += tokenizer.text(of: event.token).unicodeScalars.count
        }
        return [
            "tokens": .array(events.map { .string(key(of: $0.token, tokenizer)) }),
            "token_logprobs": .array(events.map { number($0.logprobs?.logprob ?? least) }),
            "top_logprobs": .array(events.map { top($0.logprobs?.top ?? [], tokenizer) }),
            "text_offset": .array(offsets),
        ]
    }

    private static func top(
        _ alternatives: [TokenLogprobs.Alternative],
        _ tokenizer: Tokenizer
    ) -> JSON {
        var object = JSONObject()
        for alternative in alternatives {
            object.members.append(
                .init(
                    key: key(of: alternative.token, tokenizer),
                    value: number(alternative.logprob)
                )
            )
        }
        return .object(object)
    }

    /// A token as a key: its text, or its bytes when they are no whole characters, so that two
    /// tokens never share a key.
    private static func key(of token: TokenID, _ tokenizer: Tokenizer) -> String {
        let bytes = tokenizer.bytes(of: token)
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return "bytes:"
            + bytes.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func number(_ logprob: Float) -> JSON {
        .double(Double(logprob.isFinite ? max(logprob, least) : least))
    }
}
