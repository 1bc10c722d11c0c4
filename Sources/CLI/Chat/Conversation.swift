package import Core

/// The messages so far, as a chat template and a saved file see them.
package struct Conversation: Sendable, Equatable {
    package var system: String?
    /// User and assistant messages in turn.
    package private(set) var turns: [JSON] = []

    package init(system: String? = nil) { self.system = system }

    package var messages: [JSON] {
        (system.map { [Self.message("system", $0)] } ?? []) + turns
    }

    package mutating func add(role: String, _ text: String) {
        turns.append(Self.message(role, text))
    }

    /// Takes the last message back.
    package mutating func removeLast() { _ = turns.popLast() }

    package mutating func clear() { turns = [] }

    private static func message(_ role: String, _ text: String) -> JSON {
        ["role": .string(role), "content": .string(text)]
    }

    /// What `/save` writes: `{"model": NAME, "messages": [...]}`.
    package func saved(model: String) -> JSON {
        ["model": .string(model), "messages": .array(messages)]
    }

    /// What `/load` reads: the same, or the array of messages alone.
    package init(saved: JSON) throws(CLIError) {
        guard let messages = saved.array ?? saved["messages"]?.array else {
            throw CLIError(.failed, "expected an array of messages, or an object that holds one")
        }
        for (index, message) in messages.enumerated() {
            guard let role = message["role"]?.string, message["content"]?.string != nil else {
                throw CLIError(.failed, "message \(index) needs a role and a content, both strings")
            }
            if index == 0 && role == "system" {
                system = message["content"]?.string
            } else {
                turns.append(message)
            }
        }
    }
}
