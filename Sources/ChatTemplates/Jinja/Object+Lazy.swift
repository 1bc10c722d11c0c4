/// What a filter such as `map` returns: makes its values when they are asked for, each once.
final class Generator: Object {
    private var source: (() throws(TemplateError) -> Value?)?
    private let sourceDepth: Int

    /// - Parameter depth: of the values that `source` draws from.
    init(depth: Int, _ source: @escaping () throws(TemplateError) -> Value?) {
        self.source = source
        sourceDepth = 1 + depth
    }

    override var typeName: String { "generator" }
    override var depth: Int { sourceDepth }
    override func clear() { source = nil }

    func next() throws(TemplateError) -> Value? {
        guard let value = try source?() else {
            source = nil
            return nil
        }
        return value
    }

    /// All values that are left.
    func take() throws(TemplateError) -> [Value] {
        var values: [Value] = []
        while let value = try next() { values.append(value) }
        return values
    }
}

/// `range(start, stop, step)`; makes its numbers when they are asked for.
final class RangeObject: Object {
    let start: Int
    let stop: Int
    let step: Int
    let count: Int

    /// - Parameter count: how many numbers there are.
    init(_ start: Int, _ stop: Int, _ step: Int, count: Int) {
        (self.start, self.stop, self.step, self.count) = (start, stop, step, count)
    }

    override var typeName: String { "range" }
    override var isTrue: Bool { count > 0 }

    /// A product may leave 64 bits on the way; each sum is inside again.
    subscript(place: Int) -> Value { .int(start &+ place &* step) }
    var values: [Value] { (0..<count).map { self[$0] } }

    override func attribute(_ name: String) -> Value? {
        switch name {
        case "start": .int(start)
        case "stop": .int(stop)
        case "step": .int(step)
        default: nil
        }
    }

    var printed: String { "range(\(start), \(stop)" + (step == 1 ? ")" : ", \(step))") }
}

/// A text that `safe` or `escape` marked as HTML: adding other text to it escapes that text.
final class Markup: Object {
    let text: Text
    init(_ text: Text) { self.text = text }
    override var typeName: String { "Markup" }
    override var isTrue: Bool { !text.isEmpty }
}

extension Value {
    /// A text for HTML counts as text everywhere but in sums.
    var plain: Value {
        if case .object(let markup as Markup) = self { return .string(markup.text) }
        return self
    }
}

extension Text {
    /// With `& < > ' "` as HTML entities.
    var escapedForHTML: Text {
        mapRuns { bytes in
            var output: [UInt8] = []
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "&"): output += Array("&amp;".utf8)
                case UInt8(ascii: "<"): output += Array("&lt;".utf8)
                case UInt8(ascii: ">"): output += Array("&gt;".utf8)
                case UInt8(ascii: "'"): output += Array("&#39;".utf8)
                case UInt8(ascii: "\""): output += Array("&#34;".utf8)
                default: output.append(byte)
                }
            }
            return output
        }
    }
}
