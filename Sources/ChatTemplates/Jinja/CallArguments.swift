/// The values a call was given.
struct CallArguments {
    /// Named values are compared one by one.
    static let keywordLimit = 256

    struct Keyword {
        var name: String
        var value: Value
        /// Whether the name came from the request, through `**`.
        var isInput = false

        var key: Value { .string(Text(name, isInput: isInput)) }
    }

    var positional: [Value] = []
    var keywords: [Keyword] = []
}

extension Interpreter {
    /// The given values in the order of `names`; nil for those not given.
    func bind(
        _ given: CallArguments,
        _ names: String...,
        required: Int = 0
    ) throws(TemplateError) -> [Value?] {
        guard given.positional.count <= names.count else {
            throw fail("takes at most \(names.count) arguments, \(given.positional.count) given")
        }
        var values: [Value?] = given.positional
        values += Array(repeating: nil, count: names.count - values.count)
        for keyword in given.keywords {
            guard let place = names.firstIndex(of: keyword.name) else {
                throw fail("there is no argument '\(keyword.name)'")
            }
            if given.positional.count > place {
                throw fail("argument '\(keyword.name)' is given twice")
            }
            values[place] = keyword.value
        }
        for place in 0..<required where values[place].isAbsent {
            throw fail("argument '\(names[place])' is missing")
        }
        return values
    }

    func integer(_ value: Value?, default fallback: Int? = nil) throws(TemplateError) -> Int {
        guard let value else {
            guard let fallback else { throw fail("an integer is missing") }
            return fallback
        }
        guard let integer = value.integer else {
            throw fail("expected an integer, not \(value.typeName)")
        }
        return integer
    }

    /// A string argument; nothing else is accepted.
    func string(_ value: Value?, default fallback: String = "") throws(TemplateError) -> Text {
        guard let value else { return Text(fallback) }
        guard case .string(let text) = value else {
            throw fail("expected a text, not \(value.typeName)")
        }
        return text
    }
}

extension Value? {
    /// Not given (Python's `None` counts as given).
    var isAbsent: Bool { if case nil = self { true } else { false } }
}
