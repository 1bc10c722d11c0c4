"""Random templates over the features of the language, for a comparison on demand.

Names and literals are few, so that operations meet values of every type. Some of what this makes
is an error in the reference; that must be an error here too.
"""

import random

NAMES = ["s", "t", "items", "user", "users", "no", "tree", "missing", "n", "f", "nested", "empty"]
CONTEXT = {
    "t": "Über <b>Straße</b>\n  two words\ttab 😀 e\u0301",
    "n": 7,
    "f": -2.5,
    "nested": [[1, 2], ["a", ["b"]], {"k": [None, True]}],
    "empty": [],
}
LITERALS = """0 1 2 3 -1 10 1.5 -0.5 2.0 1e3 10**20 true false none 'a' 'b,c' '' ' x ' 'Hello World' 'aXbX'
'%s-%s' '{} {}' '12' '3.7' 'é' '\\n' [] [1,2,3] [3,1,2] ['b','A'] (1,) (1,'x') () {} {'a':1} {'b':2,'a':'z'}
[[1,2],[3,4]] range(3) range(5,0,-2)""".split()
ATTRIBUTES = "name age admin a b k items keys get upper x 0 1 real v c".split()
TESTS = """defined undefined none boolean string number integer float mapping sequence iterable
callable odd even lower upper true false escaped""".split()
TESTS1 = "eq ne lt le gt ge in sameas divisibleby equalto".split()
FILTERS = """abs capitalize center default dictsort escape e filesizeformat first float forceescape groupby
indent int join last length list lower items max min reject reverse round safe select slice(2)
sort string sum title tojson trim truncate unique|list upper urlencode wordcount count
batch(2)|list map('string')|list map('upper')|list map(attribute='name')|list map('length')|list
selectattr('name')|list selectattr('age','gt',28)|list rejectattr('admin')|list select('odd')|list
select('string')|list reject('none')|list default('d') default('d',true) d(1) join(',') join('-',attribute='name')
replace('a','X') replace('l','LL',1) replace(1,2) indent(2) indent(3,true) indent(1,true,true) indent('>')
truncate(5) truncate(8,true) truncate(6,false,'..',0) round(1) round(2) round(0,'ceil') round(1,'floor') round(-1)
int(5) int(0,16) int(base=2) float(1.5) sort(reverse=true) sort(case_sensitive=true) sort(attribute='age')
sort(attribute='name,age') unique(case_sensitive=true)|list dictsort(true) dictsort(by='value') dictsort(reverse=true)
tojson(indent=2) tojson(sort_keys=true) tojson(ensure_ascii=true) tojson(separators=(',',':')) sum(start=10)
sum('age') max(attribute='age') min(case_sensitive=true) groupby('admin') groupby('age',default=0)
center(9) trim('a') trim('x ') format(1) format('a','b') wordwrap(5) wordwrap(8,false) batch(2,'-')|list
slice(2,'-')|list slice(3)|list first|upper last|string list|length attr('name') attr('upper') urlencode|length
map('int')|list map('default','q')|list map('join','+')|list map('tojson')|list map(attribute=0)|list
map(attribute='k.0',default='?')|list select|list reject('in',[1,2])|list select('eq',1)|list items|list
list|tojson string|length filesizeformat(true)""".split()
METHODS = """upper() lower() title() capitalize() swapcase() casefold() strip() lstrip() rstrip() strip('ab')
split() split(',') split('X') split(none,1) rsplit('X',1) rsplit(none,1) splitlines() splitlines(true)
startswith('a') startswith(('H','a')) endswith('d') endswith('') replace('a','b') replace('','.',2)
find('o') find('o',5) rfind('o') index('a') count('X') count('') join(items) join(['p','q']) isdigit()
isalpha() isalnum() isspace() isupper() islower() istitle() isidentifier() isnumeric() isdecimal() isascii()
isprintable() zfill(5) center(7) center(8,'*') ljust(6,'.') rjust(6) removeprefix('a') removesuffix('d')
partition('X') rpartition(' ') format(1,2) format('a') expandtabs() expandtabs(4) get('a') get('name')
get('q','r') get(1) keys()|list values()|list items()|list copy() index(1) count(1) pop() append(1)
update({}) bit_length() is_integer() items() keys() values() name() nosuch()""".split()
BINARY = "+ + - * * / // % ~ ~ and or == != < <= > >= in".split() + ["not in"]
STRFORMATS = """'%s' '%r' '%d' '%5d' '%-5s|' '%05.1f' '%x' '%+d' '%.2f' '%e' '%g' '%c' '%i%%' '%8.3s|' '%#x'""".split()
BRACEFORMATS = """'{}' '{:>6}' '{:<6}|' '{:^7}' '{:.2f}' '{:,}' '{:+d}' '{:05}' '{!r}' '{:x}' '{:e}' '{:g}'
'{0}{0}' '{:.3}' '{:%}' '{:*^9}' '{:b}' '{:#o}' '{!s:>4}' '{:_}' '{:10.3f}|' '{:=6}' '{0[0]}' '{:n}'""".split()


class Maker:
    def __init__(self, seed, works):
        self.r = random.Random(seed)
        self.works = works
        self.macros = []
        self.loops = 0

    def pick(self, options):
        return self.r.choice(options)

    def sound(self, depth):
        """An expression that mostly is no error."""
        for _ in range(6 if self.r.random() < 0.93 else 1):
            text = self.expression(depth)
            if self.works(text):
                break
        return text

    def atom(self):
        return self.pick(NAMES) if self.r.random() < 0.55 else self.pick(LITERALS)

    def expression(self, depth=3):
        r = self.r.random()
        if depth <= 0 or r < 0.12:
            return self.atom()
        inner = lambda: self.expression(depth - 1)
        if r < 0.34:
            return f"{self.wrapped(depth)}|{self.pick(FILTERS)}"
        if r < 0.46:
            return f"{self.wrapped(depth)}.{self.pick(METHODS)}"
        if r < 0.62:
            return f"{self.wrapped(depth)} {self.pick(BINARY)} {self.wrapped(depth)}"
        if r < 0.68:
            return f"{self.wrapped(depth)}.{self.pick(ATTRIBUTES)}"
        if r < 0.74:
            bounds = [self.pick(["", "1", "-1", "2", "-2", "0", "n", "none"]) for _ in range(3)]
            part = ":".join(bounds[: self.pick([2, 3])]) if self.r.random() < 0.6 else inner()
            return f"{self.pick(NAMES)}[{part}]"
        if r < 0.80:
            test = self.pick(TESTS)
            if self.r.random() < 0.4:
                test = f"{self.pick(TESTS1)}({inner()})"
            return f"{self.wrapped(depth)} is {self.pick(['', 'not '])}{test}"
        if r < 0.84:
            return f"{inner()} if {inner()}" + (f" else {inner()}" if self.r.random() < 0.7 else "")
        if r < 0.87:
            return f"{self.pick(['not', '-', '+'])} {self.wrapped(depth)}"
        if r < 0.90:
            return f"{self.pick(STRFORMATS)} % {self.wrapped(depth)}"
        if r < 0.93:
            return f"{self.pick(BRACEFORMATS)}.format({inner()})"
        if r < 0.96:
            return self.pick(["[{}, {}]", "({}, {})", "{{'p': {}, 'q': {}}}", "[{}] + [{}]"]).format(inner(), inner())
        if self.macros and r < 0.98:
            return f"{self.pick(self.macros)}({inner()})"
        return f"{self.atom()} {self.pick(['<', '<=', '==', '!='])} {self.atom()} {self.pick(['<', '>=', 'in'])} {self.atom()}"

    def wrapped(self, depth):
        if self.r.random() < 0.5:
            return self.atom()
        text = self.expression(depth - 1)
        return f"({text})" if self.r.random() < 0.9 else text

    def body(self, depth):
        return "".join(self.statement(depth - 1) for _ in range(self.r.randint(1, 3)))

    def tag(self, text):
        return f"{self.pick(['{%', '{%', '{%-', '{%+'])} {text} {self.pick(['%}', '%}', '-%}', '+%}'])}"

    def space(self):
        return self.pick(["", "", " ", "\n", "\n  ", "  \n\t"])

    def statement(self, depth):
        r = self.r.random()
        e = lambda d=2: self.sound(d)
        if depth <= 0 or r < 0.35:
            open_, close = self.pick([("{{", "}}"), ("{{", "}}"), ("{{-", "-}}")])
            return self.space() + f"{open_} {e(3)} {close}" + self.space()
        if r < 0.42:
            return self.pick(["text", " a b ", "\n line\n", "{# note #}", "{#- x -#}\n", "{% raw %}{{ x }}{% endraw %}"])
        if r < 0.52:
            other = self.tag("elif " + e()) + self.body(depth) if self.r.random() < 0.3 else ""
            last = self.tag("else") + self.body(depth) if self.r.random() < 0.5 else ""
            return self.tag("if " + e()) + self.body(depth) + other + last + self.tag("endif")
        if r < 0.70:
            return self.loop(depth)
        if r < 0.78:
            return self.tag(f"set {self.pick(['x', 's', 'n', 'items', 'y'])} = {e()}")
        if r < 0.81:
            filters = self.pick(["", " | upper", " | trim", " | length", " | indent(2)"])
            return self.tag(f"set {self.pick('xys')}{filters}") + self.body(depth) + self.tag("endset")
        if r < 0.84:
            return self.tag(f"with x = {e()}, n = {e()}") + self.body(depth) + "{{ x }}" + self.tag("endwith")
        if r < 0.87:
            return self.tag("filter " + self.pick(["upper", "trim", "replace('a', 'b')", "indent", "title|trim"])) + self.body(depth) + self.tag("endfilter")
        if r < 0.92:
            return self.macro(depth)
        if r < 0.95:
            body = self.body(depth)
            return "{% set ns = namespace(q=" + e() + ") %}{% for z in items %}{% set ns.q = " + e() + " %}" + body + "{% endfor %}{{ ns.q }}"
        if r < 0.97:
            return self.tag("generation") + self.body(depth) + self.tag("endgeneration")
        return "{{ x }}{{ y is defined }}"

    def loop(self, depth):
        source = self.pick(["items", "users", "user", "nested", "s", "range(3)", "user.items()", "empty", "'ab'", self.sound(2)])
        target = self.pick(["x", "x", "y", "x, y"]) if source != "user.items()" else "x, y"
        test = f" if {self.sound(2)}" if self.r.random() < 0.2 else ""
        field = self.pick("index index0 first last length revindex revindex0 previtem nextitem depth cycle('p','q') changed(x)".split())
        self.loops += 1
        inner = self.body(depth)
        if self.r.random() < 0.3:
            inner += self.tag(f"if {self.sound(2)}") + self.tag(self.pick(["break", "continue"])) + self.tag("endif") + "tail"
        self.loops -= 1
        inner += "{{ loop." + field + " }}" if self.r.random() < 0.5 else ""
        last = self.tag("else") + self.body(depth) if self.r.random() < 0.3 else ""
        return self.tag(f"for {target} in {source}{test}") + "{{ x }}" + inner + last + self.tag("endfor")

    def macro(self, depth):
        name = f"m{len(self.macros)}"
        signature = self.pick(["a", "a, b=2", "a, b=a", "a=none, *", "a"]).replace(", *", "")
        extra = self.pick(["", "", "{{ varargs }}", "{{ kwargs }}", "{{ caller() if caller else '-' }}"])
        text = self.tag(f"macro {name}({signature})") + "{{ a }}" + self.body(depth) + extra + self.tag("endmacro")
        self.macros.append(name)
        if self.r.random() < 0.3:
            return text + self.tag(f"call {name}({self.sound(1)})") + self.body(depth) + self.tag("endcall")
        return text + "{{ " + name + "(" + self.sound(1) + self.pick(["", ", 5", ", b=3", ", c=4"]) + ") }}"

    def template(self):
        return "".join(self.statement(3) for _ in range(self.r.randint(1, 3)))


def templates(count, seed, works):
    """`works` says whether the reference renders an expression."""
    for index in range(count):
        yield Maker(seed * 1_000_003 + index, works).template()
