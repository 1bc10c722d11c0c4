/// A method that a value's type has in Python.
enum Method {
    case text(TextMethod)
    case list(ListMethod)
    case dict(DictMethod)
    case number(NumberMethod)
    case object(ObjectMethod)

    init?(_ value: Value, _ name: MemberName) {
        switch value {
        case .string: self.init(name.ofText, Method.text)
        case .list(let list):
            if list.isTuple && name.ofList != .index && name.ofList != .count { return nil }
            self.init(name.ofList, Method.list)
        case .dict: self.init(name.ofDict, Method.dict)
        case .bool, .int, .big, .float:
            guard let method = name.ofNumber, method.exists(on: value) else { return nil }
            self = .number(method)
        case .object(let object): self.init(object, name)
        default: return nil
        }
    }

    private init?(_ object: Object, _ name: MemberName) {
        switch object {
        case is Markup: self.init(name.ofText, Method.text)
        case is Function where (object as? Function)?.name == "dict" && name.ofDict == .fromkeys:
            self = .dict(.fromkeys)
        default:
            guard let method = name.ofObject, method.exists(on: object) else { return nil }
            self = .object(method)
        }
    }

    private init?<Kind>(_ kind: Kind?, _ make: (Kind) -> Method) {
        guard let kind else { return nil }
        self = make(kind)
    }

    /// Whether the sandbox refuses it because it changes the value.
    var changesReceiver: Bool {
        switch self {
        case .text, .object, .number: false
        case .list(let method): method != .index && method != .count && method != .copy
        case .dict(let method): ![.get, .items, .keys, .values, .copy, .fromkeys].contains(method)
        }
    }
}

/// A name behind a dot, with the methods it may mean, looked up once when the template is parsed.
final class MemberName: Sendable {
    let text: Text
    let string: String
    let ofText: TextMethod?
    let ofList: ListMethod?
    let ofDict: DictMethod?
    let ofNumber: NumberMethod?
    let ofObject: ObjectMethod?

    init(_ string: String) {
        self.string = string
        text = Text(string)
        ofText = TextMethod(rawValue: string)
        ofList = ListMethod(rawValue: string)
        ofDict = DictMethod(rawValue: string)
        ofNumber = NumberMethod(rawValue: string)
        ofObject = ObjectMethod(rawValue: string)
    }
}

enum TextMethod: String {
    case upper, lower, strip, lstrip, rstrip, split, rsplit, splitlines, startswith, endswith
    case replace, title, capitalize, swapcase, casefold, join, find, rfind, index, rindex, count
    case isdigit, isdecimal, isnumeric, isalpha, isalnum, isspace, isupper, islower, isascii
    case istitle, isprintable, isidentifier
    case zfill, center, ljust, rjust, removeprefix, removesuffix, partition, rpartition
    case format, format_map, expandtabs, translate
    /// Makes bytes, which this engine has not.
    case encode
}

enum ListMethod: String {
    case index, count, copy
    case append, extend, insert, pop, remove, clear, sort, reverse
}

enum DictMethod: String {
    case get, items, keys, values, copy, fromkeys
    case update, pop, popitem, setdefault, clear
}

enum NumberMethod: String {
    case is_integer, as_integer_ratio, bit_length, bit_count, conjugate

    /// Floats have no bits.
    func exists(on value: Value) -> Bool {
        if case .float = value { return self != .bit_length && self != .bit_count }
        return self != .is_integer
    }
}

/// Methods of `cycler`, `loop` and `range`.
enum ObjectMethod: String {
    case next, reset, cycle, changed, index, count

    func exists(on object: Object) -> Bool {
        switch self {
        case .next, .reset: object is Cycler
        case .cycle, .changed: object is Loop
        case .index, .count: object is RangeObject
        }
    }
}

extension Interpreter {
    func call(
        _ method: Method,
        of value: Value,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        if method.changesReceiver {
            throw fail("a template cannot change a \(value.typeName)")
        }
        switch (method, value) {
        case (.text(let method), .string(let text)): return try call(method, of: text, given)
        case (.text(let method), .object(let markup as Markup)):
            return try marked(asHTML: try call(method, of: markup.text, given))
        case (.list(let method), .list(let list)): return try call(method, of: list, given)
        case (.dict(.fromkeys), _): return try fromKeys(given)
        case (.dict(let method), .dict(let dict)): return try call(method, of: dict, given)
        case (.number(let method), _): return try call(method, of: value, given)
        case (.object(let method), .object(let object)):
            return try call(method, of: object, given)
        default: throw fail("a value of type \(value.typeName) has no such method")
        }
    }

    /// What a method of a text for HTML returns: such texts again.
    private func marked(asHTML value: Value) throws(TemplateError) -> Value {
        switch value {
        case .string(let text): return markup(text)
        case .list(let list):
            let elements = list.elements.map { $0.textValue.map(markup) ?? $0 }
            return try self.list(elements, isTuple: list.isTuple)
        default: return value
        }
    }

    /// The values of a call that takes no names, as most methods of Python's own types.
    func positional(
        _ given: CallArguments,
        _ counts: ClosedRange<Int>
    ) throws(TemplateError) -> [Value] {
        guard given.keywords.isEmpty else { throw fail("this method takes no named arguments") }
        guard counts.contains(given.positional.count) else {
            throw fail(
                "this method takes \(counts.lowerBound) to \(counts.upperBound) arguments, "
                    + "\(given.positional.count) given"
            )
        }
        return given.positional
    }

    private func call(
        _ method: ListMethod,
        of list: List,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        if method == .copy {
            _ = try positional(given, 0...0)
            return try self.list(list.elements)
        }
        let values = try positional(given, 1...(method == .index ? 3 : 1))
        let region = try region(values.dropFirst(), count: list.elements.count, isBoundOnly: true)
        var places: [Int] = []
        for place in region ?? 0..<0 where try equal(list.elements[place], values[0]) {
            places.append(place)
        }
        if method == .count { return .int(places.count) }
        guard let first = places.first else { throw fail("the value is not in the list") }
        return .int(first)
    }

    /// The part of `count` items that optional start and stop values choose; nil if the start lies
    /// behind the stop.
    /// - Parameter isBoundOnly: whether none is refused as a bound.
    func region(
        _ bounds: ArraySlice<Value>,
        count: Int,
        isBoundOnly: Bool = false
    ) throws(TemplateError) -> Range<Int>? {
        var limits = [0, count]
        for (place, bound) in bounds.enumerated() {
            if bound.isNone && !isBoundOnly { continue }
            if case .big(let value) = bound {
                limits[place] = value.isNegative ? 0 : .max
                continue
            }
            let given = try integer(bound)
            limits[place] =
                given < 0 ? max(0, given.addingReportingOverflow(count).partialValue) : given
        }
        let end = min(limits[1], count)
        return limits[0] <= end ? limits[0]..<end : nil
    }

    private func call(
        _ method: DictMethod,
        of dict: Dict,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        if method == .get {
            let values = try positional(given, 1...2)
            try checkKey(values[0])
            return dict.get(values[0]) ?? (values.count > 1 ? values[1] : .none)
        }
        _ = try positional(given, 0...0)
        switch method {
        case .keys: return try view(.keys, dict.entries.map(\.key))
        case .values: return try view(.values, dict.entries.map(\.value))
        case .items: return try view(.items, pairs(of: dict))
        default: return .dict(Dict(copy: dict))
        }
    }

    private func fromKeys(_ given: CallArguments) throws(TemplateError) -> Value {
        let values = try positional(given, 1...2)
        var builder = DictBuilder()
        for key in try elements(of: values[0]) {
            try checkKey(key)
            builder.set(key, values.count > 1 ? values[1] : .none)
        }
        return try dict(builder)
    }

    func pairs(of dict: Dict) -> [Value] {
        dict.entries.map { .list(List([$0.key, $0.value], isTuple: true)) }
    }

    private func call(
        _ method: NumberMethod,
        of value: Value,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        _ = try positional(given, 0...0)
        switch (method, value) {
        case (.conjugate, .bool(let value)): return .int(value ? 1 : 0)
        case (.conjugate, _): return value
        case (.is_integer, .float(let number)):
            return .bool(number == number.rounded() && number.isFinite)
        case (.as_integer_ratio, .float(let number)): return try ratio(of: number)
        default:
            guard let integer = value.bigInteger else { throw fail("there is no such method") }
            switch method {
            case .bit_length: return .int(integer.bitWidth)
            case .bit_count: return .int(integer.words.reduce(0) { $0 + $1.nonzeroBitCount })
            default: return try list([.integer(integer), .int(1)], isTuple: true)
            }
        }
    }

    /// A float as the fraction that it is exactly.
    private func ratio(of number: Double) throws(TemplateError) -> Value {
        guard number.isFinite else { throw fail("the number is not finite") }
        var numerator = number
        var exponent = 0
        while numerator != numerator.rounded() {
            numerator *= 2
            exponent += 1
        }
        let parts = [BigInt(truncating: numerator), BigInt(1).shiftedLeft(exponent)]
        return try list(parts.map(Value.integer), isTuple: true)
    }

    private func call(
        _ method: ObjectMethod,
        of object: Object,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        switch (method, object) {
        case (.next, let cycler as Cycler):
            _ = try bind(given)
            return cycler.next()
        case (.reset, let cycler as Cycler):
            _ = try bind(given)
            cycler.reset()
            return .none
        case (.cycle, let loop as Loop):
            if given.positional.isEmpty { throw fail("loop.cycle needs at least one value") }
            return given.positional[loop.index % given.positional.count]
        case (.changed, let loop as Loop):
            let last = try loop.lastChanged.map { (values) throws(TemplateError) in
                try equal(try list(values), try list(given.positional))
            }
            loop.lastChanged = given.positional
            return .bool(last != true)
        case (_, let range as RangeObject):
            let wanted = try positional(given, 1...1)[0]
            try charge(range.count)
            var place: Int?
            for (index, value) in range.values.enumerated() where try equal(value, wanted) {
                place = index
            }
            if method == .count { return .int(place == nil ? 0 : 1) }
            guard let place else { throw fail("the value is not in the range") }
            return .int(place)
        default: throw fail("there is no such method")
        }
    }
}
