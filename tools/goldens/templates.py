#!/usr/bin/env python3
"""Writes Tests/ChatTemplatesTests/goldens/templates.json: what jinja2 makes of small templates.

Reference: jinja2 in the sandboxed environment that Hugging Face transformers builds for chat
templates. Needs: pip install jinja2==3.1.6 transformers

  templates.py                        writes the goldens
  templates.py --shared DIR --out F   renders each *.jinja in DIR over the conversations
  templates.py --fuzz N --out F       renders N random templates (--seed S)

The last two are for a local comparison: `TOKENMILL_TEMPLATES=F tools/test` renders the same and
compares. Their output holds text of those templates and is not committed. A template that prints
the date must be compared on the day of its rendering.
"""

import argparse
import copy
import json
import pathlib
import random
import re
import signal
import warnings

import jinja2
import transformers
from transformers.utils.chat_template_utils import _compile_jinja_template

import templates_cases
import templates_fuzz

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDENS = ROOT / "Tests/ChatTemplatesTests/goldens"


class TooSlow(Exception):
    pass


def stop(signum, frame):
    raise TooSlow


def render(source, **variables):
    """The text, or None where the reference raises (also on text that is not Unicode)."""
    try:
        text = _compile_jinja_template(source).render(**variables)
        text.encode()
        return text
    except TooSlow:
        raise
    except Exception:
        return None


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

NO_PARAMETERS = {"type": "function", "function": {"name": "now", "description": "The time"}}


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
    dict(messages=[say("user", "q"), say("assistant", "a", thinking="first I think"), say("user", "r")]),
    dict(
        messages=[
            say("system", "S"),
            say("user", "two calls"),
            say(
                "assistant",
                None,
                reasoning_content="both",
                tool_calls=tool_call({"city": "Oslo"}) + tool_call({"city": "Bergen", "days": [1, 2]}),
            ),
            say("tool", [{"type": "text", "text": "3"}], name="get_weather", tool_call_id="call12345"),
            say("tool", "{\"t\": 4}", name="get_weather", tool_call_id="call12345"),
        ],
        tools=[WEATHER, NO_PARAMETERS],
        add_generation_prompt=True,
    ),
    dict(
        messages=[
            say("user", "call"),
            say("assistant", "Let me see.", tool_calls=tool_call({"city": "a\"b\n<é>", "o": {"k": [1, {}]}})),
            say("tool", {"temperature": 2.50, "sky": None}, name="get_weather", tool_call_id="call12345"),
            say("assistant", "Done"),
        ],
        tools=[WEATHER],
        add_generation_prompt=False,
    ),
    dict(messages=[say("developer", "Dev rules"), say("user", "x")], variables={"reasoning_effort": "high"}),
    dict(messages=[say("system", [{"type": "text", "text": "S"}]), say("user", [{"type": "image"}, {"type": "text", "text": "see"}])]),
    dict(messages=[say("user", "a"), say("user", "b"), say("assistant", "c"), say("assistant", "d")]),
    dict(messages=[say("unknown", "x")]),
    dict(messages=[{"role": "user"}]),
    dict(messages=[say("user", "date?")], tools=[WEATHER], variables={"tools_in_user_message": False, "date_string": "01 Jan 2025", "custom_tools": [WEATHER]}),
    dict(
        messages=[say("system", "/no_think be short"), say("user", "hi /think"), say("assistant", "<think>\n\n</think>\n\nyo")],
        variables={"enable_thinking": False, "xml_tools": [{"a": 1}], "builtin_tools": ["browser", "python"], "model_identity": "You are X."},
    ),
    dict(
        messages=[say("user", "docs?")],
        variables={"documents": [{"title": "T", "text": "body", "doc_id": 1}], "available_tools": [WEATHER], "controls": {"length": "short"}},
    ),
]


def conversation(source, c, bos="<s>", eos="</s>"):
    variables = {
        "messages": c["messages"],
        "tools": c.get("tools"),
        "documents": None,
        "add_generation_prompt": c.get("add_generation_prompt", True),
        "bos_token": bos,
        "eos_token": eos,
    }
    return render(source, **(variables | c.get("variables", {})))


def shared(folder):
    """Every template of a folder over every conversation, as it is and with a tool."""
    for path in sorted(folder.glob("*.jinja")):
        source = path.read_text()
        for c in CONVERSATIONS + [c | {"tools": [WEATHER]} for c in CONVERSATIONS]:
            yield {"name": path.name, "template": source, **c, "expected": conversation(source, c)}


def fuzz(count, seed):
    """Random templates; those that print an address or take long are left out."""
    signal.signal(signal.SIGALRM, stop)
    warnings.simplefilter("ignore")
    context = CONTEXT | templates_fuzz.CONTEXT

    def attempt(source):
        # Some filters change the lists they are given.
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        try:
            return render(source, messages=[], **copy.deepcopy(context))
        except TooSlow:
            return ...
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def works(expression):
        return attempt("{{ " + expression + " }}") not in (None, ...)

    for source in templates_fuzz.templates(count, seed, works):
        text = attempt(source)
        if text is ...:
            continue
        if text is not None and (re.search(r"(?i)0x[0-9a-fx]{8,}|<bound method|<built-in", text) or len(text) > 100_000):
            continue
        yield {"template": source, "messages": [], "variables": context, "expected": text}


def numbers():
    """Arithmetic and formatting of random numbers, most of them large."""
    source = random.Random(1)

    def integer():
        value = source.getrandbits(source.choice([3, 31, 53, 62, 64, 65, 96, 128, 200, 600]))
        return f"({'-' if source.random() < 0.4 else ''}{value})"

    for _ in range(60):
        a, b = integer(), integer()
        yield " ".join(f"{{{{ {a} {op} {b} }}}}" for op in ["+", "-", "*", "//", "%", "/", "<", "=="])
    for _ in range(30):
        yield f"{{{{ {integer()} ** {source.randrange(12)} }}}} {{{{ {integer()}|float }}}} {{{{ '%x' % {integer()} }}}}"
    for _ in range(60):
        value = source.choice([source.uniform(-10, 10), source.gauss(0, 1e6), 10 ** source.uniform(-20, 20)])
        spec = source.choice(["", "+", ">12", "<12", "^12", "012", "=+14"]) + source.choice(["", ","])
        places = source.choice(["", ".0", ".1", ".3", ".7"])
        kind = source.choice("efg%")
        yield (
            f"{{{{ '{{:{spec}{places}{kind}}}'.format({value!r}) }}}} {{{{ '%{places}{kind.replace('%', 'f')}' % {value!r} }}}}"
            f" {{{{ {value!r} }}}} {{{{ '{{:{places}}}'.format({value!r}) }}}} {{{{ {value!r}|round({source.randrange(-2, 5)}) }}}}"
        )


def goldens():
    templates = templates_cases.TEMPLATES + list(numbers())
    cases = [{"template": t, "expected": render(t, **CONTEXT)} for t in templates]
    document = {
        "reference": f"jinja2 {jinja2.__version__}, transformers {transformers.__version__}",
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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=pathlib.Path)
    parser.add_argument("--fuzz", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    if not options.shared and not options.fuzz:
        return goldens()
    cases = shared(options.shared) if options.shared else fuzz(options.fuzz, options.seed)
    options.out.write_text(json.dumps({"cases": list(cases)}, ensure_ascii=False))


if __name__ == "__main__":
    main()
