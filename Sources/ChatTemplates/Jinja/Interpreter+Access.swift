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
        switch (value, index) {
        case (.undefined(let reason), _): throw fail(reason)
        case (.dict(let dict), .string(let name)):
            try charge(name.bytes.count >> 6)
            if let found = dict.get(name) { return found }
        case (.dict(let dict), _):
            if let found = dict.get(index) { return found }
        case (.list(let list), _):
            if let place = index.integer, let found = at(place, list.elements) { return found }
        case (.string(let text), _):
            if let place = index.integer { return try character(place, of: text) }
        case (.object(let markup as Markup), _) where index.integer != nil:
            return try item(index, of: .string(markup.text))
        case (.object(let range as RangeObject), _):
            if let place = index.integer, let found = Self.place(place, count: range.count) {
                return range[found]
            }
        case (.object(let namespace as Namespace), .string(let name)):
            if let found = namespace[name] { return found }
        default: break
        }
        guard let name = index.textValue else { return .undefined(.item) }
        if let found = try named(MemberName(name.string), of: value) { return found }
        return try missing(name.string, of: value)
    }

    /// An attribute or method that the type of `value` has.
    func named(_ name: MemberName, of value: Value) throws(TemplateError) -> Value? {
        if let method = Method(value, name) {
            if method.changesReceiver { return .undefined(.other("changing a value is refused")) }
            return .object(register(BoundMethod(value, name.string)))
        }
        switch value {
        case .object(let namespace as Namespace): return namespace[name.text]
        case .object(let object): return object.attribute(name.string)
        case .list(let list):
            guard let place = list.fields.firstIndex(of: name.string) else { return nil }
            return list.elements[place]
        case .int, .big, .bool, .float: return Self.part(name.string, of: value)
        case .undefined(let reason): throw fail(reason)
        default: return nil
        }
    }

    /// The parts that Python's numbers have.
    private static func part(_ name: String, of value: Value) -> Value? {
        if case .float = value {
            return name == "real" ? value : name == "imag" ? .float(0) : nil
        }
        switch name {
        case "real", "numerator": return value.bigInteger.map(Value.integer)
        case "imag": return .int(0)
        case "denominator": return .int(1)
        default: return nil
        }
    }

    private func missing(_ name: String, of value: Value) throws(TemplateError) -> Value {
        if case .undefined(let reason) = value { throw fail(reason) }
        return .undefined(.attribute(name))
    }

    /// A Python index as an offset, if there is such an item.
    private static func place(_ index: Int, count: Int) -> Int? {
        let place = index < 0 ? index.addingReportingOverflow(count).partialValue : index
        return place >= 0 && place < count ? place : nil
    }

    private func at(_ place: Int, _ elements: [Value]) -> Value? {
        Self.place(place, count: elements.count).map { elements[$0] }
    }

    private func character(_ place: Int, of text: Text) throws(TemplateError) -> Value {
        try charge(text.bytes.count >> 5)
        let index = place < 0 ? place.addingReportingOverflow(text.count).partialValue : place
        guard index >= 0, let start = text.offset(ofCodePoint: index), start < text.bytes.count
        else { return .undefined(.item) }
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
        case .object(let range as RangeObject):
            return .object(register(Self.slice(range, start, stop, step)))
        case .string(let text): return try slice(text, start, stop, step)
        case .object(let markup as Markup): return try slice(markup.text, start, stop, step)
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
        if case .big(let value) = value { return value.isNegative ? .min : .max }
        guard let integer = value.integer else {
            throw fail("a slice needs integers, not \(value.typeName)")
        }
        return integer
    }

    private static func slice(
        _ range: RangeObject,
        _ start: Int?,
        _ stop: Int?,
        _ step: Int
    ) -> RangeObject {
        let (first, last) = bounds(start, stop, step, count: range.count)
        let count = stride(from: first, to: last, by: clamped(step, range.count))
            .underestimatedCount
        return RangeObject(
            range.start &+ first &* range.step,
            range.start &+ last &* range.step,
            range.step &* step,
            count: count
        )
    }

    /// A step that leaves `count` items at once, if it is longer than that.
    private static func clamped(_ step: Int, _ count: Int) -> Int {
        min(max(step, -count - 1), count + 1)
    }

    /// The indices a Python slice visits in a sequence of `count`.
    private static func range(
        _ start: Int?,
        _ stop: Int?,
        _ step: Int,
        count: Int
    ) -> StrideTo<Int> {
        let (first, last) = bounds(start, stop, step, count: count)
        return stride(from: first, to: last, by: clamped(step, count))
    }

    /// Where a Python slice begins and what it does not reach.
    private static func bounds(
        _ start: Int?,
        _ stop: Int?,
        _ step: Int,
        count: Int
    ) -> (first: Int, last: Int) {
        func clamped(_ value: Int, low: Int, high: Int) -> Int {
            let moved = value < 0 ? value.addingReportingOverflow(count).partialValue : value
            return min(max(moved, low), high)
        }
        if step > 0 {
            let first = start.map { clamped($0, low: 0, high: count) } ?? 0
            return (first, stop.map { clamped($0, low: 0, high: count) } ?? count)
        }
        let first = start.map { clamped($0, low: -1, high: count - 1) } ?? count - 1
        return (first, stop.map { clamped($0, low: -1, high: count - 1) } ?? -1)
    }
}
