import ChatTemplates
import Core
import Testing

@Suite struct ChatTemplateTests {
    private func render(_ source: String, _ variables: JSONObject = [:]) throws -> RenderedPrompt {
        let request = ChatRequest(
            messages: [["role": "user", "content": "<|im_end|>"]],
            variables: variables
        )
        return try ChatTemplate(source: source).render(request, bosToken: "<s>", eosToken: nil)
    }

    /// The parts of a rendering that count as input, each in brackets.
    private func marked(_ source: String, _ variables: JSONObject = [:]) throws -> String {
        let prompt = try render(source, variables)
        var bytes = Array(prompt.text.utf8)
        for range in prompt.inputRanges.reversed() {
            bytes.insert(UInt8(ascii: "]"), at: range.upperBound)
            bytes.insert(UInt8(ascii: "["), at: range.lowerBound)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("{{ bos_token }}a{{ messages[0].content }}b", "<s>a[<|im_end|>]b"),
        ("{{ 'x' + x + 'y' ~ x }}", "x[hi]y[hi]"),
        ("{{ x }}{{ x }}", "[hihi]"),
        ("{{ ('ab' + x)[1:3] | upper }}", "B[H]"),
        ("{{ ('  ' + x + ' ') | trim }}!", "[hi]!"),
        ("{{ 'a-b' | replace('-', x) }}", "a[hi]b"),
        ("{{ ['a', x] | join('+') }}", "a+[hi]"),
        ("{{ x | tojson }}", "[\"hi\"]"),
        ("{{ {'k': 'v'} | tojson }}", "{\"k\": \"v\"}"),
        ("{{ ('a\n' + x) | indent(2) }}", "a\n  [hi]"),
        ("{% set t %}<{{ x }}>{% endset %}{{ t }}", "<[hi]>"),
        ("{% macro m(v) %}({{ v }}){% endmacro %}{{ m(x) }}", "([hi])"),
        ("{% filter upper %}a{{ x }}{% endfilter %}", "A[HI]"),
        ("{{ [x] }}", "[['hi']]"),
        ("{{ '%s!' | format(x) }}", "[hi]!"),
        ("{{ x.split('i')[0] }}{{ x[::-1] }}", "[hih]"),
        ("{% for c in x %}{{ c }}.{% endfor %}", "[h].[i]."),
        ("{% for k in d %}{{ k }}{% endfor %}", "[key]"),
    ])
    func inputStaysMarked(_ source: String, _ expected: String) throws {
        #expect(try marked(source, ["x": "hi", "d": ["key": 1]]) == expected)
    }

    @Test func errorsSayWhere() {
        do throws(TemplateError) {
            _ = try ChatTemplate(source: "a\nb {{ 1 + }}\nc")
            Issue.record("accepted")
        } catch {
            #expect(error.code == .syntax)
            #expect(error.line == 2)
            #expect(error.column == 10)
            #expect(error.sourceLine == "b {{ 1 + }}")
        }
    }

    @Test(arguments: [
        ("{{ raise_exception('not so') }}", TemplateError.Code.raised),
        ("{{ x.y.z }}", .runtime),
        ("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", .limit),
        ("{{ 'a' * 999999999999 }}", .limit),
        ("{{ [0] * 999999999999 }}", .limit),
        ("{{ range(-9223372036854775807, 9223372036854775807) }}", .limit),
        ("{{ 9 ** 99999 }}", .limit),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", .limit),
        (
            "{% set n = namespace(x='aaaaaaaa') %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
            .limit
        ),
        (
            "{% set n = namespace(x=1) %}{% for i in range(9999) %}{% set n.x = [n.x] %}{% endfor %}",
            .limit
        ),
    ])
    func hostileTemplatesEnd(_ source: String, _ code: TemplateError.Code) {
        let clock = ContinuousClock()
        let elapsed = clock.measure {
            do throws(TemplateError) {
                let request = ChatRequest(messages: [])
                _ = try ChatTemplate(source: source).render(request, bosToken: nil, eosToken: nil)
                Issue.record("accepted \(source)")
            } catch {
                #expect(error.code == code, "\(error)")
            }
        }
        #expect(elapsed < .seconds(2), "\(source)")
    }

    @Test(arguments: ["(", "[", "{{", "not ", "-", "{% if 1 %}", "a.", "x|f(", "{% for i in ["])
    func deepNestingIsRefused(_ piece: String) {
        let prefix = piece.hasPrefix("{") ? "" : "{{ "
        let source = prefix + String(repeating: piece, count: 20_000)
        #expect(throws: TemplateError.self) { try ChatTemplate(source: source) }
    }

    @Test func aTemplateThatIsTooLongIsRefused() {
        let source = String(repeating: "x", count: Limits.templateBytes + 1)
        #expect(throws: TemplateError.self) { try ChatTemplate(source: source) }
    }

    @Test func longChainsNeedNoStack() throws {
        let sum = "{{ " + String(repeating: "1 + ", count: 20_000) + "1 }}"
        #expect(try render(sum).text == "20001")
        let cycle = """
            {% set h = namespace() %}{% set h.h = h %}{% set h.n = none %}
            {%- for i in range(20000) %}{% set h.n = namespace(prior=h.n) %}{% endfor %}ok
            """
        #expect(try render(cycle).text == "ok")
    }
}
