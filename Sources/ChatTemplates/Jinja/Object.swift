/// A value with identity. The interpreter registers every one it makes and empties them all when a
/// rendering ends, so that neither cycles leak nor long chains recurse while they are freed.
class Object {
    var typeName: String { "object" }
    var isTrue: Bool { true }
    var depth: Int { 0 }
    func attribute(_ name: String) -> Value? { nil }
    func clear() {}
}

/// A dictionary's keys, values or items.
final class DictView: Object {
    enum Kind: String {
        case keys = "dict_keys"
        case values = "dict_values"
        case items = "dict_items"
    }

    let kind: Kind
    private(set) var elements: [Value]
    private let elementsDepth: Int

    init(_ kind: Kind, _ elements: [Value]) {
        self.kind = kind
        self.elements = elements
        elementsDepth = 1 + (elements.lazy.map(\.depth).max() ?? 0)
    }

    override var typeName: String { kind.rawValue }
    override var isTrue: Bool { !elements.isEmpty }
    override var depth: Int { elementsDepth }
    override func clear() { elements = [] }
}

/// `namespace()`: the only thing a template can change from an inner scope.
final class Namespace: Object {
    private var members = DictBuilder()

    override var typeName: String { "Namespace" }
    override func clear() { members = DictBuilder() }
    override func attribute(_ name: String) -> Value? { self[Text(name)] }

    var dict: Dict { members.dict }

    subscript(name: Text) -> Value? {
        get { members.get(name) }
        set { if let newValue { members.set(.string(name), newValue) } }
    }
}

/// A method of a value, before it is called.
final class BoundMethod: Object {
    private(set) var receiver: Value
    let name: String

    init(_ receiver: Value, _ name: String) {
        self.receiver = receiver
        self.name = name
    }

    override var typeName: String { "builtin_function_or_method" }
    override var depth: Int { 1 + receiver.depth }
    override func clear() { receiver = .none }
}

/// A global function such as `range`.
final class Function: Object {
    static let names: Set<String> = [
        "range", "dict", "namespace", "cycler", "joiner", "raise_exception", "strftime_now",
        "lipsum",
    ]

    let name: String
    init(_ name: String) { self.name = name }
    override var typeName: String { "function" }
}

/// A macro, or the body of a call block, with the scope it was written in.
final class Macro: Object {
    let definition: MacroDefinition
    var scope: Scope?

    init(_ definition: MacroDefinition, scope: Scope) {
        self.definition = definition
        self.scope = scope
    }

    override var typeName: String { "Macro" }
    override func clear() { scope = nil }
    override func attribute(_ name: String) -> Value? {
        switch name {
        case "name": .text(definition.name)
        case "arguments":
            .list(List(definition.parameters.map { .text($0.text) }, isTuple: true))
        case "catch_kwargs": .bool(definition.usesKwargs)
        case "catch_varargs": .bool(definition.usesVarargs)
        case "caller": .bool(definition.usesCaller)
        default: nil
        }
    }
}

/// `cycler(a, b)`: `next()` goes round its arguments.
final class Cycler: Object {
    private var items: [Value]
    private var position = 0
    private let itemsDepth: Int

    init(_ items: [Value]) {
        self.items = items
        itemsDepth = 1 + (items.lazy.map(\.depth).max() ?? 0)
    }

    override var typeName: String { "Cycler" }
    override var depth: Int { itemsDepth }
    override func clear() { items = [] }
    override func attribute(_ name: String) -> Value? {
        switch name {
        case "current": current
        case "pos": .int(position)
        case "items": .list(List(items, isTuple: true))
        default: nil
        }
    }

    var current: Value { items.isEmpty ? .none : items[position] }
    func reset() { position = 0 }
    func next() -> Value {
        defer { position = items.isEmpty ? 0 : (position + 1) % items.count }
        return current
    }
}

/// `joiner(sep)`: empty the first time, then the separator.
final class Joiner: Object {
    private let separator: Value
    private var used = false
    init(_ separator: Value) { self.separator = separator }
    override var typeName: String { "Joiner" }
    override var depth: Int { 1 + separator.depth }
    override func attribute(_ name: String) -> Value? {
        switch name {
        case "sep": separator
        case "used": .bool(used)
        default: nil
        }
    }

    func next() -> Value {
        defer { used = true }
        return used ? separator : .text("")
    }
}

/// `loop` inside a `for`.
final class Loop: Object {
    private(set) var items: [Value]
    var index = 0
    let depth0: Int
    /// What `loop(...)` renders again, in a recursive loop.
    let body: ForLoop
    private(set) var scope: Scope?
    var lastChanged: [Value]?

    init(_ items: [Value], body: ForLoop, depth0: Int, scope: Scope) {
        self.items = items
        self.body = body
        self.depth0 = depth0
        self.scope = scope
    }

    override var typeName: String { "LoopContext" }
    override func clear() {
        items = []
        lastChanged = nil
        scope = nil
    }

    override func attribute(_ name: String) -> Value? {
        switch name {
        case "index": .int(index + 1)
        case "index0": .int(index)
        case "revindex": .int(items.count - index)
        case "revindex0": .int(items.count - index - 1)
        case "first": .bool(index == 0)
        case "last": .bool(index == items.count - 1)
        case "length": .int(items.count)
        case "depth": .int(depth0 + 1)
        case "depth0": .int(depth0)
        case "previtem":
            index > 0 ? item(index - 1) : .undefined(.other("there is no previous item"))
        case "nextitem": item(index + 1)
        default: nil
        }
    }

    private func item(_ place: Int) -> Value {
        place < items.count ? items[place] : .undefined(.other("there is no next item"))
    }
}
