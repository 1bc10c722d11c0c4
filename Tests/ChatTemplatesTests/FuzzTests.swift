import ChatTemplates
import Core
import Testing

/// Changed templates end with a text or an error, never in a crash.
@Suite struct FuzzTests {
    private static let seeds = [
        "{% for m in messages %}{{ '<|' + m.role + '|>' + m['content'] | trim }}{% endfor %}",
        "{% set ns = namespace(a=[1, 2.5, none]) %}{{ ns.a[::-1] | map('string') | join(', ') }}",
        "{% macro f(a, b='x') %}{{ a ~ b * 3 }}{% endmacro %}{{ f(1) }}{% call f(2) %}{% endcall %}",
        "{%- if x is defined and x not in [1] -%}{{ x | tojson(indent=2) }}{%- else -%}-{%- endif -%}",
        "{{ 'a%sb' % (1 // 2 ** 3 - 4 % 3) }}{{ range(5) | batch(2) | list }}{# c #}{% raw %}{{{% endraw %}",
        "{{ '%5.2f|%-8s|%x' % (2.5, x, big) }}{{ '{:>{}}|{:,.2f}|{!r:^9}'.format(x, 9, 1e9, x) }}",
        "{{ big ** 9 // 7 % -3 }}{{ (x * 9)|wordwrap(3)|indent(2) }}{{ x|e + '<' }}{{ x.rsplit(none, 1) }}",
        "{{ [d, x]|map('length')|select('odd')|list }}{{ x.find('a', 1, -1) }}{{ range(9)[::-2]|groupby(0) }}",
        "{% for a, b in d.items() recursive %}{{ loop.index }}{% break %}{% endfor %}{{ d | dictsort }}",
    ]

    @Test func mutationsNeverCrash() {
        var random = SplitMix(state: 7)
        let variables: JSONObject = [
            "x": "é😀", "d": ["k": [1, ["n": .null]]], "big": 9_223_372_036_854_775_807,
        ]
        let request = ChatRequest(
            messages: [["role": "user", "content": "hi"]],
            variables: variables
        )
        var rendered = 0
        for round in 0..<3000 {
            let source = mutate(Self.seeds[round % Self.seeds.count], &random)
            let result = try? ChatTemplate(source: source).render(
                request,
                bosToken: nil,
                eosToken: nil
            )
            if result != nil { rendered += 1 }
        }
        #expect(rendered > 0)
    }

    private func mutate(_ seed: String, _ random: inout SplitMix) -> String {
        var bytes = Array(seed.utf8)
        let other = Array(Self.seeds.randomElement(using: &random)?.utf8 ?? "".utf8)
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.remove(at: place)
            case 1: bytes[place] = UInt8.random(in: 0x20...0x7E, using: &random)
            case 2:
                let start = Int.random(in: 0..<other.count, using: &random)
                bytes.insert(contentsOf: other[start..<min(start + 12, other.count)], at: place)
            default: bytes.insert(contentsOf: Array("9223372036854775807".utf8), at: place)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
