/// A method that a value's type has in Python.
enum Method {
    case text(TextMethod)
    case list(ListMethod)
    case dict(DictMethod)
    case object(ObjectMethod)

    init?(_ value: Value, _ name: MemberName) {
        switch value {
        case .string: self.init(name.ofText, Method.text)
        case .list: self.init(name.ofList, Method.list)
        case .dict: self.init(name.ofDict, Method.dict)
        case .object(let object) where object is Cycler || object is Loop:
            self.init(name.ofObject, Method.object)
        default: return nil
        }
    }

    private init?<Kind>(_ kind: Kind?, _ make: (Kind) -> Method) {
        guard let kind else { return nil }
        self = make(kind)
    }

    /// Whether the sandbox refuses it because it changes the value.
    var changesReceiver: Bool {
        switch self {
        case .text, .object: false
        case .list(let method): method != .index && method != .count && method != .copy
        case .dict(let method): ![.get, .items, .keys, .values, .copy].contains(method)
        }
    }
}

/// A name behind a dot, with the methods it may mean, looked up once when the template is parsed.
struct MemberName: Sendable {
    let text: Text
    let string: String
    let ofText: TextMethod?
    let ofList: ListMethod?
    let ofDict: DictMethod?
    let ofObject: ObjectMethod?

    init(_ string: String) {
        self.string = string
        text = Text(string)
        ofText = TextMethod(rawValue: string)
        ofList = ListMethod(rawValue: string)
        ofDict = DictMethod(rawValue: string)
        ofObject = ObjectMethod(rawValue: string)
    }
}

enum TextMethod: String {
    case upper, lower, strip, lstrip, rstrip, split, rsplit, splitlines, startswith, endswith
    case replace, title, capitalize, swapcase, casefold, join, find, rfind, index, rindex, count
    case isdigit, isdecimal, isnumeric, isalpha, isalnum, isspace, isupper, islower, isascii
    case zfill, center, ljust, rjust, removeprefix, removesuffix, partition, rpartition, format
}

enum ListMethod: String {
    case index, count, copy
    case append, extend, insert, pop, remove, clear, sort, reverse
}

enum DictMethod: String {
    case get, items, keys, values, copy
    case update, pop, popitem, setdefault, clear
}

/// Methods of `cycler` and `loop`.
enum ObjectMethod: String {
    case next, reset, cycle, changed
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
        case (.list(let method), .list(let list)): return try call(method, of: list, given)
        case (.dict(let method), .dict(let dict)): return try call(method, of: dict, given)
        case (.object(let method), .object(let object)):
            return try call(method, of: object, given)
        default: throw fail("a value of type \(value.typeName) has no such method")
        }
    }

    private func call(
        _ method: ListMethod,
        of list: List,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        if method == .copy { return .list(list) }
        let wanted = try bind(given, "value", required: 1)[0] ?? .none
        var places: [Int] = []
        for (place, element) in list.elements.enumerated() where try equal(element, wanted) {
            places.append(place)
        }
        if method == .count { return .int(places.count) }
        guard let first = places.first else { throw fail("the value is not in the list") }
        return .int(first)
    }

    private func call(
        _ method: DictMethod,
        of dict: Dict,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        if method == .get {
            let values = try bind(given, "key", "default", required: 1)
            return values[0].flatMap { dict.get($0) } ?? values[1] ?? .none
        }
        _ = try bind(given)
        switch method {
        case .keys: return try sequence(.keys, dict.entries.map(\.key))
        case .values: return try sequence(.values, dict.entries.map(\.value))
        case .items: return try sequence(.items, pairs(of: dict))
        default: return .dict(dict)
        }
    }

    func pairs(of dict: Dict) -> [Value] {
        dict.entries.map { .list(List([$0.key, $0.value], isTuple: true)) }
    }

    private func call(
        _ method: ObjectMethod,
        of object: Object,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        switch (method, object) {
        case (.next, let cycler as Cycler): return cycler.next()
        case (.reset, let cycler as Cycler):
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
        default: throw fail("there is no such method")
        }
    }
}
