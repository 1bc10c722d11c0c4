"""Small templates, one language feature each: what templates.py renders for its goldens.

Variables: see CONTEXT in templates.py.
"""

TEMPLATES = r'''
{{ 1 + 2 * 3 ** 2 - 4 // 3 % 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** -1 }} {{ -2 ** 2 }}
{{ 1 ~ 'a' ~ none ~ true ~ 1.0 }} {{ 'a' 'b' }}
{{ 1 ~ 2 + 3 }}
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

# Statements.
TEMPLATES += r'''
{% for i in items %}{% if i == 1 %}{% continue %}{% endif %}{% break %}{% else %}never finished a round{% endfor %}
{% for i in items %}{% continue %}{% else %}else{% endfor %}
{% for i in items %}{{ i }}{% else %}else{% endfor %}
{% for i in [] %}{{ i }}{% else %}{{ loop is defined }}{% endfor %}
{% for i in items %}{% for j in items %}{{ loop.index }}{{ i }}{% endfor %}{{ loop.index }};{% endfor %}
{% for i in items %}{% set outer = loop %}{% for j in [1, 2] %}{{ outer.index }}.{{ loop.index }} {% endfor %}{% endfor %}
{% for a, b in [[1, 2], [3]] %}{{ a }}{% endfor %}
{% for a, b in [[1, 2], 'xy', {'k': 1, 'l': 2}] %}{{ a }}{{ b }}{% endfor %}
{% for (a, b), c in [((1, 2), 3)] %}{{ a + b + c }}{% endfor %}
{% for a, in [[1], [2]] %}{{ a }}{% endfor %}
{% for x in 5 %}{% endfor %}
{% for x in none %}{% endfor %}
{% for x in 'añ😀' %}{{ x }}.{% endfor %}
{% for x in 1, 2, 3 %}{{ x }}{% endfor %}
{% for x in items if x > 1 if x < 3 %}{{ x }}{% endfor %}
{% for x in (items if true else []) %}{{ x }}{% endfor %}
{% for x in items if x != 2 %}{{ loop.index }}/{{ loop.length }}{{ loop.previtem is defined }}{{ loop.nextitem }} {% endfor %}
{% for x in items if loop.first %}{{ x }}{% endfor %}
{% for x in items recursive %}{{ loop.depth0 }}{{ x }}{% if x is number and x < 2 %}{{ loop([5, 6]) }}{% endif %}{% endfor %}
{% for x in [[1, [2]], [3]] recursive %}{% if x is iterable %}<{{ loop(x) }}>{% else %}{{ x }}{{ loop.depth }}{% endif %}{% endfor %}
{% for x in items recursive %}{{ x }}{% else %}none{% endfor %}{% for x in [] recursive %}{{ x }}{% else %}none{% endfor %}
{% for x in items %}{{ loop(items) }}{% endfor %}
{% for x in items %}{% set loop = 1 %}{% endfor %}
{% for loop in items %}{% endfor %}
{% for x in items %}{{ loop.foo }}{{ loop.index is defined }}{% endfor %}
{% for x in items %}{{ loop.foo.bar }}{% endfor %}
{% for x in items|map('string') %}{{ loop.last }}{{ loop.length }}{{ loop.revindex }} {% endfor %}
{% for x in [1, 1, 2, 2, 1] %}{{ loop.changed(x) }} {% endfor %}{% for x in [1, 1] %}{{ loop.changed() }} {% endfor %}
{% for x in [1, 2, 3, 4] %}{{ loop.cycle('a', 'b', 'c') }}{% endfor %}
{% for x in [1] %}{{ loop.cycle() }}{% endfor %}
{% for x in items %}{% if loop.first %}{% set seen = x %}{% endif %}[{{ seen }}]{% endfor %}{{ seen }}
{% for k in user %}{{ k }}{{ user[k] }} {% endfor %}
{% for k, v in user|dictsort %}{{ k }}{{ v }} {% endfor %}{% for k, v in user|items %}{{ k }}{{ v }} {% endfor %}
{% for x in range(3) %}{% for y in range(3) %}{% if y == 1 %}{% break %}{% endif %}{{ x }}{{ y }} {% endfor %}{% endfor %}
{% for x in items %}{% with %}{% if x == 2 %}{% break %}{% endif %}{{ x }}{% endwith %}{% endfor %}
{% for x in items %}{% set y %}{{ x }}{% if x == 2 %}{% break %}{% endif %}{% endset %}{{ y }}{% endfor %}
{% for x in items %}{% filter upper %}a{% if x == 2 %}{% continue %}{% endif %}b{% endfilter %}{% endfor %}
{% break %}
{% continue %}
{% for x in items %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}
{% for x in items %}{% call f() %}{% break %}{% endcall %}{% endfor %}
{% for x in items %}{% generation %}{% break %}{% endgeneration %}{% endfor %}
{% for x in items %}{% else %}{% break %}{% endfor %}
{% if 0 %}a{% elif 0 %}b{% elif 1 %}c{% else %}d{% endif %}
{% if missing %}a{% else %}b{% endif %}{% if none %}a{% endif %}{% if '' %}a{% endif %}{% if [] %}a{% endif %}{% if {} %}a{% endif %}{% if 0.0 %}a{% endif %}{% if range(0) %}a{% endif %}
{% if 1, 2 %}tuple{% endif %}{% if () %}x{% endif %}
{% if items and user %}y{% endif %}{% if not (items and no) %}n{% endif %}
{% if 'x' if 1 else 0 %}y{% endif %}
{% if true %}{% set a = 1 %}{% set b = a + 1 %}{% endif %}{{ a }}{{ b }}
{% if false %}{% set a = 1 %}{% endif %}{{ a }}{{ a is defined }}
{% set s = s ~ '!' %}{{ s }}
{% set a = b = 1 %}
{% set (a, b) = 'xy' %}{{ a }}{{ b }}
{% set a, b = [1, 2, 3] %}
{% set a, (b, c) = 1, [2, 3] %}{{ a }}{{ b }}{{ c }}
{% set 1 = 2 %}
{% set a.b.c = 2 %}
{% set user.name = 2 %}
{% set true = 2 %}
{% set a %}x{% endset %}{% set b | replace('x', 'y') | upper %}{{ a }}z{% endset %}{{ b }}{{ b is string }}
{% set a %}{% set inner = 1 %}{{ inner }}{% endset %}{{ a }}{{ inner is defined }}
{% set ns = namespace(a=1, b=[]) %}{% set ns.b = ns.b + [2] %}{{ ns.b }}{{ ns.a }}{{ ns['a'] }}
{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }}{{ ns }}
{% set ns = namespace() %}{% set ns.x %}block{% endset %}{{ ns.x }}
{% set ns = namespace(a=1) %}{% set ns.a, y = 5, 6 %}{{ ns.a }}{{ y }}
{% set ns = namespace(_a=1) %}
{% set ns = namespace() %}{% set ns._a = 1 %}
{% set ns = namespace(items=3) %}{{ ns.items }}{{ ns.nothing is defined }}{{ ns|string|length > 3 }}
{% set ns = namespace(a=1) %}{% for x in ns %}{% endfor %}
{% set ns = namespace(a=1) %}{{ 'a' in ns }}
{% with %}{% set a = 1 %}{{ a }}{% endwith %}{{ a is defined }}
{% with a = 1, b = a %}[{{ b }}]{% endwith %}
{% with a, b = [1, 2] %}{{ a }}{{ b }}{% endwith %}
{% with a = 1 %}{% with a = 2 %}{{ a }}{% endwith %}{{ a }}{% endwith %}
{% filter upper | replace('A', 'b') %}aXa{% endfilter %}
{% filter replace('a', 'b') %}banana{% set q = 1 %}{% endfilter %}{{ q is defined }}
{% filter length %}abc{% endfilter %}
{% filter nosuch %}abc{% endfilter %}
{% macro m(a, b='x') %}{{ a }}|{{ b }}{% endmacro %}{{ m(1, b=2) }} {{ m(a=3) }} {{ m(*[1, 2]) }} {{ m(**{'a': 5}) }} {{ m(*[1], **{'b': 7}) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, a=2) }}
{% macro m(a, a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}
{% macro m(a=1, b) %}{% endmacro %}
{% macro m(a, b=a ~ '!') %}{{ b }}{% endmacro %}{{ m('x') }} {{ m(b='y') }}
{% macro m() %}{{ varargs|join('-') }}{{ varargs|length }}{% endmacro %}{{ m() }} {{ m(1, 2, 3) }}
{% macro m() %}{{ kwargs|dictsort }}{% endmacro %}{{ m(b=1, a=2) }}
{% macro m(x) %}{{ x is defined }}{{ x }}{% endmacro %}{{ m() }}
{% macro m(x) %}{{ x.y }}{% endmacro %}{{ m() }}
{% macro m(x, y=1) %}{% endmacro %}{{ m.name }} {{ m.arguments }} {{ m.catch_kwargs }} {{ m.catch_varargs }} {{ m.caller }} {{ m }}
{% macro m(x) %}{% if x %}{{ x }}{{ m(x - 1) }}{% endif %}{% endmacro %}{{ m(9) }}
{% macro m() %}{% set inner = 1 %}{{ s }}{{ inner }}{% endmacro %}{{ m() }}{{ inner is defined }}{{ m()|upper }}{{ m() ~ 1 }}{{ m()|length }}
{% macro outer() %}{% macro inner(x) %}<{{ x }}>{% endmacro %}{{ inner(1) }}{% endmacro %}{{ outer() }}{{ inner is defined }}
{% macro m(caller) %}{{ caller() }}{% endmacro %}
{% macro m(caller=none) %}{{ caller is none }}{% endmacro %}{{ m() }}
{% macro m() %}{{ caller() }}{{ caller() }}{% endmacro %}{% call m() %}x{% endcall %}
{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}
{% macro m() %}{% if caller %}c{{ caller() }}{% else %}none{% endif %}{% endmacro %}{{ m() }}{% call m() %}!{% endcall %}
{% macro m() %}no caller{% endmacro %}{% call m() %}x{% endcall %}
{% macro m(l) %}{% for i in l %}{{ caller(i, loop.index) }}{% endfor %}{% endmacro %}{% call(a, b=0) m(items) %}({{ a }}{{ b }}){% endcall %}
{% macro m() %}{{ caller(1) }}{% endmacro %}{% call(a, b='d') m() %}{{ a }}{{ b }}{% endcall %}
{% call s %}x{% endcall %}
{% call upper('x') %}x{% endcall %}
{% macro a() %}{{ caller() }}{% endmacro %}{% macro b() %}{% call a() %}{{ caller() }}{% endcall %}{% endmacro %}{% call b() %}deep{% endcall %}
{% macro a() %}<{{ caller() }}>{% endmacro %}{% macro b() %}{% set c = caller %}{% call a() %}{{ c() }}{% endcall %}{% endmacro %}{% call b() %}deep{% endcall %}
{% generation %}{{ s }}{% endgeneration %}{% generation %}{% for x in items %}{{ x }}{% endfor %}{% endgeneration %}
{% for x in items %}{% generation %}{{ x }}{{ loop.index }}{% endgeneration %}{% endfor %}
{% raw %}{{ a }}{% for %}{# c #}{% endraw %}{% raw %}{%- x -%}{%- endraw %}
{%- raw %} a {% endraw -%} b
{% raw %}a{% endraw
{# comment {{ x }} {% if %} #}x{# a #}{##}{#-#} y
{# unclosed
a{{ '{# no comment #}' }}{{ "{% raw %}" }}
{% if true %}unclosed
{% for x in items %}{% endif %}{% endfor %}
{% endfor %}
{% else %}
{% nosuchtag %}
{% do items.append(1) %}
{% if a b %}{% endif %}
{% for x y in items %}{% endfor %}
{% for x in %}{% endfor %}
{% set %}
{% macro %}{% endmacro %}
{{ }}
{{ a b }}
{{ a. }}
{{ a| }}
{{ a is }}
{{ (a, }}
{{ [1, 2 }}
{{ {'a' 1} }}
{{ {1: 2, }} }}
{{ 'a }}
{{ a ? b }}
{{ a $ b }}
{{ a & b }}
{{ a ! b }}
{{ a; b }}
{{ 1..2 }}
{{ a = 1 }}
{{ not }}
{{ if }}
{{ 1 if }}
{{ 1 if 1 else }}
{{ f(a=1, 2) }}
{{ dict(a=1, a=2) }}
{{ dict(**{'a': 1}, b=2) }}
{{ dict(*[], **{'a': 1}) }}{{ range(*[1, 4])|list }}
{{ a[ }}
{{ items[1:2, 0] }}
'''.strip("\n").split("\n")

# Expressions.
TEMPLATES += r'''
{{ 2 ** 3 ** 2 }} {{ (2 ** 3) ** 2 }} {{ -2 ** 2 }} {{ 2 ** -1 }} {{ 2 * -3 }} {{ - - 3 }} {{ +3 }} {{ -(-3) }} {{ not not 1 }}
{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 // -2 }} {{ 7 % -3 }} {{ -7 % 3 }} {{ 7.5 // 2 }} {{ -7.5 // 2 }} {{ 7.5 % 2 }} {{ -7.5 % 2 }} {{ 7 % 2.5 }} {{ 1e308 * 10 }} {{ -1e308 * 10 }}
{{ 1 / 2 }} {{ 4 / 2 }} {{ 1 / 3 }} {{ 2 / 3 }} {{ 10 / 4 }}
{{ 1 / 0 }}
{{ 1 % 0 }}
{{ 1.0 // 0 }}
{{ 0 ** -1 }}
{{ 0.0 ** -1 }}
{{ 2 ** 0.5 }} {{ 2.0 ** 3 }} {{ 10 ** 20 }} {{ 2 ** 64 }} {{ 2 ** 100 }} {{ -2 ** 63 }} {{ 9223372036854775807 + 1 }} {{ -9223372036854775807 - 2 }} {{ 9223372036854775807 * 3 }}
{{ 123456789012345678901234567890 }} {{ -123456789012345678901234567890 }} {{ 0xffffffffffffffffffffff }} {{ 1_000_000_000_000_000_000_000 }} {{ 0b1_1 }} {{ 0o7_7 }} {{ 00 }} {{ 0_0 }}
{{ 10 ** 30 // 7 }} {{ 10 ** 30 % 7 }} {{ -(10 ** 30) // 7 }} {{ -(10 ** 30) % 7 }} {{ 10 ** 30 // -7 }} {{ 10 ** 30 % -7 }} {{ 10 ** 30 // 10 ** 28 }} {{ (10 ** 30 + 17) % (10 ** 15 + 3) }}
{{ 10 ** 30 - 10 ** 30 + 5 }} {{ 10 ** 30 * 10 ** 30 }} {{ 10 ** 30 / 10 ** 29 }} {{ 10 ** 25 / 3 }} {{ 10 ** 30 + 0.5 }}
{{ 10 ** 400 * 1.0 }}
{{ 10 ** 30 > 10 ** 29 }} {{ 10 ** 30 == 10 ** 30 }} {{ 10 ** 30 == 1e30 }} {{ 2 ** 100 == 2.0 ** 100 }} {{ 10 ** 30 < 1e31 }} {{ 10 ** 30 in [1, 10 ** 30] }} {{ {10 ** 30: 'v'}[10 ** 30] }} {{ 9007199254740993 == 9007199254740992.0 }} {{ 9007199254740993 > 9007199254740992.0 }}
{{ (10 ** 30)|string }} {{ (10 ** 30)|int }} {{ 1e30|int }} {{ '123456789012345678901234567890'|int }} {{ (10 ** 30)|float }} {{ [10 ** 30]|tojson }} {{ (-10 ** 30)|abs }} {{ (10 ** 30)|round(-2) }} {{ '%d' % 10 ** 30 }} {{ '%x' % 2 ** 70 }} {{ (10 ** 30) is integer }} {{ (10 ** 30) is odd }} {{ (10**30) is divisibleby 3 }} {{ -(2 ** 63) }}
{{ [3, 10 ** 20, 5]|sort }} {{ [10 ** 20, 1]|sum }} {{ [10 ** 20, 1]|max }}
{{ 'a' * 10 ** 20 }}
{{ items[10 ** 20] }} {{ items[:10 ** 20] }} {{ 'abc'[-10 ** 20:] }}
{{ 1 < 2 <= 2 != 3 > 2 >= 2 == 2 }} {{ 3 > 2 > 2 }} {{ 1 == 1.0 == true }}
{{ 1 < 'a' < 2 }}
{{ 'a' < 'b' < 'c' }} {{ 'a' in 'abc' in ['abc'] }} {{ 1 in [1] == true }} {{ not 1 in [2] }} {{ 1 not in [2] and 2 in [2] }}
{{ 1 == '1' }} {{ none == false }} {{ [] == () }} {{ [1] == (1,) }} {{ {'a': 1} == {'a': 1.0} }} {{ 'a' == 'a' }} {{ missing == missing2 }} {{ missing != none }} {{ 1 != 1.0 }} {{ true == 1 }} {{ range(3) == range(0, 3) }} {{ [1, [2]] == [1, [2.0]] }}
{{ none < 1 }}
{{ {} < {} }}
{{ [1] < (1,) }}
{{ [1, 'a'] < [1, 2] }}
{{ (1, 2) < (1, 3) }} {{ [] < [1] }} {{ true < 2 }} {{ 1.5 < 2 }} {{ 'Z' < 'a' }} {{ 'é' > 'z' }} {{ '' < 'a' }}
{{ missing < 1 }}
{{ 1 + missing }}
{{ missing ~ 'x' ~ missing }} {{ missing or 'd' }} {{ missing and 1 }} {{ not missing }} {{ missing in [1] }} {{ 1 in missing }} {{ missing|string }}|{{ [missing] }} {{ missing is sameas missing }}
{{ missing in 'abc' }}
{{ missing[0] }}
{{ missing.a }}
{{ user.a.b }}
{{ user['a']['b'] }}
{{ -missing }}
{{ missing * 2 }}
{{ missing % 2 }}
{{ '%s' % missing }} {{ 'a' ~ user.nothing }} {{ '%s-%s' % (missing, 1) }}
{{ missing|int }}
{{ missing|abs }}
{{ missing|round }}
{{ missing|float }}
{{ missing|list }} {{ missing|join }} {{ missing|first }} {{ missing|last }} {{ missing|sum }} {{ missing|sort }} {{ missing|unique|list }} {{ missing|map('upper')|list }} {{ missing|select|list }} {{ missing|length }} {{ missing|items|list }} {{ missing|trim }} {{ missing|title }} {{ missing|wordcount }} {{ missing|replace('a', 'b') }} {{ missing|batch(2)|list }} {{ missing|min }} {{ missing|groupby('a') }} {{ missing|capitalize }}
{{ missing|reverse|list }}
{{ missing|dictsort }}
{{ missing|indent }}
{{ missing|truncate }}
{{ missing|format(1) }}
{{ missing|attr('a') }}
{{ s.__class__ }}|{{ s.__class__ is defined }}|{{ user._x }}|{{ {'_a': 1}._a }}|{{ {'_a': 1}['_a'] }}
{{ s.__class__.__mro__ }}
{{ (none).x }}|{{ none['x'] }}|{{ 5.x }}
{{ (5).x }}|{{ (5)[0] }}|{{ true.x }}|{{ 1.5.x }}
{{ none() }}
{{ 'abc'() }}
{{ user() }}
{{ 1 ~ 2 }} {{ 'a' ~ 1.0 ~ none ~ [1] ~ {'a': 1} ~ true }} {{ 2 ~ 3 * 4 }} {{ ('a' ~ 'b')|upper }} {{ 'a' ~ 'b'|upper }}
{{ 'a' 'b' "c" }} {{ 'it\'s' }} {{ "q\"q" }} {{ 'a\\b' }} {{ 'tab\there' }} {{ 'nl\nx' }} {{ '\x41\u00e9\U0001F600\101\q' }} {{ '\é' }} {{ '\a\b\f\v\0'|tojson }}
{{ '\ud83d' }}
{{ '\x4' }}
{{ '\U00110000' }}
{{ '\N{BULLET}' is string }}
{{ true }} {{ True }} {{ false }} {{ none }} {{ None }} {{ TRUE is defined }} {{ nil is defined }}
{{ (1) }} {{ (1,) }} {{ (1, 2,) }} {{ 1, 2 }} {{ () }} {{ [] }} {{ [1,] }} {{ {} }} {{ {'a': 1,} }} {{ ((1, 2), [3]) }}
{{ {1: 'a', 1.0: 'b', true: 'c'} }} {{ {none: 1, (1, 2): 3}[(1, 2)] }} {{ {'a': 1, 'a': 2} }} {{ {1: 2}['1'] }}|{{ {'1': 2}[1] }}
{{ {[1]: 2} }}
{{ {{}: 1} }}
{{ {'a': {'b': 'c'}}.a.b }} {{ {'items': 1}.items is callable }} {{ {'items': 1}['items'] }} {{ {'get': 1}.get('get') }} {{ {'keys': 5}.keys()|list }}
{{ 'x' if true }} {{ 'x' if false }} {{ 1 if 0 else 2 if 0 else 3 }} {{ (1 if 1 else 2) + 1 }} {{ 1 if 1 else missing.foo }} {{ missing.foo if 0 else 1 }}
{{ ('x' if false) is defined }} {{ ('x' if false).foo }}
{{ 1 and 0 or 5 }} {{ 0 or '' or [] }} {{ '' and missing.foo }} {{ 1 or missing.foo }} {{ not 1 or 1 }} {{ not (1 or 1) }} {{ 1 and [] }}
{{ s[0] }}{{ s[-1] }}{{ s[9] }}|{{ s[1:] }}{{ s[:2] }}{{ s[:-1] }}{{ s[::2] }}{{ s[::-2] }}{{ s[3:1:-1] }}{{ s[-3:-1] }}{{ s[5:2] }}|{{ s[none:none] }}{{ s[true:] }}
{{ items[0] }}{{ items[-3] }}{{ items[3] }}|{{ items[-4] }}|{{ items[true] }}{{ items['a'] }}|{{ items[1.0] }}|{{ items[none] }}|{{ items.1 }}{{ items['0'] }}
{{ items[::0] }}
{{ items['a':] }}
{{ items[1.5:] }}
{{ user[1:] }}
{{ (1, 2, 3)[1:] }} {{ [1, 2, 3][::-1] }} {{ range(10)[2:8:2] }} {{ range(10)[2:8:2]|list }} {{ range(10)[-1] }} {{ range(5)[::-1] }} {{ range(5)[7] }}| {{ 'añ😀b'[1:3] }} {{ 'añ😀b'[::-1] }}
{{ [1, 2] + [3] }} {{ (1,) + (2,) }} {{ 'a' + 'b' }} {{ [1] * 3 }} {{ 3 * 'ab' }} {{ 'a' * 0 }}|{{ 'a' * -1 }}|{{ (1,) * 2 }} {{ [] * 5 }} {{ true + true }} {{ true * 3 }} {{ 'a' * true }}
{{ [1] + (2,) }}
{{ 'a' - 'b' }}
{{ 'a' + none }}
{{ 1 + '1' }}
{{ {} + {} }}
{{ 'a' * 'b' }}
{{ 'a' * 1.5 }}
{{ -'a' }}
{{ +'a' }}
{{ -true }} {{ +true }} {{ -1.5 }} {{ +1.5 }} {{ -0.0 }} {{ 0 * -1.0 }}
{{ -none }}
{{ 0.1 }} {{ 1.0 }} {{ 100.0 }} {{ 1e3 }} {{ 1E3 }} {{ 1e+3 }} {{ 1.5e-7 }} {{ 1e22 }} {{ 1e23 }} {{ 12345678901234567.0 }} {{ 0.00001 }} {{ 1e-300 }} {{ 5e-324 }} {{ 1.7976931348623157e308 }} {{ 1e999 }} {{ 3.14159265358979 }} {{ 1_0.5 }} {{ 0.1 + 0.7 }} {{ 1e16 + 1 }}
{{ 1.5 is number }} {{ 1.e3 }}
{{ 1e }}
{{ 0x }}
{{ 012 }}
{{ 1__0 }}
{{ 0xFg }}
{{ (1.5).is_integer() }} {{ (2.0).is_integer() }} {{ (5).bit_length() }} {{ (5).real }} {{ (1.5).imag }} {{ (5).numerator }} {{ (1.5).as_integer_ratio() }}
{{ é is defined }} {{ 名前 is defined }}
{{ a°b }}
'''.strip("\n").split("\n")

# Tests.
TEMPLATES += r'''
{{ 3 is odd }}{{ 3 is even }}{{ -3 is odd }}{{ 1.0 is odd }}{{ 2.5 is even }}{{ true is odd }} {{ 6 is divisibleby 3 }}{{ 7 is divisibleby(3) }}{{ 6.0 is divisibleby 1.5 }}
{{ 'a' is odd }}
{{ none is even }}
{{ 1 is divisibleby 0 }}
{{ 1 is divisibleby }}
{{ s is defined }}{{ missing is undefined }}{{ user.x is defined }}{{ user.name is defined }}{{ items[5] is undefined }}{{ missing is not defined }}{{ not missing is defined }}
{{ none is none }}{{ 0 is none }}{{ missing is none }}{{ true is boolean }}{{ 1 is boolean }}{{ false is false }}{{ 0 is false }}{{ true is true }}{{ 1 is true }}
{{ 1 is integer }}{{ true is integer }}{{ 1.0 is integer }}{{ 1.0 is float }}{{ 1 is float }}{{ 1 is number }}{{ true is number }}{{ '1' is number }}
{{ 'a' is string }}{{ 1 is string }}{{ {} is mapping }}{{ [] is mapping }}{{ namespace() is mapping }}{{ 'a' is sequence }}{{ [] is sequence }}{{ {} is sequence }}{{ range(1) is sequence }}{{ 1 is sequence }}{{ missing is sequence }}{{ {}.keys() is sequence }}{{ items|map('string') is sequence }}
{{ 'a' is iterable }}{{ 1 is iterable }}{{ {} is iterable }}{{ none is iterable }}{{ missing is iterable }}{{ range(1) is iterable }}{{ items|map('string') is iterable }}{{ namespace() is iterable }}{{ dict is iterable }}
{{ 'a' is callable }}{{ range is callable }}{{ dict is callable }}{{ s.upper is callable }}{{ missing is callable }}{{ namespace is callable }}{{ cycler is callable }}{{ cycler(1) is callable }}{{ joiner() is callable }}{{ namespace() is callable }}
{{ 'abc' is lower }}{{ 'aBc' is lower }}{{ '1' is lower }}{{ '' is upper }}{{ 'ABC1' is upper }}{{ 12 is lower }}{{ none is upper }}{{ true is upper }}{{ 'ÀÉ' is upper }}
{{ 'a' is escaped }}{{ ('a'|escape) is escaped }}{{ ('a'|safe) is escaped }}{{ 1 is escaped }}
{{ 1 is sameas 1 }}{{ none is sameas none }}{{ items is sameas items }}{{ [1] is sameas [1] }}{{ true is sameas 1 }}{{ user is sameas users }}
{{ 1 is eq 1 }}{{ 1 is equalto 2 }}{{ 1 is ne 2 }}{{ 1 is lt 2 }}{{ 1 is lessthan 2 }}{{ 1 is le 1 }}{{ 2 is gt 1 }}{{ 2 is greaterthan 1 }}{{ 2 is ge 3 }}{{ 1 is in [1, 2] }}{{ 'a' is in 'abc' }}{{ 'k' is in {'k': 1} }}{{ 3 is not in items }}
{{ 1 is lt 'a' }}
{{ 1 is in 5 }}
{{ 'upper' is filter }}{{ 'nosuch' is filter }}{{ 'odd' is test }}{{ 'nosuch' is test }}{{ 'tojson' is filter }}{{ 1 is filter }}{{ '==' is test }}{{ 'urlize' is filter }}{{ 'wordwrap' is filter }}
{{ [] is filter }}
{{ 1 is odd is even }}
{{ 1 is odd and 2 is even or false }} {{ (1 is odd) if true else 0 }} {{ 2 is divisibleby 2 and 1 }} {{ 1 is not even }} {{ 3 is odd == true }}
{{ 1 + 1 is even }}
{{ 1 is nosuch }}
{{ 1 is defined(1) }}
{{ 1 is eq }}
{{ 1 is eq(1, 2) }}
{% if false %}{{ 1 is nosuch }}{{ 1|nosuch }}{% endif %}ok
{% if false %}{% for x in items %}{{ 1|nosuch }}{% endfor %}{% endif %}ok
{% for x in [] %}{{ 1|nosuch }}{% endfor %}ok
{% macro m() %}{{ 1|nosuch }}{% endmacro %}ok
{{ 1 if true else 1|nosuch }}
{{ items is iterable and items is not mapping and items is not string }}
'''.strip("\n").split("\n")

# Filters.
TEMPLATES += r'''
{{ -5|abs }} {{ (-5)|abs }} {{ (-1.5)|abs }} {{ true|abs }}
{{ 'a'|abs }}
{{ user|attr('name') }}|{{ s|attr('upper') is callable }}|{{ user|attr('items') is callable }}|{{ user|attr('nothing') is defined }}
{{ user|attr(1) }}
{{ [1, 2, 3, 4, 5]|batch(2)|list }} {{ [1, 2, 3]|batch(2, 0)|list }} {{ []|batch(2)|list }} {{ 'abcde'|batch(3)|list }} {{ items|batch(linecount=2, fill_with='-')|list }}
{{ items|batch(0)|list }}
{{ items|batch|list }}
{{ items|batch('a')|list }}
{{ 'aBC dE'|capitalize }} {{ 1|capitalize }} {{ 'ǆabc'|capitalize }} {{ 'ßa'|capitalize }} {{ ''|capitalize }}| {{ 'ÀB'|capitalize }} {{ 'ΑΣ'|lower }} {{ 'ΑΣ Σ'|capitalize }}
{{ 'ab'|center(6) }}| {{ 'abc'|center(6) }}|{{ 'ab'|center(5) }}|{{ 'abc'|center(1) }}|{{ 'a'|center }}|{{ 5|center(3) }}|
{{ missing|default }}|{{ missing|default('x') }}|{{ none|default('x') }}|{{ none|default('x', true) }}|{{ ''|default('x') }}|{{ ''|d('x', boolean=true) }}|{{ 0|default(default_value=5, boolean=true) }}|{{ false|default(1) }}|{{ user.zip|default('no zip') }}
{{ missing.x|default('y') }}
{{ {'b': 1, 'A': 2, 'c': 0}|dictsort }} {{ {'b': 1, 'A': 2}|dictsort(true) }} {{ {'b': 1, 'A': 2, 'c': 0}|dictsort(by='value') }} {{ {'b': 1, 'A': 2}|dictsort(reverse=true) }} {{ {'b': 'B', 'A': 'a'}|dictsort(false, 'value') }}
{{ {'b': 1}|dictsort(by='x') }}
{{ {'b': 1, 2: 3}|dictsort }}
{{ items|dictsort }}
{{ '<a href="x">&\'</a>'|escape }} {{ '<'|e }} {{ '<'|e|e }} {{ '<'|forceescape }} {{ ('<'|e)|forceescape }} {{ 5|e }} {{ none|e }} {{ ('<'|safe) }} {{ ('<'|safe)|e }} {{ ('a'|safe) + '<' }} {{ '<' + ('a'|safe) }} {{ ('a'|safe) ~ '<' }} {{ ['<'|safe]|join('<') }} {{ ('<b>'|safe)|upper }} {{ ('<b>'|safe)|length }} {{ ('<b>'|safe) == '<b>' }} {{ ('<b>'|safe)[0] }} {{ ('%s'|safe) % '<' }} {{ ['<'|e] }} {{ ('x'|e) is string }}
{{ ('a b'|e).split() }} {{ ('a\nb'|e).splitlines() }} {{ ('a'|e).partition('x') }}
{{ 0|filesizeformat }} {{ 1|filesizeformat }} {{ 999|filesizeformat }} {{ 1000|filesizeformat }} {{ 1300|filesizeformat }} {{ 1300000|filesizeformat }} {{ 1300000000|filesizeformat }} {{ 1300|filesizeformat(true) }} {{ 1048576|filesizeformat(true) }} {{ '13'|filesizeformat }} {{ 1e30|filesizeformat }} {{ 12.5|filesizeformat }}
{{ 'x'|filesizeformat }}
{{ items|first }} {{ 'abc'|first }} {{ user|first }} {{ []|first }}| {{ items|map('string')|first }} {{ range(3)|first }} {{ ()|first is defined }}
{{ 5|first }}
{{ items|last }} {{ 'abc'|last }} {{ user|last }} {{ []|last }}| {{ range(3)|last }} {{ user.values()|last }} {{ user.keys()|last }}
{{ items|map('string')|last }}
{{ 5|last }}
{{ '3.5'|float }} {{ 3|float }} {{ 'x'|float }} {{ 'x'|float(1.5) }} {{ none|float }} {{ 'inf'|float }} {{ '-Infinity'|float }} {{ 'nan'|float }} {{ ' 1e3 '|float }} {{ '1_000.5'|float }} {{ '1__0'|float }} {{ '0x10'|float }} {{ []|float }} {{ true|float }} {{ 'x'|float(default='d') }} {{ '١٢'|float }} {{ '.5'|float }} {{ '5.'|float }} {{ '1e'|float }}
{{ '%s'|format('a') }} {{ '%s %s'|format(1, 2.5) }} {{ '%(a)s'|format(a=1) }} {{ '%%'|format }} {{ 'x'|format }}
{{ '%s'|format }}
{{ '%s'|format(1, 2) }}
{{ '%s'|format(1, a=2) }}
{% for g in users|groupby('admin') %}{{ g.grouper }}:{{ g.list|map(attribute='name')|join(',') }};{{ g[0] }}{{ g|length }}{% endfor %}
{% for k, v in [{'a': 'x'}, {'b': 1}, {'a': 'X'}]|groupby('a', default='none') %}{{ k }}={{ v }};{% endfor %}
{% for k, v in [{'a': 'x'}, {'a': 'X'}]|groupby('a', case_sensitive=true) %}{{ k }}={{ v }};{% endfor %}
{{ users|groupby('age')|list }}
{{ [{'a': 1}, {'b': 2}]|groupby('a') }}
{{ [{'a': {'b': 2}}, {'a': {'b': 1}}]|groupby('a.b') }} {{ [[1, 'x'], [0, 'y']]|groupby(0) }}
{{ 'a\nb'|indent }} {{ 'a\n\nb'|indent(2, blank=true) }} {{ 'a\nb\n'|indent(1) }}| {{ '\na'|indent(1, first=true) }} {{ 'a\nb'|indent('--') }} {{ 'a\r\nb\x0bc\u2028d'|indent(1) }} {{ ''|indent }}| {{ ''|indent(2, true) }}| {{ 'a\nb'|indent(width=0) }} {{ 'a\nb'|indent(true) }}
{{ 5|indent }}
{{ 'a'|indent(1.5) }}
{{ '42'|int }} {{ '42.9'|int }} {{ ' 42 '|int }} {{ '-7'|int }} {{ '+7'|int }} {{ 'x'|int }} {{ 'x'|int(-1) }} {{ 3.99|int }} {{ -3.99|int }} {{ true|int }} {{ none|int }} {{ none|int(9) }} {{ []|int(5) }} {{ '1_000'|int }} {{ '_1'|int }} {{ '1__0'|int }} {{ '0x1F'|int(base=16) }} {{ '1F'|int(0, 16) }} {{ '0b101'|int(0, 2) }} {{ '0o17'|int(0, 8) }} {{ '0x1F'|int(base=0) }} {{ '17'|int(base=0) }} {{ 'z'|int(0, 36) }} {{ '12'|int(0, 2) }} {{ '١٢'|int }} {{ '1e3'|int }} {{ 'inf'|int(4) }} {{ 'nan'|int(3) }} {{ ''|int }} {{ '0x10'|int }} {{ '- 1'|int }}
{{ '5'|int(base=1) }} {{ '5'|int(base=40) }}
{{ [1, 'a', none]|join }} {{ [1, 2]|join(', ') }} {{ 'abc'|join('-') }} {{ users|join(', ', attribute='name') }} {{ [[1, 2], [3, 4]]|join(';', attribute=1) }} {{ {'a': 1, 'b': 2}|join(',') }} {{ []|join(',') }}| {{ [1, 2]|join(0) }} {{ items|map('string')|join(d='+') }} {{ [['a'], none, 1.5, true]|join(' ') }}
{{ 5|join }}
{{ users|join(', ', 'nothing') }}|
{{ 'abc'|length }} {{ items|length }} {{ user|length }} {{ 'añ😀'|length }} {{ range(5)|length }} {{ ()|count }} {{ user.items()|length }}
{{ 5|length }}
{{ none|length }}
{{ items|map('string')|length }}
{{ 'abc'|list }} {{ user|list }} {{ range(3)|list }} {{ (1, 2)|list }} {{ user.items()|list }} {{ ''|list }} {{ items|list is sameas items }}
{{ 5|list }}
{{ 'ABC'|lower }} {{ 'abc'|upper }} {{ 5|upper }} {{ none|lower }} {{ 'ß'|upper }} {{ 'İ'|lower|length }} {{ [1, 'A']|lower }} {{ 'ŉ'|upper }} {{ 'ΣΑΣ'|lower }} {{ 'ﬁ'|upper }}
{{ users|map(attribute='name')|list }} {{ users|map(attribute='name.x')|list }} {{ users|map(attribute='zip', default='-')|list }} {{ [[1, 2], [3]]|map(attribute=0)|list }} {{ [[1, 2], [3]]|map('first')|list }} {{ ['a', 'b']|map('upper')|join }} {{ ['a ', ' b']|map('trim')|list }} {{ [1, 2]|map('string')|map('int')|sum }} {{ ['1', 'x']|map('int', 7)|list }} {{ ['ab', 'ba']|map('replace', 'a', 'z')|list }} {{ []|map|list }} {{ {'a': 1}|map('upper')|list }} {{ users|map('attr', 'name')|list }} {{ ['x']|map('default', 'y')|list }} {{ [{'a': none}]|map(attribute='a', default=1)|list }} {{ [{}, {'a': {}}]|map(attribute='a.b', default='z')|list }}
{{ items|map|list }}
{{ items|map('nosuch')|list }}
{{ items|map(attribute='a', foo=1)|list }}
{{ []|map('nosuch')|list }}{% set unused = items|map('nosuch') %}{{ [['a'], 5]|map('first')|first }}
{{ users|map('upper', attribute='name')|list }}
{{ items|max }} {{ items|min }} {{ ['b', 'A', 'c']|max }} {{ ['b', 'A', 'c']|min }} {{ ['b', 'A']|min(case_sensitive=true) }} {{ users|max(attribute='age') }} {{ users|min(attribute='age')|attr('name') }} {{ []|max }}| {{ 'hello'|max }} {{ [1, 2.5, true]|max }} {{ [[1, 2], [1, 3]]|max }}
{{ [1, 'a']|max }}
{{ 5|max }}
{{ lipsum is defined }}{{ 'urlize' is filter }}
{{ items|reject('odd')|list }} {{ items|reject|list }} {{ [0, 1, '', 'a', none]|reject|list }} {{ users|rejectattr('admin')|map(attribute='name')|list }} {{ users|rejectattr('age', 'gt', 29)|map(attribute='name')|list }} {{ users|rejectattr('zip', 'defined')|list|length }}
{{ items|select('odd')|list }} {{ items|select|list }} {{ [0, 1, '', 'a', none]|select|list }} {{ items|select('gt', 1)|list }} {{ items|select('in', [1, 3])|list }} {{ items|select('divisibleby', 3)|list }} {{ ['a', 1]|select('string')|list }} {{ users|selectattr('name', 'equalto', 'Ann')|list|length }} {{ users|selectattr('admin')|map(attribute='name')|list }} {{ users|selectattr('zip', 'undefined')|list|length }} {{ users|selectattr('name', 'in', ['Ann', 'Cy'])|list|length }} {{ [[1], [2]]|selectattr(0, 'odd')|list }} {{ users|selectattr('name.x')|list }} {{ items|select('==', 2)|list }} {{ [{'a': {'b': 1}}]|selectattr('a.b', '==', 1)|list }}
{{ items|select('nosuch')|list }}
{{ items|selectattr|list }}
{{ []|selectattr|list }}{{ []|select('nosuch')|list }}
{{ users|selectattr('name', 'lt', 5)|list }}
{{ 'a-b-a'|replace('a', 'x') }} {{ 'aaa'|replace('a', 'b', 1) }} {{ 'aaa'|replace('a', 'b', count=2) }} {{ 'aaa'|replace('a', 'b', 0) }} {{ 'aaa'|replace('a', 'b', -1) }} {{ 'abc'|replace('', '-') }} {{ 'abc'|replace('', '-', 2) }} {{ ''|replace('', 'x') }} {{ 123|replace(2, 'x') }} {{ 'a'|replace('a', 5) }} {{ none|replace('N', 'n') }} {{ 'añ'|replace('', '.') }}
{{ 'a'|replace('a') }}
{{ 'abc'|reverse }} {{ items|reverse|list }} {{ 'añ😀'|reverse }} {{ range(3)|reverse|list }} {{ {'a': 1, 'b': 2}|reverse|list }} {{ ()|reverse|list }} {{ user.items()|reverse|list }}
{{ items|map('string')|reverse|list }}
{{ 5|reverse }}
{{ 2.5|round }} {{ 3.5|round }} {{ -2.5|round }} {{ 2.675|round(2) }} {{ 1234.5|round(-2) }} {{ 5|round }} {{ 15|round(-1) }} {{ 25|round(-1) }} {{ -15|round(-1) }} {{ 2.1|round(method='ceil') }} {{ 2.9|round(0, 'floor') }} {{ 2.123|round(2, 'ceil') }} {{ 2.129|round(2, 'floor') }} {{ -2.1|round(0, 'ceil') }} {{ 5|round(method='floor') }} {{ true|round }} {{ 1e300|round(2) }} {{ 0.5|round }} {{ 1.5|round }} {{ 42.55|round(1) }} {{ 1e16|round(1) }} {{ 123|round(1, 'ceil') }} {{ 123.456|round(-1, 'floor') }} {{ -0.4|round }}
{{ 2.5|round(method='x') }}
{{ 'a'|round }}
{{ 2.5|round('a') }}
{{ [1, 2, 3, 4, 5]|slice(2)|list }} {{ [1, 2, 3]|slice(2, 'x')|list }} {{ []|slice(2)|list }} {{ 'abcde'|slice(3)|list }} {{ [1, 2, 3, 4, 5, 6, 7]|slice(3, 0)|list }} {{ [1]|slice(3)|list }}
{{ items|slice(0)|list }}
{{ [3, 1, 2]|sort }} {{ [3, 1, 2]|sort(true) }} {{ ['b', 'A', 'c', 'B', 'a']|sort }} {{ ['b', 'A']|sort(case_sensitive=true) }} {{ users|sort(attribute='age')|map(attribute='name')|list }} {{ users|sort(attribute='admin,age')|map(attribute='name')|list }} {{ users|sort(attribute='admin', reverse=true)|map(attribute='name')|list }} {{ 'hello'|sort }} {{ {'b': 1, 'a': 2}|sort }} {{ [(2, 'b'), (1, 'z'), (2, 'a')]|sort }} {{ [[2, 'x'], [1, 'y']]|sort(attribute=1) }} {{ [1.5, 1, true]|sort }} {{ [[], [1], [0]]|sort }} {{ users|sort(attribute='name,age')|map(attribute='name')|join }} {{ []|sort }}
{{ [1, 'a']|sort }}
{{ [{}, {}]|sort }}
{{ [none, 1]|sort }}
{{ [{'a': 1}, {}]|sort(attribute='a') }}
{{ 5|sort }}
{{ 5|string }} {{ none|string }} {{ [1]|string|length }} {{ 1.0|string }} {{ 'a'|string is string }}
{{ items|sum }} {{ [1, 2.5]|sum }} {{ []|sum }} {{ users|sum(attribute='age') }} {{ users|sum('age', 100) }} {{ [1]|sum(start=10) }} {{ [[1], [2]]|sum(start=[]) }} {{ [true, 2]|sum }} {{ [0.1, 0.2, 0.3]|sum }}
{{ ['a', 'b']|sum }}
{{ ['a', 'b']|sum(start='') }}
{{ 'hello world-foo (bar) [baz] x_y it\'s'|title }} {{ 'HELLO'|title }} {{ 5|title }} {{ 'ßa ǆb'|title }} {{ '1st 2nd a1b'|title }} {{ 'éa-éb'|title }} {{ ''|title }}| {{ 'a\tb\nc'|title }} {{ 'i<j{k[l'|title }}
{{ '  a '|trim }}| {{ 'xxaxx'|trim('x') }} {{ 'abcab'|trim('ab') }} {{ '\u00a0a\u3000'|trim }}| {{ 5|trim }} {{ '  a'|trim(none) }} {{ 'xa'|trim(chars='x') }} {{ '\x1c\x85a\x1f'|trim }}|
{{ 'a'|trim(5) }}
{{ 'foo bar baz qux'|truncate(9) }} {{ 'foo bar baz qux'|truncate(9, true) }} {{ 'foo bar baz qux'|truncate(11) }} {{ 'foo bar baz qux'|truncate(11, false, '...', 0) }} {{ 'foobarbazqux'|truncate(6, leeway=0) }} {{ 'foo bar'|truncate(5, true, '', 0) }} {{ 'añ😀añ😀añ😀'|truncate(5, true, '…', 0) }} {{ 'short'|truncate }} {{ 'foo bar baz qux'|truncate(length=8, end='>', leeway=none) }}
{{ 'abc'|truncate(2) }}
{{ 'abcdefgh'|truncate(2, leeway=-1) }}
{{ 5|truncate }}
{{ [1, 2, 1, 'a', 'A', 1.0, true]|unique|list }} {{ ['b', 'B', 'a']|unique(case_sensitive=true)|list }} {{ users|unique(attribute='admin')|map(attribute='name')|list }} {{ 'hello'|unique|join }} {{ [none, none]|unique|list }}
{{ [[1], [1]]|unique|list }}
{{ 'a b/c&d=é'|urlencode }} {{ {'a b': 'c/d', 'e': 1}|urlencode }} {{ [('a', 'b&'), ('c', 2)]|urlencode }} {{ 5|urlencode }} {{ none|urlencode }} {{ '~-_.!*()'|urlencode }} {{ ''|urlencode }}|
{{ [1, 2]|urlencode }}
{{ 'one two  three-four_five'|wordcount }} {{ ''|wordcount }} {{ 'é à 日本'|wordcount }} {{ 12.5|wordcount }} {{ "it's a_b"|wordcount }}
{{ 'the quick brown fox jumps over the lazy dog'|wordwrap(15) }}
{{ 'a-very-long-hyphenated-word and another'|wordwrap(10) }}|{{ 'a-very-long-hyphenated-word and another'|wordwrap(10, break_on_hyphens=false) }}|{{ 'abcdefghijklmnop'|wordwrap(5) }}|{{ 'abcdefghijklmnop xy'|wordwrap(5, false) }}|{{ 'a b c d'|wordwrap(3, wrapstring='+') }}
{{ 'line one is long\nline two\n\nend'|wordwrap(8) }}|{{ '  lead and   space  '|wordwrap(6) }}|{{ ''|wordwrap(5) }}|{{ 'é日本語 word wörter'|wordwrap(4) }}|{{ 'foo -- bar --option a--b x-1 e-mail'|wordwrap(4) }}
{{ 'x'|wordwrap(0) }}
{{ {'a': [1, 2.0, none, true, 'é"\\\n\t\x01\u2028']}|tojson }} {{ 'é\x7f</script>&\''|tojson }} {{ {'b': 1, 'a': {'d': 1, 'c': 2}}|tojson(sort_keys=true) }} {{ [1, {'a': [], 'b': {}}]|tojson(indent=2) }} {{ [1, [2]]|tojson(indent=0) }} {{ [1]|tojson(indent='\t') }} {{ [1]|tojson(indent=true) }} {{ [1]|tojson(indent=-1) }} {{ {'a': 1}|tojson(separators=(',', ':')) }} {{ {'a': 1}|tojson(separators=[';', '='], indent=1) }} {{ 'é😀'|tojson(true) }} {{ 'é'|tojson(ensure_ascii=false) }}
{{ {1: 'a', none: 'b', true: 'c', 1.5: 'd'}|tojson }} {{ {2: 'b', 1: 'a', 10: 'c'}|tojson(sort_keys=true) }} {{ 1e999|tojson }} {{ ('nan'|float)|tojson }} {{ -0.0|tojson }} {{ 1e16|tojson }} {{ 1e-7|tojson }} {{ (1, 2)|tojson }} {{ none|tojson }} {{ 'a'|tojson|tojson }} {{ []|tojson(indent=2) }} {{ [[]]|tojson(indent=2) }} {{ users|tojson(indent=4) }}
{{ {'b': 1, 2: 3}|tojson(sort_keys=true) }}
{{ {(1, 2): 3}|tojson }}
{{ range(3)|tojson }}
{{ user.keys()|tojson }}
{{ namespace()|tojson }}
{{ items|map('string')|tojson }}
{{ [1]|tojson(indent=1.5) }}
{{ [1]|tojson(nosuch=1) }}
{{ [1]|tojson(separators=(',',)) }}
{{ items|tojson|length }} {{ items|tojson ~ 'x' }} {{ (user|tojson).replace('Ann', 'Bob') }} {{ user.get('x', 'y')|tojson }}
{{ items|nosuch }}
{{ items|upper.lower }}
{{ items|length() }} {{ items | length }} {{ items|first|string|length }} {{ 'a'|upper() }}
{{ 'a'|upper(1) }}
{{ 'a'|upper('x', y=1) }}
{{ 'a'|default(1, 2, 3) }}
'''.strip("\n").split("\n")

# Methods of text, lists, dictionaries and the rest.
TEMPLATES += r'''
{{ 'aBc'.upper() }}{{ 'aBc'.lower() }}{{ 'aBc'.swapcase() }}{{ 'aBc'.casefold() }}{{ 'straße'.casefold() }}{{ 'aBc dE'.title() }}{{ 'aBc dE'.capitalize() }} {{ "they're bill's".title() }} {{ 'ǆ'.title() }} {{ 'ΑΣ'.lower() }}
{{ 'aBc'.upper(1) }}
{{ '  a '.strip() }}|{{ '  a '.lstrip() }}|{{ '  a '.rstrip() }}|{{ 'xyaxy'.strip('xy') }}|{{ 'xxa'.lstrip('x') }}|{{ 'axx'.rstrip('x') }}|{{ ' a '.strip(none) }}|{{ 'éaé'.strip('é') }}|{{ 'a'.strip('') }}
{{ 'a'.strip(1) }}
{{ 'a,b,,c'.split(',') }} {{ 'a,b,c'.split(',', 1) }} {{ 'a,b,c'.split(',', maxsplit=1) }} {{ 'a,b,c'.split(sep=',') }} {{ ' a  b '.split() }} {{ ' a  b c'.split(none, 1) }} {{ 'a b c'.split(maxsplit=1) }} {{ ''.split() }} {{ ''.split(',') }} {{ 'aXXbXXc'.split('XX') }} {{ 'a b'.split(' ', 0) }} {{ '  a  '.split(none, 0) }} {{ 'a\u3000b\x1cc'.split() }}
{{ 'a,b,c'.rsplit(',', 1) }} {{ 'a,b,c'.rsplit(',') }} {{ ' a b  c '.rsplit(none, 1) }} {{ 'a b c'.rsplit(maxsplit=1) }} {{ 'aaa'.rsplit('aa') }} {{ 'aaa'.rsplit('aa', 1) }} {{ 'aaaa'.split('aa') }} {{ ' a b '.rsplit() }} {{ 'aaaaa'.rsplit('aa', 1) }}
{{ 'a'.split('') }}
{{ 'a'.split(1) }}
{{ 'a\nb\r\nc\rd\x0be\x0cf\x1cg\x85h\u2028i'.splitlines() }} {{ 'a\nb\n'.splitlines(true) }} {{ 'a\nb\n'.splitlines(keepends=true) }} {{ ''.splitlines() }} {{ '\n\n'.splitlines() }} {{ 'a\r\n\nb'.splitlines(true) }}
{{ 'abc'.startswith('ab') }}{{ 'abc'.startswith('') }}{{ 'abc'.startswith(('x', 'a')) }}{{ 'abc'.startswith('b', 1) }}{{ 'abc'.startswith('c', -1) }}{{ 'abc'.startswith('a', 0, 0) }}{{ 'abc'.endswith('bc') }}{{ 'abc'.endswith(('x', 'c')) }}{{ 'abc'.endswith('b', 0, 2) }}{{ 'abc'.endswith('') }}{{ 'abc'.startswith('', 5) }}{{ 'éab'.startswith('a', 1) }}
{{ 'abc'.startswith(['a']) }}
{{ 'abc'.startswith(1) }}
{{ 'abc'.startswith() }}
{{ 'aaa'.replace('a', 'b') }} {{ 'aaa'.replace('a', 'b', 2) }} {{ 'aaa'.replace('a', 'b', -1) }} {{ 'abc'.replace('', '-') }} {{ 'aaa'.replace('aa', 'b') }} {{ 'a'.replace('b', 'c') }} {{ 'aaa'.replace('a', '') }}|
{{ 'a'.replace('a') }}
{{ 'a'.replace(1, 2) }}
{{ 'abcabc'.find('c') }}{{ 'abcabc'.find('c', 3) }}{{ 'abcabc'.find('x') }}{{ 'abcabc'.rfind('c') }}{{ 'abcabc'.find('c', 0, 2) }}{{ 'abcabc'.index('b') }}{{ 'abcabc'.rindex('b') }}{{ 'éab'.find('b') }}{{ 'abc'.find('') }}{{ 'abc'.rfind('') }}{{ 'abc'.find('c', -1) }}{{ 'abc'.find('', 4) }}{{ 'abcabc'.rfind('a', 0, 3) }}
{{ 'abc'.index('x') }}
{{ 'abc'.rindex('x') }}
{{ 'abab'.count('ab') }}{{ 'aaa'.count('aa') }}{{ 'abc'.count('') }}{{ 'abab'.count('ab', 1) }}{{ 'abab'.count('ab', 0, 3) }}{{ 'é'.count('') }}
{{ ','.join(['a', 'b']) }} {{ ''.join('abc') }} {{ '-'.join({'a': 1, 'b': 2}) }} {{ ', '.join(items|map('string')) }}
{{ ','.join([1, 2]) }}
{{ ','.join(5) }}
{{ 'ab1'.isalnum() }}{{ 'ab'.isalpha() }}{{ '12'.isdigit() }}{{ '½'.isnumeric() }}{{ '½'.isdigit() }}{{ '²'.isdigit() }}{{ '²'.isdecimal() }}{{ ' \n'.isspace() }}{{ 'AB'.isupper() }}{{ 'ab'.islower() }}{{ 'Ab Cd'.istitle() }}{{ 'AB'.istitle() }}{{ 'ab'.isascii() }}{{ 'é'.isascii() }}{{ ''.isascii() }}{{ ''.isalpha() }}{{ 'a_1'.isidentifier() }}{{ '1a'.isidentifier() }}{{ 'a\n'.isprintable() }}{{ 'ab'.isprintable() }}{{ '日本'.isalpha() }}{{ '一'.isnumeric() }}{{ 'ǅ'.istitle() }}{{ 'if'.isidentifier() }}
{{ '7'.zfill(3) }} {{ '-7'.zfill(4) }} {{ '+7'.zfill(4) }} {{ 'abc'.zfill(2) }} {{ 'a'.center(4) }}| {{ 'a'.center(5, '*') }} {{ 'ab'.center(5, '*') }} {{ 'a'.ljust(3) }}| {{ 'a'.ljust(3, '.') }} {{ 'a'.rjust(3) }} {{ 'a'.rjust(3, '0') }} {{ 'é'.rjust(3, '→') }}
{{ 'a'.center(4, 'xx') }}
{{ 'a'.zfill('x') }}
{{ 'abc'.removeprefix('a') }}{{ 'abc'.removesuffix('c') }}{{ 'abc'.removeprefix('x') }}{{ 'abc'.removesuffix('') }} {{ 'a-b-c'.partition('-') }} {{ 'a-b-c'.rpartition('-') }} {{ 'abc'.partition('-') }} {{ 'abc'.rpartition('-') }}
{{ 'abc'.partition('') }}
{{ 'a\tb\t'.expandtabs() }}| {{ 'a\tb'.expandtabs(4) }} {{ 'ab\n\tc'.expandtabs(tabsize=2) }} {{ 'a\tb'.expandtabs(0) }}
{{ 'abc'.translate({97: 'x', 98: none}) }} {{ 'abc'.translate({99: 120}) }}
{{ '{} {}'.format(1, 'a') }} {{ '{1} {0}'.format('a', 'b') }} {{ '{x}'.format(x=1) }} {{ '{{}}'.format() }} {{ '{0[0]} {0[1]}'.format([1, 2]) }} {{ '{u[name]}'.format(u=user) }} {{ '{!r} {!s}'.format('a', 'b') }} {{ '{!a}'.format('é') }} {{ '{x}'.format_map({'x': 5}) }}
{{ '{:5}|{:<5}|{:>5}|{:^5}|{:*^7}'.format('a', 'b', 'c', 'd', 'e') }} {{ '{:.2}'.format('abc') }} {{ '{:5d}|{:<5d}|{:05d}|{:+d}|{: d}|{:,}|{:_}'.format(42, 42, 42, 42, 42, 1234567, 1234567) }} {{ '{:x} {:X} {:o} {:b} {:#x} {:#b} {:c} {:n}'.format(255, 255, 8, 5, 255, 5, 65, 12) }}
{{ '{:.2f} {:8.3f} {:e} {:.3e} {:g} {:g} {:G} {:%} {:.1%} {:,.2f} {:+.1f} {:08.2f} {}'.format(3.14159, 2.5, 12345.678, 0.00012, 1e10, 0.0001, 1e-10, 0.25, 0.123, 1234567.891, 2.0, -3.14159, 1.5) }} {{ '{:f}'.format(5) }} {{ '{:.3}'.format(3.14159) }} {{ '{:10}|{:<10}|'.format(1.5, 2) }} {{ '{:,}'.format(1234567.5) }} {{ '{:=+8}'.format(42) }} {{ '{:#.3g}'.format(1.0) }} {{ '{:.0f}'.format(2.5) }} {{ '{:>{w}}'.format('a', w=4) }} {{ '{:{}}'.format('b', 3) }}| {{ '{:s}'.format('x') }} {{ '{:}'.format([1]) }} {{ '{:5}|'.format(true) }} {{ '{}'.format(none) }} {{ '{:d}'.format(10**25) }} {{ '{:,}'.format(10**25) }} {{ '{:e}'.format(0) }} {{ '{:f} {:F} {:g}'.format(1e999, 1e999, -1e999) }}
{{ '{'.format() }}
{{ '}'.format() }}
{{ '{}'.format() }}
{{ '{x}'.format() }}
{{ '{0} {}'.format(1, 2) }}
{{ '{:d}'.format('a') }}
{{ '{:5}'.format([1]) }}
{{ '{:.2d}'.format(5) }}
{{ '{:z}'.format(5) }}
{{ '{:,s}'.format('a') }}
{{ '{0.x}'.format(user) }}|
{{ '{0.__class__}'.format('a') }}
{{ '{!x}'.format(1) }}
{{ '{:s}'.format(5) }}
{{ '{:.2f}'.format('a') }}
{{ '%s|%r|%a' % ('a', 'b', 'é') }} {{ '%d %i %u' % (1, 2.9, true) }} {{ '%5d|%-5d|%05d|%+d|% d' % (42, 42, 42, 42, 42) }} {{ '%x %X %o %#x %#o' % (255, 255, 8, 255, 8) }} {{ '%f %.2f %8.3f %e %.1e %g %G %E' % (1.5, 2.345, 3.14159, 12345.678, 0.00012, 1e10, 1e-10, 5) }} {{ '%c%c' % (65, 'b') }} {{ '%%' % () }} {{ '%5s|%-5s|%.2s' % ('a', 'b', 'cde') }} {{ '%*d|%.*f' % (5, 42, 2, 3.14159) }} {{ '%(a)s %(b)d' % {'a': 'x', 'b': 2} }} {{ '%s' % 5 }} {{ '%s' % none }} {{ '%s' % [1, 2] }} {{ '%s %s' % ('a', [1]) }} {{ '%ld' % 5 }} {{ '%g' % 100000 }} {{ '%g' % 1000000 }} {{ '%#g' % 1 }} {{ '%.0f' % 0.5 }} {{ '%.3d' % 5 }} {{ '%+.2f' % 1 }} {{ '%x' % -255 }} {{ '%d' % -3.9 }} {{ 'x' % {} }} {{ '%s' % {'a': 1} }} {{ '%f' % 1e999 }} {{ '%s' % ((1, 2),) }} {{ '%s' % 'é' }} {{ '%05s' % 'a' }} {{ '%d' % 1e20 }}
{{ '%s %s' % 'a' }}
{{ '%s' % (1, 2) }}
{{ '%d' % 'a' }}
{{ '%z' % 1 }}
{{ '%' % 1 }}
{{ 'a' % 1 }}
{{ '%(a)s' % 1 }}
{{ '%(a)s' % {'b': 1} }}
{{ '%c' % 'ab' }}
{{ '%x' % 1.5 }}
{{ '%s %(a)s' % {'a': 1} }}
{{ items.index(2) }} {{ items.index(2, 1) }} {{ items.count(2) }} {{ items.copy() }} {{ (1, 2).index(2) }} {{ (1, 1).count(1) }} {{ (1, 2).copy is defined }} {{ [1, 2].count is callable }}
{{ items.index(9) }}
{{ items.index(1, 1) }}
{{ items.append(1) }}
{{ items.append is defined }}{{ items.pop is defined }}{{ items.sort is defined }}{{ user.update is defined }}{{ user.pop is defined }}{{ user.setdefault is defined }}|{{ items.append }}|
{{ items.sort() }}
{{ items.extend([1]) }}
{{ items.insert(0, 1) }}
{{ items.remove(1) }}
{{ items.reverse() }}
{{ items.clear() }}
{{ user.update({'a': 1}) }}
{{ user.setdefault('a', 1) }}
{{ user.popitem() }}
{{ user.clear() }}
{{ user.get('name') }} {{ user.get('x') }} {{ user.get('x', 'd') }} {{ user.keys()|list }} {{ user.values()|list }} {{ user.items()|list }} {{ user.copy() }} {{ user.keys() }} {{ user.values() }} {{ user.items() }} {{ 'name' in user.keys() }} {{ 30 in user.values() }} {{ ('age', 30) in user.items() }} {{ {'a': 1}.fromkeys([1, 2], 0) }} {{ user.keys()|length }} {{ {'a': 1}.keys() == {'a': 2}.keys() }}
{{ user.get() }}
{{ user.get('a', default=1) }}
{{ user.get([1]) }}
{{ user.keys(1) }}
{{ user.keys()[0] }}|{{ user.items()[0] }}|
{{ dict() }} {{ dict(a=1) }} {{ dict({'a': 1}, b=2) }} {{ dict([['a', 1], ('b', 2)]) }} {{ dict(a=1).a }} {{ dict.fromkeys(['a', 'b']) }} {{ dict(['ab', 'cd']) }}
{{ dict(1) }}
{{ dict([1]) }}
{{ dict({}, {}) }}
{{ dict(['abc']) }}
{{ range(3) }} {{ range(1, 3) }} {{ range(0, 10, 3) }} {{ range(3)|list }} {{ range(5, 0, -2)|list }} {{ range(3, 0)|list }} {{ 2 in range(3) }} {{ range(3)[1] }} {{ range(3).start }}{{ range(3).stop }}{{ range(3).step }} {{ range(5).index(3) }} {{ range(5).count(9) }} {{ range(3) is iterable }} {{ range(true) }}
{{ range() }}
{{ range(1, 2, 0) }}
{{ range(1.5) }}
{{ range('a') }}
{{ range(1, 2, 3, 4) }}
{{ range(100001) }}
{{ range(100000)|length }}
{{ range(stop=3) }}
{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.current }}{{ c.next() }}{{ c.next() }}{{ c.reset() }}{{ c.next() }}{{ c.pos }}{{ c.items }}
{{ cycler() }}
{% set j = joiner() %}{{ j() }}{{ j() }}{{ j.sep }}{{ j.used }}{% set k = joiner('|') %}{{ k() }}{{ k() }}{% set l = joiner(sep='-') %}{{ l() }}{{ l() }}
{{ joiner(1, 2) }}
{{ raise_exception('stop: ' ~ s) }}
{{ raise_exception() }}
{{ strftime_now('%%') }} {{ strftime_now('%Y')|length }} {{ strftime_now('%d %b %Y') is string }} {{ strftime_now('') }}|
{{ strftime_now() }}
{{ strftime_now(5) }}
{{ (s.upper)() }} {{ [s.upper][0]() }} {% set f = s.upper %}{{ f() }} {% set g = user.get %}{{ g('name') }} {{ user.get.x is defined }}
{{ s.nosuch }}|{{ s.nosuch is defined }}
{{ s.nosuch() }}
{{ user.nosuch() }}
{{ items.upper() }}
{{ 'a'.encode is defined }}
'''.strip("\n").split("\n")

# Printing.
TEMPLATES += r'''
{{ ['a', "it's", 'say "x"', "both ' and \"", 'back\\slash', 'nl\n', 'é', '\x00', '\x7f', '\xa0', '\u200b', '😀', '\U000e0001', '\ue000'] }}
{{ {'a': 'b', 1: none, (1,): [true, {'x': ()}]} }} {{ [1.0, 1e20, -0.5] }} {{ (none, true) }} {{ [range(3)] }} {{ [[]] }} {{ {'k': {}} }}
{{ items }}{{ user }}{{ users }} {{ tree }}
{{ users[0].keys() }} {{ {}.items() }} {{ {}.values() }}
{{ [users|groupby('admin')|first] }}
'''.strip("\n").split("\n")

# White space.
TEMPLATES += [
    "  {{ 1 }}  \n  {{- 2 }}  \n  {{ 3 -}}  \n  4",
    "a\n\n  {%- if true %}\n\n  b\n\n  {%- endif %}\n\n  c",
    "a\n  {%+ if true %}\n  b\n  {%+ endif %}\n  c",
    "a\n  {% if true +%}\n  b\n  {% endif +%}\n  c",
    "a  {% if true %}  b  {% endif %}  c\n",
    "a\n\t {# c #}\n b\n\t {#- c -#}\n d",
    "a\n {#+ c #}\n b {# c +#}\n d",
    "{% set x = 1 %}\n\n{% set y = 2 %}\n{{ x }}\n{{ y }}\n",
    "{% for i in items %}\n- {{ i }}\n{% endfor %}\n",
    "{% for i in items -%}\n- {{ i }}\n{%- endfor %}\n",
    "{%- for i in items -%}\n  {{- i -}}\n{%- endfor -%}\n\n",
    "a\r\nb\rc\r\n",
    "a\n\n\n",
    "\n",
    "",
    "   ",
    "{{ 1 }}\n",
    "{{ 1 }}\n\n",
    "\u00a0{% if true %}x{% endif %}",
    "\u2003\n\u2003{%- if true %}x{% endif %}",
    "x\x0b{% if true %}y{% endif %}\x0b\nz",
    "{% raw %}\n a {{ b }}\n{% endraw %}\n c",
    "  {% raw %}  a  {% endraw %}  b",
    "  {%- raw -%}  a  {%- endraw -%}  b",
    "{% if true -%}\n\n  a\n{% else -%}\n b\n{% endif -%}\n c",
    "{{ '  a  ' }}  {{- ' b ' -}}  c",
    "a {{-1}} b {{ -1 }} c {{- 1 }}{{ 1 -1 }}{{ 1-}}",
    "{%\nif\ntrue\n%}x{%\nendif\n%}",
    "{{\n1\n+\n2\n}}",
    "{% if true %}{{ s }}{% endif %}\n{% if false %}\nx\n{% endif %}\ny",
    "{{ 'a\nb' }}\n{{ 'c' }}",
    "{% macro m() %}\n  x\n{% endmacro %}\n[{{ m() }}]",
    "{% macro m() -%}\n  x\n{%- endmacro %}\n[{{ m() }}]",
    "{% set x %}\n a\n{% endset %}\n[{{ x }}]",
    "{{ {'a':{'b':1}}['a']['b'] }}{{{'a':1}['a']}}",
    "{ { } } {% %}",
    "{ {1} } }} %} #} {",
    "a{",
    "a{{",
    "a{%",
    "a{#",
    "{{ 1 }",
    "{% if 1 }}x{% endif %}",
    "{{ 1 %}",
    "{%-if 1-%} a {%-endif-%} b",
    "# line\n## x\n-- y",
    "é{{ 'é' }}😀{{ '😀' }}\u2028{{ 1 }}",
    "{{ \"line\nbreak\" }} {{ 'a\\\nb' }}",
]

# Loops make their items one by one: what fails behind a `break` does not fail.
TEMPLATES += r'''
{% for x in [1, 2, 'a'] if x < 3 %}{{ x }}{% if x == 2 %}{% break %}{% endif %}{% endfor %}
{% for x in [1, 2, 'a'] if x < 3 %}{{ x }}{% endfor %}
{% for x in [[1], [2], 3]|map('first') %}{{ x }}{% if x == 2 %}{% break %}{% endif %}{% endfor %}
{% for x in [[1], [2], 3]|map('first') %}{{ x }}{% endfor %}
{% for a, b in [[1, 2], [3]] if a %}{{ a }}{% break %}{% endfor %}
'''.strip("\n").split("\n")

# Names that a block assigns hide the caller's from the blocks inside.
TEMPLATES += r'''
{% macro m() %}[{{ s }}]{% endmacro %}{{ m() }}{% set s = 1 %}{{ m() }}
{% set s %}<{{ s }}>{% endset %}{{ s }}
{{ s }}{% set s %}<{{ s }}>{% endset %}{{ s }}
{% if no %}{% set s = 1 %}{% endif %}{% macro m() %}[{{ s }}]{% endmacro %}{{ m() }}
{% for i in items %}{{ s }}{% endfor %}{% set s = 1 %}{{ s }}
{% for i in items %}{% for j in [1] %}{{ s }}{% endfor %}{% set s = i %}{% endfor %}{{ s }}
{% for i in items %}{% if i == 2 %}{% set s = i %}{% endif %}{{ s }}{% endfor %}
{% macro m(s=s) %}{{ s }}{% endmacro %}{{ m() }}
{% with s = s %}{{ s }}{% endwith %}{% with t = s %}{% set s = 1 %}{{ t }}{{ s }}{% endwith %}{{ s }}
{% filter upper %}{{ s }}{% set s = 'x' %}{{ s }}{% endfilter %}{{ s }}
'''.strip("\n").split("\n")
