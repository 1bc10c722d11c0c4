internal import Core

/// Finds tool calls of the form `<tool_call>{"name": …, "arguments": {…}}</tool_call>` in text that
/// arrives in pieces. Whatever is not a call of an offered tool stays text.
package struct ToolCallParser: Sendable {
    package enum Output: Equatable, Sendable {
        case text(String)
        /// `arguments` is JSON text, as in OpenAI's objects.
        case call(name: String, arguments: String)
    }

    private static let open = Array("<tool_call>".utf8)
    private static let close = Array("</tool_call>".utf8)

    private let names: Set<String>
    private var held: [UInt8] = []
    private var insideCall = false
    private var hadCall = false

    /// - Parameter names: the tools that were offered.
    package init(names: Set<String>) { self.names = names }

    package mutating func append(_ text: String) -> [Output] {
        var outputs: [Output] = []
        // Where a tag that was not there before can begin.
        var searchFrom = max(0, held.count - Self.close.count)
        held.append(contentsOf: text.utf8)
        while let output = next(from: searchFrom) {
            outputs.append(contentsOf: output)
            searchFrom = 0
        }
        return outputs
    }

    /// What was held back, at the end of the answer. A call that was not closed is text, unless
    /// all of it is there and only the tag is missing.
    package mutating func finish() -> [Output] {
        defer { held = [] }
        if insideCall {
            if let call = call(held[...]) { return [call] }
            return [.text(string(Self.open[...]) + string(held[...]))]
        }
        return text(held[...])
    }

    /// Consumes up to and with the next tag; nil when more text is needed.
    private mutating func next(from start: Int) -> [Output]? {
        let tag = insideCall ? Self.close : Self.open
        guard let position = find(tag, from: start) else {
            return insideCall ? nil : releaseText()
        }
        let before = held[..<position]
        let outputs = insideCall ? self.body(before) : text(before)
        held.removeFirst(position + tag.count)
        insideCall.toggle()
        return outputs
    }

    /// Releases the text that cannot be the beginning of a tag; nil when there is none.
    private mutating func releaseText() -> [Output]? {
        let longest = min(Self.open.count - 1, held.count)
        let keep = (0...longest).reversed().first { Self.open.starts(with: held.suffix($0)) } ?? 0
        if held.count == keep { return nil }
        let outputs = text(held.dropLast(keep))
        held.removeFirst(held.count - keep)
        return outputs
    }

    private mutating func body(_ bytes: ArraySlice<UInt8>) -> [Output] {
        if let call = call(bytes) {
            hadCall = true
            return [call]
        }
        return [.text(string(Self.open[...]) + string(bytes) + string(Self.close[...]))]
    }

    /// White space between calls is layout, not an answer.
    private func text(_ bytes: ArraySlice<UInt8>) -> [Output] {
        let isLayout = bytes.allSatisfy { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        return bytes.isEmpty || (hadCall && isLayout) ? [] : [.text(string(bytes))]
    }

    private func call(_ bytes: ArraySlice<UInt8>) -> Output? {
        guard let json = try? JSON(parsing: bytes, maxNodes: Limits.requestJSONNodes),
            let name = json["name"]?.string, names.contains(name)
        else { return nil }
        switch json["arguments"] ?? json["parameters"] ?? [:] {
        case .string(let text): return .call(name: name, arguments: text)
        case .object(let object): return .call(name: name, arguments: JSON.object(object).text())
        default: return nil
        }
    }

    private func find(_ tag: [UInt8], from start: Int) -> Int? {
        guard held.count >= tag.count else { return nil }
        let candidates = start...(held.count - tag.count)
        return candidates.first { held[$0...].starts(with: tag) }
    }

    private func string(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
