/// Attributes, items and slices.
extension Interpreter {
    /// `value.name`: a method first, then an item, as in jinja2.
    func attribute(_ name: MemberName, of value: Value) throws(TemplateError) -> Value {
        if let found = try named(name, of: value) { return found }
        if case .dict(let dict) = value, let found = dict.get(name.text) { return found }
        return try missing(name.string, of: value)
    }

    /// `value[index]`: an item first, then a method or attribute.
    func item(_ index: Value, of value: Value) throws(TemplateError) -> Value {
        if case .string(let name) = index { try charge(name.bytes.count >> 6) }
        switch (value, index) {
        case (.undefined(let reason), _): throw fail(reason)
        case (.dict(let dict), _):
            if let found = dict.get(index) { return found }
        case (.list(let list), _):
            if let place = index.integer, let found = at(place, list.elements) { return found }
        case (.string(let text), _):
            if let place = index.integer { return try character(place, of: text) }
        case (.object(let range as Sequence), _) where range.kind == .range:
            if let place = index.integer, let found = at(place, range.take()) { return found }
        default: break
        }
        guard case .string(let name) = index else { return try missing("that item", of: value) }
        if let found = try named(MemberName(name.string), of: value) { return found }
        return try missing(name.string, of: value)
    }

    /// An attribute or method that the type of `value` has.
    private func named(_ name: MemberName, of value: Value) throws(TemplateError) -> Value? {
        if let method = Method(value, name) {
            if method.changesReceiver {
                return .undefined("'\(name.string)' changes its value, which is refused")
            }
            return .object(register(BoundMethod(value, name.string)))
        }
        switch value {
        case .object(let object): return object.attribute(name.string)
        case .list(let list):
            guard let place = list.fields.firstIndex(of: name.string) else { return nil }
            return list.elements[place]
        case .undefined(let reason): throw fail(reason)
        default: return nil
        }
    }

    private func missing(_ name: String, of value: Value) throws(TemplateError) -> Value {
        if case .undefined(let reason) = value { throw fail(reason) }
        return .undefined("a value of type \(value.typeName) has no '\(name)'")
    }

    private func at(_ place: Int, _ elements: [Value]) -> Value? {
        let index = place < 0 ? place.addingReportingOverflow(elements.count).partialValue : place
        return elements.indices.contains(index) ? elements[index] : nil
    }

    private func character(_ place: Int, of text: Text) throws(TemplateError) -> Value {
        try charge(text.bytes.count >> 5)
        let index = place < 0 ? place.addingReportingOverflow(text.count).partialValue : place
        guard index >= 0, let start = text.offset(ofCodePoint: index), start < text.bytes.count
        else { return .undefined("the text is shorter") }
        let rest = text.bytes[(start + 1)...]
        let end = rest.firstIndex { $0 & 0xC0 != 0x80 } ?? text.bytes.count
        return .string(text.slice(start..<end))
    }

    // MARK: slices

    func slice(
        _ value: Value,
        _ start: Expression?,
        _ stop: Expression?,
        _ stride: Expression?,
        at place: Position
    ) throws(TemplateError) -> Value {
        let start = try bound(start)
        let stop = try bound(stop)
        let step = try bound(stride) ?? 1
        position = place
        if step == 0 { throw fail("a slice's step cannot be 0") }
        switch value {
        case .list(let list):
            let indices = Self.range(start, stop, step, count: list.elements.count)
            return try self.list(indices.map { list.elements[$0] }, isTuple: list.isTuple)
        case .object(let range as Sequence) where range.kind == .range:
            let elements = range.take()
            let indices = Self.range(start, stop, step, count: elements.count)
            return try sequence(.range, indices.map { elements[$0] })
        case .string(let text): return try slice(text, start, stop, step)
        case .undefined(let reason): throw fail(reason)
        default: throw fail("a value of type \(value.typeName) cannot be sliced")
        }
    }

    private func slice(
        _ text: Text,
        _ start: Int?,
        _ stop: Int?,
        _ step: Int
    ) throws(TemplateError) -> Value {
        try charge(text.bytes.count >> 5)
        let indices = Self.range(start, stop, step, count: text.count)
        guard step != 1 else {
            guard let first = indices.first(where: { _ in true }),
                let from = text.offset(ofCodePoint: first),
                let to = text.offset(ofCodePoint: first + indices.underestimatedCount)
            else { return .text("") }
            return .string(text.slice(from..<to))
        }
        try charge(characters: text)
        let offsets = text.offsets
        var builder = TextBuilder()
        for index in indices { builder.append(text.slice(offsets[index]..<offsets[index + 1])) }
        return .string(builder.text)
    }

    private func bound(_ expression: Expression?) throws(TemplateError) -> Int? {
        guard let expression else { return nil }
        let value = try evaluate(expression)
        if case .none = value { return nil }
        guard let integer = value.integer else {
            throw fail("a slice needs integers, not \(value.typeName)")
        }
        return integer
    }

    /// The indices a Python slice visits in a sequence of `count`.
    private static func range(
        _ start: Int?,
        _ stop: Int?,
        _ step: Int,
        count: Int
    ) -> StrideTo<Int> {
        func clamped(_ value: Int, low: Int, high: Int) -> Int {
            let moved = value < 0 ? value.addingReportingOverflow(count).partialValue : value
            return min(max(moved, low), high)
        }
        if step > 0 {
            let first = start.map { clamped($0, low: 0, high: count) } ?? 0
            let last = stop.map { clamped($0, low: 0, high: count) } ?? count
            return stride(from: first, to: last, by: min(step, count + 1))
        }
        let first = start.map { clamped($0, low: -1, high: count - 1) } ?? count - 1
        let last = stop.map { clamped($0, low: -1, high: count - 1) } ?? -1
        return stride(from: first, to: last, by: max(step, -count - 1))
    }
}
