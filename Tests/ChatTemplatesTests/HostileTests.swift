import ChatTemplates
import Core
import Glibc
import Testing

/// What a template or its input may try against the program that renders it.
@Suite struct HostileTests {
    private static let long = String(repeating: "aé ", count: 100_000)

    private func failure(of source: String) -> TemplateError? {
        let request = ChatRequest(
            messages: [],
            variables: ["x": .string(Self.long), "n": 123_456_789]
        )
        do throws(TemplateError) {
            _ = try ChatTemplate(source: source).render(request, bosToken: nil, eosToken: nil)
            return nil
        } catch {
            return error
        }
    }

    /// Each repeats something costly for ever.
    @Test(arguments: [
        "x|upper", "x|lower", "x|title", "x|wordwrap(3)", "x|indent(1)", "x|tojson", "x|urlencode",
        "x|replace('a', 'bb')", "x.split()|length", "x.rsplit('a', 9)", "x.splitlines()", "x[::-1]",
        "x|sort|join", "x|unique|join", "x|list|string", "x.casefold()", "x.swapcase()",
        "x.find('q')",
        "x.rfind('q')", "x.count('q')", "x|e", "x|center(999999)", "x|batch(2)|list", "x|int",
        "x|float",
        "x % ()", "x.format()", "x.translate({97: 'b'})", "x.expandtabs()", "x|wordcount",
        "x == x ~ 'a'",
        "x in x", "n ** 1000", "(n ** 900)|string", "n ** 900 // n ** 450", "'%x' % n ** 900",
        "'9' * 4000", "('9' * 4000)|int", "[x]|tojson(indent=2)", "range(100000)|list",
        "range(100000)|map('string')|join", "range(100000)|sum", "range(99999)|sort(reverse=true)",
        "range(30000)|groupby(0)", "[[]] * 10000", "{1: 2}.keys() == {1: 2}.keys()", "'%9999d' % 1",
        "'{:9999}'.format(1)", "[1] + [2]", "x|trim('a')", "x|truncate(9, false, '', 0)",
        "x.isalpha()",
        "x|filesizeformat", "x|reverse", "x ~ x", "x * 3", "x|min", "dict(a=1)", "namespace(a=x)",
    ])
    func everyOperationRunsOutOfFuel(_ operation: String) throws {
        let source = """
            {% for i in range(1000) %}{% for j in range(1000) %}{% set y = \(operation) %}\
            {% endfor %}{% endfor %}
            """
        var found: TemplateError?
        let elapsed = processorTime { found = failure(of: source) }
        #expect(try #require(found).code == .limit || found?.code == .runtime)
        #expect(elapsed < 0.5, "\(operation): \(elapsed)")
    }

    @Test(arguments: [
        "{{ 10 ** 100000 }}", "{{ 2 ** 2 ** 99 ** 99 }}", "{{ 9 ** 9999 }}",
        "{{ '%99999999d' % 1 }}",
        "{{ '{:99999999}'.format(1) }}", "{{ '%.99999999f' % 1 }}", "{{ 'a'.center(999999999) }}",
        "{{ 'a'|indent(999999999) }}", "{{ range(100001) }}", "{{ 'ab'.expandtabs(9) * 99999999 }}",
        "{{ 10 ** 5000 }}", "{{ [1]|tojson(indent=1)|center(99999999) }}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% macro m() %}{% call m() %}{% endcall %}{{ caller() }}{% endmacro %}{{ m() }}",
        "{% set n = namespace(g=[1]) %}{% for i in range(999) %}{% set n.g = n.g|map('abs') %}{% endfor %}{{ n.g|list }}",
    ])
    func largeResultsAreRefused(_ source: String) throws {
        var found: TemplateError?
        let elapsed = processorTime { found = failure(of: source) }
        #expect(try #require(found).code == .limit, "\(String(describing: found))")
        #expect(elapsed < 0.5)
    }

    @Test(arguments: [
        ("{% include 'a' %}", "include"), ("{% import 'a' as b %}", "import"),
        ("{% from 'a' import b %}", "from"), ("{% extends 'a' %}", "extends"),
        ("{% block a %}{% endblock %}", "block"), ("{% do f() %}", "do"),
        ("{{ 'a'|urlize }}", "urlize"),
        ("{{ {}|xmlattr }}", "xmlattr"), ("{{ 'a'|striptags }}", "striptags"),
        ("{{ 'a'|random }}", "random"), ("{{ 'a'|pprint }}", "pprint"),
        ("{{ lipsum() }}", "lipsum"),
        ("{{ 'a'.encode() }}", "encode"), ("{{ 'a'|nosuch }}", "nosuch"),
        ("{{ 1 is nosuch }}", "nosuch"),
    ])
    func whatIsRefusedIsNamed(_ source: String, _ name: String) throws {
        let error = try #require(failure(of: source))
        #expect(error.message.contains("'\(name)'"), "\(error)")
        #expect(error.line == 1 && error.sourceLine == source)
    }

    @Test(arguments: [
        "{{ 1 + '1' }}", "{{ missing.x }}", "{{ [1, 'a']|sort }}",
        "{{ 'a'.split(1) }}",
        "{{ raise_exception('no') }}", "{{ 1 // 0 }}", "{{ range('a') }}",
    ])
    func errorsWhileRenderingSayWhere(_ failing: String) throws {
        let error = try #require(failure(of: "first\n  \(failing)\nlast"))
        #expect(error.line == 2 && error.column >= 3)
        #expect(error.sourceLine == "  \(failing)")
    }

    /// Large templates parse in linear time or are refused.
    @Test(arguments: [
        "{{ a }}", "{% if a %}{% endif %}", "{# c #}", "a\n", "{{ f(a=1) }}", "{% set a = 1 %}",
        "{",
        "{{ 'a' }}", "{% raw %}{% endraw %}", "{% for a in b %}{% endfor %}",
    ])
    func largeTemplatesTakeLittleTime(_ piece: String) {
        let count = (Limits.templateBytes - 100) / piece.utf8.count
        let source = String(repeating: piece, count: count)
        let elapsed = processorTime { _ = try? ChatTemplate(source: source) }
        #expect(elapsed < 2, "\(piece): \(elapsed)")
    }

    @Test(arguments: [
        "a|b", "a,", "a+", "a.b", "a or ", "'a' ", "{'a':1},", "f(a=1,", "-", "not ",
        "a if b else ",
    ])
    func longExpressionsTakeLittleTime(_ piece: String) {
        let source = "{{ " + String(repeating: piece, count: 900_000 / piece.utf8.count) + " }}"
        let elapsed = processorTime { _ = try? ChatTemplate(source: source) }
        #expect(elapsed < 2, "\(piece): \(elapsed)")
    }
}

/// Seconds of processor time that `body` takes on this thread, whatever else runs.
private func processorTime(_ body: () -> Void) -> Double {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let start = now()
    body()
    return now() - start
}
