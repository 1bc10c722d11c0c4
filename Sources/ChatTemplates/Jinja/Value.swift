import Core

/// What an expression evaluates to. Lists and dictionaries never change once made, as in
/// the immutable sandbox, so sharing them is safe.
enum Value {
    /// The payload says what was missing, for errors.
    case undefined(Missing)
    case none
    case bool(Bool)
    case int(Int)
    /// An integer that needs more than 64 bits, and no other.
    case big(BigInt)
    case float(Double)
    case string(Text)
    case list(List)
    case dict(Dict)
    case object(Object)

    /// A value from the request: every string in it is marked as input.
    static func input(_ json: JSON) -> Value { Value(json, isInput: true) }

    init(_ json: JSON, isInput: Bool) {
        switch json {
        case .null: self = .none
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .double(let value): self = .float(value)
        case .string(let value): self = .string(Text(value, isInput: isInput))
        case .array(let values):
            self = .list(List(values.map { Value($0, isInput: isInput) }))
        case .object(let object):
            var dict = DictBuilder()
            for member in object.members {
                let key = Value.string(Text(member.key, isInput: isInput))
                dict.set(key, Value(member.value, isInput: isInput))
            }
            self = .dict(dict.dict)
        }
    }

    static func text(_ string: String) -> Value { .string(Text(string)) }

    static func integer(_ value: BigInt) -> Value { value.small.map(Value.int) ?? .big(value) }

    /// How deep containers nest inside; bounds every recursive walk.
    var depth: Int {
        switch self {
        case .list(let list): list.depth
        case .dict(let dict): dict.depth
        case .object(let object): object.depth
        default: 0
        }
    }

    var isUndefined: Bool { if case .undefined = self { true } else { false } }

    /// Python's truth.
    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let value): value
        case .int(let value): value != 0
        case .big: true
        case .float(let value): value != 0
        case .string(let text): !text.isEmpty
        case .list(let list): !list.elements.isEmpty
        case .dict(let dict): !dict.entries.isEmpty
        case .object(let object): object.isTrue
        }
    }

    /// An integer or boolean as Python's `int` sees it, if it fits.
    var integer: Int? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .int(let value): value
        default: nil
        }
    }

    /// An integer of any size, or a boolean.
    var bigInteger: BigInt? {
        if case .big(let value) = self { return value }
        return integer.map(BigInt.init)
    }

    /// Any number; infinite for an integer that no float is near.
    var number: Double? {
        switch self {
        case .float(let value): value
        case .big(let value): value.double
        default: integer.map(Double.init)
        }
    }

    var textValue: Text? {
        switch self {
        case .string(let text): text
        case .object(let markup as Markup): markup.text
        default: nil
        }
    }

    /// Python's name of the type, for messages.
    var typeName: String {
        switch self {
        case .undefined: "Undefined"
        case .none: "NoneType"
        case .bool: "bool"
        case .int, .big: "int"
        case .float: "float"
        case .string: "str"
        case .list(let list): list.isTuple ? "tuple" : "list"
        case .dict: "dict"
        case .object(let object): object.typeName
        }
    }

    /// Whether any string inside came from the request.
    var hasInput: Bool {
        switch self {
        case .string(let text): text.hasInput
        case .list(let list): list.elements.contains { $0.hasInput }
        case .dict(let dict): dict.entries.contains { $0.key.hasInput || $0.value.hasInput }
        default: false
        }
    }
}

/// Why a value is undefined; its text is made only for an error.
enum Missing {
    case variable(String)
    case attribute(String)
    case item
    case other(StaticString)

    var message: String {
        switch self {
        case .variable(let name): "'\(name)' is undefined"
        case .attribute(let name): "there is no attribute '\(name)'"
        case .item: "there is no such item"
        case .other(let reason): reason.description
        }
    }
}

/// A list or tuple.
final class List {
    let elements: [Value]
    let isTuple: Bool
    let depth: Int
    /// A tuple of `groupby`, whose parts also have names.
    let fields: [String]

    init(_ elements: [Value], isTuple: Bool = false, fields: [String] = []) {
        self.elements = elements
        self.isTuple = isTuple
        self.fields = fields
        depth = 1 + (elements.lazy.map(\.depth).max() ?? 0)
    }
}

/// A dictionary in insertion order.
final class Dict {
    typealias Entry = (key: Value, value: Value)
    let entries: [Entry]
    let depth: Int
    private let index: [Key: Int]?

    fileprivate init(_ entries: [Entry], index: [Key: Int]?) {
        self.entries = entries
        self.index = index
        depth = 1 + (entries.lazy.map { max($0.value.depth, $0.key.depth) }.max() ?? 0)
    }

    /// The same entries, another identity.
    init(copy other: Dict) {
        entries = other.entries
        index = other.index
        depth = other.depth
    }

    /// The value of a string key.
    func get(_ name: Text) -> Value? {
        if let index { return index[.text(name.bytes)].map { entries[$0].value } }
        for entry in entries {
            if case .string(let text) = entry.key, text.bytes == name.bytes { return entry.value }
        }
        return nil
    }

    func get(_ key: Value) -> Value? {
        if case .string(let text) = key { return get(text) }
        guard let wanted = Key(key) else { return nil }
        if let index { return index[wanted].map { entries[$0].value } }
        return entries.first { Key($0.key) == wanted }?.value
    }
}

/// Collects entries; a repeated key keeps its first place and takes the last value.
struct DictBuilder {
    private static let smallCount = 8
    private var entries: [Dict.Entry] = []
    private var index: [Key: Int]?

    /// False if `key` cannot be hashed (a list or dictionary).
    @discardableResult
    mutating func set(_ key: Value, _ value: Value) -> Bool {
        guard let wanted = Key(key) else { return false }
        if let place = place(of: wanted) {
            entries[place].value = value
            return true
        }
        index?[wanted] = entries.count
        entries.append((key, value))
        if index == nil && entries.count > Self.smallCount { buildIndex() }
        return true
    }

    func get(_ name: Text) -> Value? {
        if let index { return index[.text(name.bytes)].map { entries[$0].value } }
        for entry in entries {
            if case .string(let text) = entry.key, text.bytes == name.bytes { return entry.value }
        }
        return nil
    }

    private func place(of key: Key) -> Int? {
        if let index { return index[key] }
        return entries.firstIndex { Key($0.key) == key }
    }

    private mutating func buildIndex() {
        var built: [Key: Int] = [:]
        for (place, entry) in entries.enumerated() { Key(entry.key).map { built[$0] = place } }
        index = built
    }

    var dict: Dict { Dict(entries, index: index) }
}

/// A hashable key: `1`, `1.0` and `True` are the same one, as in Python.
enum Key: Hashable {
    case none
    /// All undefined values are one key, as in jinja2.
    case undefined
    case int(Int)
    case big(BigInt)
    case float(Double)
    case text([UInt8])
    case tuple([Key])
    case object(ObjectIdentifier)

    init?(_ value: Value) {
        switch value {
        case .none: self = .none
        case .bool(let value): self = .int(value ? 1 : 0)
        case .int(let value): self = .int(value)
        case .big(let value): self = .big(value)
        case .float(let value): self = Key(value)
        case .string(let text): self = .text(text.bytes)
        case .object(let markup as Markup): self = .text(markup.text.bytes)
        case .object(let object): self = .object(ObjectIdentifier(object))
        case .list(let list) where list.isTuple:
            let keys = list.elements.compactMap(Key.init)
            guard keys.count == list.elements.count else { return nil }
            self = .tuple(keys)
        case .undefined: self = .undefined
        case .list, .dict: return nil
        }
    }

    private init(_ value: Double) {
        if let small = Int(exactly: value) {
            self = .int(small)
        } else if value.isFinite && value == value.rounded() {
            self = .big(BigInt(truncating: value))
        } else {
            self = .float(value)
        }
    }
}
