import ChatTemplates
import Core
import Testing

/// Promise 4: no byte of what a request sent leaves a template as if the template had written it.
@Suite struct MarkingTests {
    /// What the request sends. None of its letters and signs occurs in what the operations below
    /// write themselves, so an unmarked one in the output was lost on the way.
    private static let input =
        "<|im_start|>Qq é§ ß\tΣ\r\nx-y %s%% {} {{0}} &lt; 'it' \"z\" ~/^ i\u{3000}j ."
    /// What operations write themselves: quotes, brackets, separators, padding.
    private static let own = Set(" '\"[](){},:.-+*#=0123456789\n".utf8)

    /// Each makes text from `X`.
    private static let operations = [
        "X", "X ~ '-'", "'-' ~ X ~ '-'", "X + '-'", "'-' + X", "X * 2", "2 * X", "X[1:]", "X[:-2]",
        "X[::-1]", "X[1:9:2]", "X[3]", "X[-3]", "X if true else ''", "'' or X", "X and X",
        "X|upper", "X|lower", "X|title", "X|capitalize", "X|trim", "X|trim('<')", "X|string",
        "X|replace('i', '-')", "X|replace('', '-')", "'-'|replace('-', X)", "X|replace(X[2], '-')",
        "X|indent(2)", "X|indent(2, true, true)", "'-\n-'|indent(X)", "X|wordwrap(5)",
        "X|wordwrap(9, false)", "'- - - -'|wordwrap(1, wrapstring=X)", "X|truncate(9)",
        "X|truncate(9, true, '-', 0)", "'- - - - - - - -'|truncate(3, true, X[:2], 0)",
        "X|center(90)", "X|urlencode", "{X: X}|urlencode", "X|e", "X|forceescape", "(X|safe)",
        "(X|e) + X", "X + (X|safe)", "('%s'|safe) % X", "X|tojson", "X|tojson(ensure_ascii=true)",
        "[X, {X: X}]|tojson(indent=2)", "[1]|tojson(indent=X)", "[1, 2]|tojson(separators=(X, X))",
        "X|reverse", "X|first", "X|last", "X|max", "X|min", "X|sort|join", "X|unique|join('-')",
        "X|list|string", "X|batch(3)|list|string", "X|batch(4, X)|list|string",
        "X|slice(3, X)|list|string", "[X, X]|join('-')", "['-', '-']|join(X)", "X|join('-')",
        "[X]|map('upper')|join", "['-']|map('replace', '-', X)|join", "[X]|select|join",
        "[{'-': X}]|map(attribute='-')|join", "[{}]|map(attribute='-', default=X)|join",
        "[{'-': X}]|selectattr('-')|list|string", "[{'-': X}]|groupby('-')|list|string",
        "[{}]|groupby('-', default=X)|list|string", "{'0': X}|dictsort|string",
        "{X: 0}|dictsort|string", "{X: 0}|items|list|string", "missing|default(X)",
        "''|default(X, true)", "[[X]]|sum(start=[])|string", "'%s'|format(X)",
        "'%(0)s'|format(**{'0': X})", "X|format('-')", "'%s' % X", "'%r' % X", "'%a' % X",
        "'%90s' % X", "'%-90s' % X", "'%.9s' % X", "'%s-%s' % (X, X)", "'%(0)s' % {'0': X}",
        "X % '-'", "X % X", "'%c' % 60", "'{}'.format(X)", "'{:>90}'.format(X)",
        "'{:*^90}'.format(X)", "'{:.9}'.format(X)", "'{!r}'.format(X)", "'{!a}'.format(X)",
        "'{0[0]}'.format([X])", "'{-}'.format_map({'-': X})", "X.format('-', '-')",
        "('{:' ~ X[0] ~ '>9}').format('-')", "'{:c}'.format(60)", "X.upper()", "X.lower()",
        "X.title()", "X.capitalize()", "X.swapcase()", "X.casefold()", "X.strip()",
        "X.lstrip('<')", "X.rstrip('.')", "X.split()|join('-')", "X.split('i')|join('-')",
        "X.split('i', 1)|string", "X.split(none, 1)|string", "X.rsplit('i', 1)|join('-')",
        "X.rsplit(none, 2)|join('-')", "X.splitlines()|join('-')", "X.splitlines(true)|join('-')",
        "X.replace('i', '-')", "X.replace(X[1], '-')", "'-'.replace('-', X)", "X.join(['-', '-'])",
        "'-'.join([X, X])", "'-'.join(X)", "X.partition('m')|string", "X.rpartition('m')[2]",
        "X.partition(X[2])|join('-')", "X.removeprefix('<')", "X.removesuffix('.')", "X.zfill(90)",
        "X.ljust(90, '-')", "X.rjust(90)", "X.center(90, '*')", "'-'.center(9, X[0])",
        "'-'.ljust(9, X[1])", "X.expandtabs()", "X.translate({105: '-'})",
        "'-'.translate({45: X})", "'-'.translate({45: 60})", "[X]|string", "(X,)|string",
        "{X: X}|string", "{X: X}.keys()|list|string", "{X: X}.values()|list|string",
        "{X: X}.items()|list|string", "{'0': X}.get('0')", "{}.get('0', X)",
        "dict([[X, X]])|string",
        "dict(**{X: X})|string", "{}.fromkeys([X], X)|string", "namespace(a=X).a",
        "cycler(X).next()", "joiner(X).sep|string", "m(X)", "m(a=X)", "k(**{X: X})", "v(X)",
        "([X] + [X])|string", "([X] * 2)|string", "X|wordwrap(7)|indent(1)",
    ]
    private static let macros = """
        {% macro m(a) %}-{{ a }}-{% endmacro %}{% macro k() %}{{ kwargs }}{% endmacro %}\
        {% macro v() %}{{ varargs }}{% endmacro %}
        """

    private func render(_ source: String) -> RenderedPrompt? {
        let request = ChatRequest(messages: [], variables: ["x": .string(Self.input)])
        return try? ChatTemplate(source: source).render(request, bosToken: nil, eosToken: nil)
    }

    /// Bytes that are not marked and that `isLost` says came from the request.
    private func lost(
        _ prompt: RenderedPrompt,
        _ isLost: (UInt8) -> Bool = { !Self.own.contains($0) }
    ) -> String {
        var isInput = [Bool](repeating: false, count: prompt.text.utf8.count)
        for range in prompt.inputRanges {
            for place in range { isInput[place] = true }
        }
        let bytes = zip(prompt.text.utf8, isInput).filter { !$1 && isLost($0) }
        return String(decoding: bytes.map(\.0), as: UTF8.self)
    }

    @Test(arguments: operations)
    func everyOperationKeepsMarks(_ operation: String) throws {
        let expression = operation.replacing("X", with: "x")
        let prompt = try #require(render(Self.macros + "{{ " + expression + " }}"))
        #expect(!prompt.inputRanges.isEmpty || prompt.text.isEmpty)
        #expect(lost(prompt) == "", "\(prompt.text)")
    }

    @Test(arguments: [
        "{% set t %}-{{ x }}-{% endset %}{{ t }}{{ t|upper }}",
        "{% set t | title | indent(2) %}-{{ x }}-{% endset %}{{ t }}",
        "{% filter upper | replace('I', '-') %}-{{ x }}{% endfilter %}",
        "{% macro c() %}{{ caller(x) }}{% endmacro %}{% call(a) c() %}-{{ a }}{% endcall %}",
        "{% for c in x %}{{ c }}{{ loop.previtem }}{{ loop.cycle(c, '-') }}{% endfor %}",
        "{% for k, v in {x: x}.items() %}{{ k }}-{{ v }}{% endfor %}",
        "{% set n = namespace(t='') %}{% for c in x %}{% set n.t = c ~ n.t %}{% endfor %}{{ n.t }}",
        "{% with y = x %}{{ y }}{% endwith %}{% generation %}{{ x }}{% endgeneration %}",
    ])
    func everyStatementKeepsMarks(_ source: String) throws {
        let prompt = try #require(render(Self.macros + source))
        #expect(!prompt.inputRanges.isEmpty)
        #expect(lost(prompt) == "", "\(prompt.text)")
    }

    /// In a chain, operations also change and escape what others wrote; but none writes these.
    @Test func chainsOfOperationsKeepMarks() {
        let foreign = Set("<|>Qq^/~éÉ§ßΣσς".utf8)
        var random = Lehmer(state: 11)
        var rendered = 0
        for _ in 0..<2000 {
            var expression = "x"
            for _ in 0..<Int.random(in: 2...4, using: &random) {
                let next = Self.operations.randomElement(using: &random) ?? "X"
                expression = next.replacing("X", with: "(" + expression + ")")
                if expression.utf8.count > 2000 { break }
            }
            guard let prompt = render(Self.macros + "{{ " + expression + " }}") else { continue }
            rendered += 1
            #expect(lost(prompt, foreign.contains) == "", "\(expression)")
        }
        #expect(rendered > 800)
    }
}

struct Lehmer: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 0xDA94_2042_E4DD_58B5 &+ 0x1405_7B7E_F767_814F
        return state ^ (state >> 29)
    }
}
