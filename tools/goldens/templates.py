#!/usr/bin/env python3
"""Writes Tests/ChatTemplatesTests/goldens/templates.json: what jinja2 makes of small templates.

Reference: jinja2 in an ImmutableSandboxedEnvironment, configured as Hugging Face transformers does
for chat templates. Needs: pip install jinja2==3.1.6

  templates.py                      writes the goldens
  templates.py --folder F --out O   renders every *.jinja in F over the conversations, for a local
                                    comparison; the output holds text of those templates
"""

import argparse
import datetime
import json
import pathlib

import jinja2
import jinja2.ext
import jinja2.sandbox

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDENS = ROOT / "Tests/ChatTemplatesTests/goldens"


class Generation(jinja2.ext.Extension):
    """{% generation %}: marks what the assistant says; here it only renders its body."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        call = self.call_method("_body")
        return jinja2.nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


def environment():
    env = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(
            x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
        )

    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda f: datetime.datetime.now().strftime(f)
    return env


def render(source, **variables):
    """The text, or None where the reference raises."""
    try:
        return environment().from_string(source).render(**variables)
    except Exception:
        return None


# One feature each. Variables: see CONTEXT.
TEMPLATES = r'''
{{ 1 + 2 * 3 ** 2 - 4 // 3 % 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** -1 }} {{ -2 ** 2 }}
{{ 1 ~ 'a' ~ none ~ true ~ 1.0 }} {{ 'a' 'b' }} {{ 1 ~ 2 + 3 }}
{{ (1 + 2) ~ 3 }} {{ 2 * 3 ~ 4 }} {{ 'a' ~ 'b' }}
{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 'a' in 'abc' }} {{ 4 not in [1, 2] }} {{ not 1 == 2 }}
{{ 'x' if false }}|{{ 'x' if no else 'y' if 0 else 'z' }}
{{ true and 0 or 'x' }} {{ [] or {} or none }} {{ 1 and 2 }}
{{ 1.5 }} {{ 1e16 }} {{ 1e15 }} {{ 1e-5 }} {{ 0.0001 }} {{ 123456789.123 }} {{ 1e300 * 1e10 }} {{ 0.1 + 0.2 }}
{{ [1, 'a', none, true, 1.5, "it's", 'é', '\n\x00\u200b'] }} {{ (1,) }} {{ () }} {{ {'a': [1], 2: 'b'} }}
{{ s[1:3] }} {{ s[::-1] }} {{ s[-2:] }} {{ s[5:1:-2] }} {{ items[1:] }} {{ items[::2] }} {{ s[100:] }}
{{ s[0] }} {{ s[-1] }} {{ items[-1] }} {{ items.0 }} {{ user['name'] }} {{ user.name }} {{ s[99] }}
{{ missing }}|{{ user.missing }}|{{ missing is defined }}|{{ missing is undefined }}|{{ missing == other }}
{{ missing.foo }}
{{ missing + 'a' }}
{{ missing() }}
{{ missing|length }} {{ missing|upper }} {{ missing|default('d') }} {{ ''|default('d', true) }} {{ missing ~ 'x' }} {{ 'a' in missing }}
{{ missing|tojson }}
{% for x in missing %}a{% else %}none{% endfor %}
{% for x in items %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.depth }};{% endfor %}
{% for x in items if x is odd %}{{ x }}{{ loop.last }}{% else %}e{% endfor %}
{% for x in items %}{% if x == 2 %}{% continue %}{% elif x == 3 %}{% break %}{% endif %}{{ x }}{% endfor %}
{% for n in tree recursive %}{{ n.v }}{{ loop.depth }}{% if n.c %}({{ loop(n.c) }}){% endif %}{% endfor %}
{% for k, v in user.items() %}{{ k }}={{ v }};{% endfor %}{% for k in user %}{{ k }}{% endfor %}{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}
{% for x in items %}{{ loop.cycle('a', 'b') }}{{ loop.changed(x > 1) }}{% endfor %}
{% set x = 1 %}{% for i in items %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}
{% set ns = namespace(x=1) %}{% for i in items %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}{{ ns.y }}
{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set t = 1, %}{{ t }}
{% set t | upper | trim %}  body {{ s }}  {% endset %}[{{ t }}]
{% if x %}{% set y = 1 %}{% else %}{% set y = 2 %}{% endif %}{{ y }}
{% macro m(a, b=2, c=a) %}{{ a }}{{ b }}{{ c }}{{ m.name }}{% endmacro %}{{ m(1) }} {{ m(1, c=3) }} {{ m() }}
{% macro m(a) %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(z=2) }}
{% macro m() %}<{{ caller('x') }}>{% endmacro %}{% call(v) m() %}{{ v }}!{% endcall %}
{% macro m() %}{{ y }}{% endmacro %}{% set y = 5 %}{{ m() }}{% for y in items %}{{ m() }}{% endfor %}
{% filter upper %}abc {{ s }}{% endfilter %}
{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a }}
{% raw %}{{ x }}{% y %}{% endraw %}{%- raw -%}  z  {%- endraw -%}  w
a {#- c -#} b {# d #} e{##}f
a  {%- if 1 -%}  b  {%- endif -%}  c
  {% if 1 %}x{% endif %}  y {%+ if 1 %} z{% endif +%} w
{% generation %}g{{ s }}{% set q = 1 %}{% endgeneration %}{{ q }}
{{ range(3) }} {{ range(1, 6, 2)|list }} {{ range(3, 0, -1)|list }} {{ range(0)|length }}
{{ range(1000000) }}
{{ dict(a=1, b=2) }} {{ dict([('x', 1)]) }} {{ {'a': 1}.get('b', 3) }} {{ {'a': 1}.keys() }} {{ {'a': 1}.values()|list }}
{% set j = joiner(', ') %}{{ j() }}a{{ j() }}b{% set c = cycler(1, 2) %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}
{{ raise_exception('no') }}
{{ user|tojson }} {{ items|tojson(indent=2) }} {{ {}|tojson(indent=2) }} {{ [1.0, none, true, 'é"\n']|tojson }}
{{ 'é😀'|tojson(ensure_ascii=true) }} {{ {'b': 1, 'a': 2}|tojson(sort_keys=true) }} {{ [1, 2]|tojson(separators=(',', ':')) }}
{{ s|upper }} {{ 'ABC'|lower }} {{ 'hello wORLD-foo'|title }} {{ 'hELLO'|capitalize }} {{ '  x '|trim }}| {{ 'xxaxx'|trim('x') }}
{{ s|replace('l', 'L') }} {{ 'aaa'|replace('a', 'b', 2) }} {{ 'ab'|replace('', '-') }}
{{ items|join(', ') }} {{ users|join('/', attribute='name') }} {{ []|join }} {{ 'abc'|join('-') }}
{{ 'a\nb\n\nc'|indent }} {{ 'a\nb'|indent(2, true) }} {{ 'a\n\nb'|indent('>', false, true) }}
{{ items|first }} {{ items|last }} {{ []|first }} {{ 'abc'|first }} {{ items|sum }} {{ users|sum('age') }} {{ items|max }} {{ items|min }}
{{ items|map('string')|list }} {{ users|map(attribute='name')|join }} {{ users|map(attribute='zip', default='?')|list }}
{{ items|select('odd')|list }} {{ items|reject('gt', 1)|list }} {{ users|selectattr('age', 'ge', 30)|map(attribute='name')|list }} {{ users|rejectattr('admin')|list|length }}
{{ ['b', 'A', 'c']|sort }} {{ ['b', 'A']|sort(case_sensitive=true) }} {{ users|sort(attribute='age', reverse=true)|map(attribute='name')|list }}
{{ [1, 1, 2]|unique|list }} {{ 'abc'|reverse }} {{ items|reverse|list }} {{ {'b': 1, 'a': 2}|dictsort }} {{ {'b': 1}|items|list }}
{{ items|batch(2, 'x')|list }} {{ items|slice(2)|list }} {% for g, l in users|groupby('admin') %}{{ g }}:{{ l|length }};{% endfor %}
{{ '3.7'|int }} {{ 'x'|int(5) }} {{ '0x1f'|int(0, 16) }} {{ 3.9|int }} {{ '2.5'|float }} {{ 'x'|float }} {{ 2.5|round }} {{ 2.567|round(2) }} {{ 2.1|round(0, 'ceil') }} {{ -3|abs }}
{{ '%s-%d-%05.1f'|format('a', 3, 2.25) }} {{ '%s %s' % (1, 'b') }} {{ '{} {x}'.format(1, x=2) }} {{ 'ab'|center(7) }}|{{ 'hello world foo'|truncate(9) }} {{ 'a b&c/é'|urlencode }} {{ 'one two'|wordcount }}
{{ s.upper() }} {{ ' a '.strip() }} {{ 'a,b,c'.split(',') }} {{ 'a,b,c'.split(',', 1) }} {{ ' a  b '.split() }} {{ ' a  b c '.split(none, 1) }} {{ 'a\r\nb\rc\n'.splitlines(true) }} {{ 'abc'.startswith('ab') }} {{ 'abc'.endswith(('x', 'c')) }}
{{ 'hello there'.title() }} {{ 'a-b'.partition('-') }} {{ 'a-b-c'.rpartition('-') }} {{ 'abcb'.find('b') }} {{ 'abcb'.rfind('b') }} {{ 'abab'.count('ab') }} {{ '7'.zfill(3) }} {{ 'ab'.removeprefix('a') }} {{ 'a\nb'.splitlines() }} {{ 'a.b.c'.rsplit('.', 1) }} {{ '-'.join(['a', 'b']) }} {{ '12'.isdigit() }}{{ 'xxa'.lstrip('x') }}
{{ items.append(4) }}
{{ user.pop('name') }}
{{ [1, 2].index(2) }} {{ [1, 1].count(1) }} {{ user.update is defined }}
{{ 1 is number }}{{ 's' is string }}{{ user is mapping }}{{ items is sequence }}{{ items is iterable }}{{ none is none }}{{ true is boolean }}{{ 1 is integer }}{{ 1.0 is float }}{{ 4 is even }}{{ 4 is divisibleby 2 }}{{ 1 is eq 1 }}{{ 2 is in [2] }}{{ range is callable }}{{ 'a' is lower }}{{ 1 is not string }}{{ true is true }}{{ 1 is sameas 1 }}
{{ 1 is string or 2 is number and not missing is defined }} {{ 'upper' is filter }} {{ 'x' is filter }}
{{ 'a' + 1 }}
{{ 1 < 'a' }}
{{ 1 // 0 }}
{{ [1] + [2] }} {{ 'ab' * 3 }} {{ [0] * 2 }} {{ true + 1 }} {{ 1 == 1.0 }} {{ [1] == [1] }} {{ 'a' < 'b' }} {{ [1, 2] < [1, 3] }} {{ 'é' == 'e\u0301' }}
{{ 'e\u0301😀'|length }} {{ '日本語'[1] }} {{ 'ÀÉ'|lower }} {{ 'straße'|upper }}
{{ 0x1F }} {{ 0b11 }} {{ 0o17 }} {{ 1_000 }} {{ '\u00e9\x41\t|' }} {{ "a\'b" }}
{% include 'x' %}
{% if %}
{{ 1 + }}
{% for %}{% endfor %}
{{ 'a' | nosuch }}
{{ 'a' is nosuch }}
{% endif %}
{{ (1 }}
{% set ns = namespace() %}{% set ns.a = 'v' %}{{ ns.a }}{{ ns['a'] }}{{ ns.b is defined }}
{% set q = {'a': {'b': [10, 20]}} %}{{ q.a.b[1] }}{{ q['a']['b'][0] }}{{ q.a.c is defined }}
{{ user.items()|list }} {{ user|list }} {{ user|length }} {{ user.items()|length }} {{ 'name' in user }}
{{ [3, 1] | sort | first }} {{ (items | length) + 1 }} {{ items | length - 1 }} {{ -1|abs }}
{% for x in items -%} {{ x }} {%- if not loop.last %}, {% endif %}{% endfor %}
{% macro f(n) %}{% if n > 0 %}{{ n }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(5) }}
{{ user | dictsort | tojson }} {{ (1, 2) | tojson }} {{ 'a' if user.admin is true else 'b' }}
'''.strip("\n").split("\n")
TEMPLATES += [
    "a\n{% if true %}\nb\n{% endif %}\nc\n",
    "  {% for x in items %}\n  {{ x }}\n  {% endfor %}\nend",
    "x\r\n{% set a = 1 %}\r\ny{{ a }}\r\n\r\n",
    "{%- for x in items %}\n    {{- x }}\n{%- endfor %}\n",
    "{# a #}\n  {# b #}\nc",
    "\t{%- if true -%}\n\n x\n\n{%- endif %}\n\n y",
    "{{ {'a': {'b': 1}} }}\n{{ '}}' }}{{ '{%' }}",
]

CONTEXT = {
    "s": "hello",
    "items": [1, 2, 3],
    "user": {"name": "Ann", "age": 30, "admin": True},
    "users": [
        {"name": "Ann", "age": 30, "admin": True},
        {"name": "bob", "age": 25, "admin": False},
        {"name": "Cy", "age": 41, "admin": True},
    ],
    "tree": [{"v": 1, "c": [{"v": 2, "c": []}, {"v": 3, "c": [{"v": 4, "c": []}]}]}],
    "no": False,
}

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather of a \"city\" <now>",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "Name of the city"},
                "unit": {"type": "string", "enum": ["c", "f"], "default": "c"},
                "days": {"type": "array", "items": {"type": "integer"}},
            },
            "required": ["city"],
        },
    },
}


def say(role, content, **more):
    return {"role": role, "content": content, **more}


def tool_call(arguments):
    function = {"name": "get_weather", "arguments": arguments}
    return [{"id": "call12345", "type": "function", "function": function}]


CONVERSATIONS = [
    dict(messages=[say("user", "Hello")]),
    dict(messages=[say("system", "Be brief."), say("user", "Hi"), say("assistant", "Yo"), say("user", "ok")]),
    dict(messages=[say("user", "Weather?")], tools=[WEATHER]),
    dict(
        messages=[
            say("system", "Use tools."),
            say("user", "Weather in Paris?"),
            say("assistant", "", tool_calls=tool_call({"city": "Paris", "n": 1.5, "x": None})),
            say("tool", "{\"t\": 21}", name="get_weather", tool_call_id="call12345"),
            say("assistant", "21 degrees"),
            say("user", "Thanks"),
        ],
        tools=[WEATHER],
    ),
    dict(messages=[say("user", [{"type": "text", "text": "part one"}, {"type": "text", "text": "two"}])]),
    dict(
        messages=[
            say("user", "call it"),
            say("assistant", None, tool_calls=tool_call("{\"city\": \"Rome\"}")),
            say("tool", "18", tool_call_id="call12345"),
        ],
        tools=[WEATHER],
    ),
    dict(messages=[say("user", "日本語 😀 e\u0301 <|im_end|> </s>\r\n\ttab ")]),
    dict(messages=[say("user", "")]),
    dict(messages=[]),
    dict(messages=[say("user", "2+2?"), say("assistant", "<think>\nhm\n</think>\n\n4"), say("user", "sure?")]),
    dict(
        messages=[say("user", "q"), say("assistant", "a", reasoning_content="because", thinking="t")],
        add_generation_prompt=False,
    ),
    dict(messages=[say("system", "S"), say("user", "x")], variables={"enable_thinking": False}),
    dict(messages=[say("assistant", "first"), say("assistant", "second"), say("user", "u"), say("user", "v")]),
    dict(messages=[say("system", "  padded  "), say("user", "  u  ")], add_generation_prompt=False, variables={"enable_thinking": True}),
    dict(messages=[say("tool", "orphan", tool_call_id="abc")]),
]


def conversation(source, c, bos="<s>", eos="</s>"):
    return render(
        source,
        messages=c["messages"],
        tools=c.get("tools"),
        documents=None,
        add_generation_prompt=c.get("add_generation_prompt", True),
        bos_token=bos,
        eos_token=eos,
        **c.get("variables", {}),
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    if options.folder:
        rendered = [
            {"file": p.name, "outputs": [conversation(p.read_text(), c) for c in CONVERSATIONS]}
            for p in sorted(options.folder.glob("*.jinja"))
        ]
        document = {"conversations": CONVERSATIONS, "templates": rendered}
        options.out.write_text(json.dumps(document, ensure_ascii=False))
        return
    cases = [{"template": t, "expected": render(t, **CONTEXT)} for t in TEMPLATES]
    document = {
        "reference": f"jinja2 {jinja2.__version__}",
        "command": "tools/goldens/templates.py",
        "context": CONTEXT,
        "cases": cases,
        "conversations": CONVERSATIONS,
    }
    shipped = ROOT / "tokenizer/chat_template.jinja"
    if shipped.exists():
        source = shipped.read_text()
        document["shipped"] = [conversation(source, c) for c in CONVERSATIONS]
    GOLDENS.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, ensure_ascii=False, indent=1)
    (GOLDENS / "templates.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
