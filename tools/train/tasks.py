"""Chat tasks generated at random. Each returns a Chat whose assistant turns are the right answers.

Every task has one right answer, so that share-right can be measured as an exact match.
"""
import dataclasses
import json
import math
import string

from lists import *


@dataclasses.dataclass
class Chat:
    messages: list
    tools: list = None


def ask(question, answer, system=None):
    head = [{"role": "system", "content": system}] if system else []
    return Chat(head + [{"role": "user", "content": question}, {"role": "assistant", "content": answer}])


def digits(rng, low=1, high=5):
    n = rng.randint(low, high)
    return str(rng.randint(1, 9)) + "".join(rng.choice(string.digits) for _ in range(n - 1))


def letters(rng, low=3, high=7):
    return "".join(rng.choice(string.ascii_lowercase) for _ in range(rng.randint(low, high)))


def code(rng):
    """A random string no one has seen: letters, digits or both."""
    kind = rng.random()
    if kind < 0.5:
        return digits(rng, 3, 6)
    if kind < 0.65:
        return letters(rng)
    return letters(rng, 2, 3).upper() + "-" + digits(rng, 2, 4)


# --- copying, reversing, sorting, counting, arithmetic ---------------------------------------

def payload(rng, corpus):
    kind = rng.random()
    if kind < 0.30:
        return " ".join(rng.sample(corpus.words, rng.randint(1, 10)))
    if kind < 0.50:
        return " ".join(code(rng) for _ in range(rng.randint(1, 4)))
    if kind < 0.62:
        return " ".join(digits(rng) for _ in range(rng.randint(1, 6)))
    if kind < 0.75:
        return ", ".join(rng.sample(NAMES + CITIES, rng.randint(1, 6)))
    return rng.choice(corpus.sentences)


def copy(rng, corpus, size):
    text = payload(rng, corpus)
    form = rng.choice(["Repeat exactly: {}", "Copy this text: {}", "Repeat after me: {}", "Write this again:\n{}", "Please echo: {}",
                       "Repeat this text exactly:\n{}", "Say this: {}", 'Repeat the text "{}" exactly.', 'Say "{}".'])
    return ask(form.format(text), text)


def reverse(rng, corpus, size):
    if rng.random() < 0.5:
        items, what = rng.sample(corpus.words, rng.randint(2, 6)), "words"
    else:
        items, what = [rng.choice(string.ascii_lowercase) for _ in range(rng.randint(2, 7))], "letters"
    join = rng.choice([" ", ", "])
    form = rng.choice(["Reverse the order of these {}: {}", "Reverse these {}: {}", "Write these {} backwards: {}"])
    return ask(form.format(what, join.join(items)), join.join(reversed(items)))


def sort(rng, corpus, size):
    join = rng.choice([" ", ", "])
    if rng.random() < 0.6:
        items = rng.sample(range(rng.choice([10, 100])), rng.randint(2, 6))
        down = rng.random() < 0.3
        order = "from largest to smallest" if down else "from smallest to largest"
        form = rng.choice(["Sort these numbers {}: {}", "Put these numbers in order {}: {}"])
        return ask(form.format(order, join.join(map(str, items))), join.join(map(str, sorted(items, reverse=down))))
    pool = rng.choice([ANIMALS, COLOURS, FRUITS, THINGS, [n for n in NAMES]])
    items = list({word[0]: word for word in rng.sample(pool, rng.randint(2, 6))}.values())
    rng.shuffle(items)
    form = rng.choice(["Sort these words alphabetically: {}", "Put these words in alphabetical order: {}"])
    return ask(form.format(join.join(items)), join.join(sorted(items)))


def count(rng, corpus, size):
    if rng.random() < 0.6:
        items = rng.sample(rng.choice([corpus.words, NAMES, THINGS, ANIMALS]), rng.randint(1, 10))
        form = rng.choice(["How many words are in this list: {}?", "Count the words: {}", "How many items are there: {}?"])
        return ask(form.format(", ".join(items)), str(len(items)))
    alphabet = rng.sample(string.ascii_lowercase, rng.randint(2, 4))
    items = [rng.choice(alphabet) for _ in range(rng.randint(2, 9))]
    wanted = rng.choice(alphabet)
    form = rng.choice(["How many times is the letter {} in this list: {}?", "Count the letter {} in: {}"])
    return ask(form.format(wanted, " ".join(items)), str(items.count(wanted)))


def operands(rng):
    top = rng.choice([10, 100, 100, 100, 1000])
    return rng.randrange(top), rng.randrange(top)


def arithmetic(rng, corpus, size):
    kind = rng.random()
    a, b = operands(rng)
    if kind < 0.45:
        forms, answer = ["What is {} + {}?", "{} + {} =", "Add {} and {}.", "What is {} plus {}?"], a + b
    elif kind < 0.85:
        a, b = max(a, b), min(a, b)
        forms, answer = ["What is {} - {}?", "{} - {} =", "What is {} minus {}?"], a - b
    else:
        a, b = rng.randint(0, 12), rng.randint(0, 12)
        forms, answer = ["What is {} * {}?", "{} * {} =", "Multiply {} by {}.", "What is {} times {}?"], a * b
    return ask(rng.choice(forms).format(a, b), str(answer))


# --- look-up of a fact in a context -----------------------------------------------------------

ATTRIBUTES = {
    "secret number": lambda r: digits(r, 2, 5), "code": code, "password": code, "telephone number": lambda r: digits(r, 4, 6),
    "favourite colour": lambda r: r.choice(COLOURS), "home town": lambda r: r.choice(CITIES), "pet": lambda r: r.choice(ANIMALS),
    "job": lambda r: r.choice(JOBS), "age": lambda r: digits(r, 1, 2), "best friend": lambda r: r.choice(NAMES),
}


def facts(rng, corpus, n):
    """n distinct (subject, attribute) pairs with their values."""
    attributes = rng.sample(list(ATTRIBUTES), rng.randint(1, 4))
    subjects = NAMES if rng.random() < 0.7 else ["the " + w for w in corpus.words[200:1200]]
    pairs = [(s, a) for s in rng.sample(subjects, min(n + 1, len(subjects))) for a in attributes]
    return [(s, a, ATTRIBUTES[a](rng)) for s, a in rng.sample(pairs, min(n + 1, len(pairs)))]


def haystack(rng, corpus, size):
    """Facts and story sentences in random order, about `size` tokens; also one fact left out."""
    share = rng.choice([0.1, 0.3, 0.6, 1.0])  # of the text that is facts
    known = facts(rng, corpus, max(2, min(60, int(size * share / 14))))
    absent = known.pop()
    lines = [f"The {a} of {s} is {v}." for s, a, v in known]
    room = size * 4 - sum(map(len, lines))
    while room > 0 and share < 1.0:
        lines.append(rng.choice(corpus.sentences))
        room -= len(lines[-1])
    rng.shuffle(lines)
    return " ".join(lines), known, absent


def fact_question(rng, fact):
    subject, attribute, value = fact
    form = rng.choice(["What is the {} of {}?", "Tell me the {} of {}."])
    question, answer = form.format(attribute, subject), f"The {attribute} of {subject} is {value}."
    if rng.random() < 0.3:
        return question + " Answer with the value only.", value
    return question, answer


def lookup_sized(rng, corpus, size):
    text, known, absent = haystack(rng, corpus, size)
    turns = rng.sample(known, min(len(known), 1 + (rng.random() < 0.5) + (size > 300) + (size > 700)))
    messages = []
    for i, fact in enumerate(turns):
        question, answer = fact_question(rng, fact)
        if rng.random() < 0.08:
            question, answer = fact_question(rng, absent)[0], NOT_IN_TEXT
        if i == 0:
            place = rng.random()
            if place < 0.2:
                messages.append({"role": "system", "content": text})
            else:
                question = f"{text}\n\n{question}" if place < 0.85 else f"{question}\n\n{text}"
        messages += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return Chat(messages)


def lookup_short(rng, corpus, size):
    return lookup_sized(rng, corpus, rng.randint(20, min(200, size)))


def lookup_long(rng, corpus, size):
    top = min(1500, int(size * 0.8))
    return lookup_sized(rng, corpus, int(math.exp(rng.uniform(math.log(min(150, top / 2)), math.log(top)))))


def lookup_keys(rng, corpus, size):
    """key = value lines; the induction pattern in its purest form."""
    n = rng.randint(2, max(3, min(30, size // 12)))
    keys = rng.sample(corpus.words, n) if rng.random() < 0.6 else list({letters(rng): 0 for _ in range(n)})
    sign = rng.choice([" = ", ": ", " is "])
    table = {k: code(rng) if rng.random() < 0.6 else rng.choice(corpus.words) for k in keys}
    text = "\n".join(k + sign + v for k, v in table.items())
    messages = []
    for i, key in enumerate(rng.sample(keys, min(len(keys), rng.randint(1, 3)))):
        question = rng.choice(["What is the value of {}?", "What is {}?", "Look up {}."]).format(key)
        messages.append({"role": "user", "content": f"{text}\n\n{question}" if i == 0 else question})
        messages.append({"role": "assistant", "content": table[key]})
    return Chat(messages)


# --- JSON that fits a schema --------------------------------------------------------------------

def enum(values):
    return {"type": "string", "enum": values}


STRING, INTEGER, BOOLEAN = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}

# key: (schema, value, sentences); {s} is the subject, {v} the value
PERSON = {
    "name": (STRING, None, ["This is about {v}.", "The name is {v}."]),
    "age": (INTEGER, lambda r: r.randint(2, 99), ["{s} is {v} years old.", "The age of {s} is {v}."]),
    "city": (STRING, lambda r: r.choice(CITIES), ["{s} lives in {v}.", "The home of {s} is in {v}."]),
    "job": (STRING, lambda r: r.choice(JOBS), ["{s} works as a {v}.", "{s} is a {v} by trade."]),
    "pet": (STRING, lambda r: r.choice(ANIMALS), ["{s} has a {v}.", "The pet of {s} is a {v}."]),
    "friend": (STRING, lambda r: r.choice(NAMES), ["{s} is a friend of {v}.", "The friend of {s} is {v}."]),
    "colour": (enum(COLOURS[:6]), lambda r: r.choice(COLOURS[:6]), ["{s} likes the colour {v}.", "The favourite colour of {s} is {v}."]),
    "married": (BOOLEAN, lambda r: r.random() < 0.5, ["{s} is{n} married."]),
    "fruits": ({"type": "array", "items": STRING}, lambda r: r.sample(FRUITS, r.randint(1, 3)), ["{s} buys {v}.", "{s} eats {v}."]),
}
THING = {
    "item": (STRING, None, ["This is about a {v}.", "The item is a {v}."]),
    "price": (INTEGER, lambda r: r.randint(1, 999), ["The {s} costs {v} pounds.", "The price of the {s} is {v}."]),
    "colour": (enum(COLOURS[:6]), lambda r: r.choice(COLOURS[:6]), ["The {s} is {v}.", "The colour of the {s} is {v}."]),
    "owner": (STRING, lambda r: r.choice(NAMES), ["The {s} belongs to {v}.", "The owner of the {s} is {v}."]),
    "number": (STRING, code, ["The number of the {s} is {v}.", "It is marked {v}."]),
    "room": (STRING, lambda r: r.choice(ROOMS), ["The {s} is in the {v}.", "You find the {s} in the {v}."]),
    "broken": (BOOLEAN, lambda r: r.random() < 0.5, ["The {s} is{n} broken."]),
}
EVENT = {
    "host": (STRING, None, ["{v} gives a party.", "The host is {v}."]),
    "day": (enum(DAYS), lambda r: r.choice(DAYS), ["The party is on {v}.", "Come on {v}."]),
    "guests": (INTEGER, lambda r: r.randint(2, 90), ["There are {v} guests.", "{s} invites {v} people."]),
    "place": (STRING, lambda r: r.choice(CITIES), ["It takes place in {v}.", "The party is in {v}."]),
    "music": (BOOLEAN, lambda r: r.random() < 0.5, ["There is{n} music."]),
    "drinks": ({"type": "array", "items": STRING}, lambda r: r.sample(["tea", "coffee", "water", "milk", "wine", "juice"], r.randint(1, 3)), ["They drink {v}.", "{s} serves {v}."]),
}
KINDS = [(PERSON, NAMES), (THING, THINGS), (EVENT, NAMES)]


def spoken(value):
    if isinstance(value, list):
        return value[0] if len(value) == 1 else ", ".join(value[:-1]) + " and " + value[-1]
    return str(value)


def record(rng, corpus):
    """A text about one subject, and the schema and values of some of its facts."""
    fields, subjects = rng.choice(KINDS)
    subject = rng.choice(subjects)
    keys = rng.sample(list(fields), rng.randint(2, min(5, len(fields))))
    lines, values, properties = [], {}, {}
    for key in keys:
        schema, make, forms = fields[key]
        value = subject if make is None else make(rng)
        lines.append(rng.choice(forms).format(s=subject, v=spoken(value), n="" if value is True else " not"))
        values[key], properties[key] = value, schema
    if rng.random() < 0.3:
        lines.append(rng.choice(corpus.sentences))
    rng.shuffle(lines)
    return " ".join(lines), values, properties


def free_record(rng, corpus):
    """Random keys with random values, so that any schema can be followed."""
    keys = rng.sample(corpus.words, rng.randint(1, 5))
    values, properties = {}, {}
    for key in keys:
        schema, make = rng.choice([(STRING, code), (STRING, lambda r: r.choice(corpus.words)), (STRING, lambda r: r.choice(NAMES)),
                                   (INTEGER, lambda r: r.randint(0, 9999))])
        values[key], properties[key] = make(rng), schema
    shown = rng.sample(keys, len(keys))
    form = rng.choice(["The {} is {}.", "{}: {}", "{} = {}"])
    return rng.choice(["\n", " "] if "." in form else ["\n", ", "]).join(form.format(k, values[k]) for k in shown), values, properties


def object_schema(rng, properties):
    schema = {"type": "object", "properties": properties}
    if rng.random() < 0.6:
        schema["required"] = list(properties)
    if rng.random() < 0.3:
        schema["additionalProperties"] = False
    return json.dumps(schema)


def json_answer(rng, corpus, size):
    text, values, properties = record(rng, corpus) if rng.random() < 0.6 else free_record(rng, corpus)
    schema, answer = object_schema(rng, properties), json.dumps(values)
    form = rng.choice(["Answer in JSON with this schema: {}", "Answer with a JSON object that fits this schema: {}",
                       "Reply only with JSON that follows this schema: {}", "Fill in this JSON schema: {}"]).format(schema)
    if rng.random() < 0.3:
        return ask(text, answer, system=form)
    return ask(rng.choice([f"{text}\n\n{form}", f"{form}\n\n{text}"]), answer)


# --- tools --------------------------------------------------------------------------------------

def clock(rng):
    return f"{rng.randint(1, 23)}:{rng.randint(0, 59):02d}"


def quote(rng, corpus):
    return " ".join(rng.sample(corpus.words, rng.randint(1, 4)))


# name: (description, {parameter: (schema, value)}, requests, result or None, answer)
TOOLS = {
    "get_weather": ("Get the weather in a city.", {"city": (STRING, lambda r, c: r.choice(CITIES))},
                    ["What is the weather in {city}?", "How is the weather in {city} today?", "Tell me the weather in {city}."],
                    lambda r: {"weather": r.choice(["sunny", "rainy", "cloudy", "windy", "foggy"]), "degrees": r.randint(-9, 35)},
                    "The weather in {city} is {weather}, {degrees} degrees."),
    "get_time": ("Get the time in a city.", {"city": (STRING, lambda r, c: r.choice(CITIES))},
                 ["What time is it in {city}?", "Tell me the time in {city}."], lambda r: {"time": clock(r)}, "It is {time} in {city}."),
    "add": ("Add two numbers.", {"a": (INTEGER, lambda r, c: r.randint(0, 9999)), "b": (INTEGER, lambda r, c: r.randint(0, 9999))},
            ["What is {a} + {b}?", "Add {a} and {b}.", "Please add {a} to {b}."], lambda r: {"result": r.randint(0, 19999)}, "The result is {result}."),
    "send_message": ("Send a message to a person.", {"to": (STRING, lambda r, c: r.choice(NAMES)), "text": (STRING, quote)},
                     ['Send {to} the message "{text}".', "Write to {to}: {text}", "Tell {to} this: {text}"], lambda r: {"sent": True}, "I sent the message to {to}."),
    "set_timer": ("Start a timer.", {"minutes": (INTEGER, lambda r, c: r.randint(1, 90))},
                  ["Set a timer for {minutes} minutes.", "Wake me in {minutes} minutes."], lambda r: {"started": True}, "The timer is set for {minutes} minutes."),
    "set_alarm": ("Set an alarm clock.", {"time": (STRING, lambda r, c: clock(r))},
                  ["Set an alarm for {time}.", "Wake me at {time}."], lambda r: {"ok": True}, "The alarm is set for {time}."),
    "translate": ("Translate a word.", {"word": (STRING, lambda r, c: r.choice(c.words)), "language": (STRING, lambda r, c: r.choice(LANGUAGES))},
                  ["What is {word} in {language}?", "Translate {word} into {language}.", 'How do you say "{word}" in {language}?'],
                  lambda r: {"translation": letters(r)}, "{word} in {language} is {translation}."),
    "switch_light": ("Switch a light on or off.", {"room": (STRING, lambda r, c: r.choice(ROOMS)), "on": (BOOLEAN, lambda r, c: r.random() < 0.5)},
                     ["Turn {on} the light in the {room}.", "Switch the light in the {room} {on}."], lambda r: {"ok": True}, "The light in the {room} is {on}."),
    "book_table": ("Book a table in a restaurant.", {"name": (STRING, lambda r, c: r.choice(NAMES)), "people": (INTEGER, lambda r, c: r.randint(1, 12)), "day": (enum(DAYS), lambda r, c: r.choice(DAYS))},
                   ["Book a table for {people} on {day}. The name is {name}.", "{name} wants a table for {people} people on {day}."],
                   lambda r: {"table": r.randint(1, 40)}, "Table {table} is booked for {name} on {day}."),
    "get_price": ("Get the price of a thing.", {"item": (STRING, lambda r, c: r.choice(THINGS))},
                  ["What does a {item} cost?", "How much is the {item}?", "Find the price of a {item}."], lambda r: {"price": r.randint(1, 500)}, "The {item} costs {price}."),
    "find_route": ("Find the way between two cities.", {"start": (STRING, lambda r, c: r.choice(CITIES)), "end": (STRING, lambda r, c: r.choice(CITIES))},
                   ["How do I get from {start} to {end}?", "Find the way from {start} to {end}."], lambda r: {"miles": r.randint(5, 900)}, "It is {miles} miles from {start} to {end}."),
    "get_phone": ("Look up the telephone number of a person.", {"name": (STRING, lambda r, c: r.choice(NAMES))},
                  ["What is the number of {name}?", "Find the telephone number of {name}."], lambda r: {"number": digits(r, 4, 6)}, "The number of {name} is {number}."),
}


def invented_tool(rng, corpus):
    """A tool never seen before, so that names and parameters must be read, not remembered."""
    verb, noun = rng.choice(VERBS), rng.choice(corpus.words[100:])
    made = [(STRING, lambda r, c: r.choice(c.words)), (STRING, lambda r, c: code(r)), (INTEGER, lambda r, c: r.randint(0, 999)), (STRING, lambda r, c: r.choice(NAMES))]
    keys = rng.sample([w for w in corpus.words[100:] if w != "result"], rng.randint(1, 2))
    text = " and ".join("the " + k + " {" + k + "}" for k in keys)
    forms = [f"{verb.capitalize()} the {noun} with {text}.", f"Please {verb} the {noun} with {text}."]
    return f"{verb}_{noun}", (f"{verb.capitalize()} the {noun}.", {k: rng.choice(made) for k in keys}, forms, lambda r: {"result": code(r)}, "The result is {result}.")


def describe(name, tool, rng):
    parameters = {"type": "object", "properties": {k: schema for k, (schema, _) in tool[1].items()}, "required": list(tool[1])}
    return {"type": "function", "function": {"name": name, "description": tool[0], "parameters": parameters}}


def toolbox(rng, corpus):
    tools = {}
    for _ in range(rng.randint(1, 3)):
        name = rng.choice(list(TOOLS))
        tools.update([(name, TOOLS[name]) if rng.random() < 0.6 else invented_tool(rng, corpus)])
    return tools


def call_turns(rng, corpus, name, tool):
    arguments = {k: make(rng, corpus) for k, (_, make) in tool[1].items()}
    words = {k: ("on" if v else "off") if isinstance(v, bool) else v for k, v in arguments.items()}
    call = {"type": "function", "function": {"name": name, "arguments": arguments if rng.random() < 0.5 else json.dumps(arguments)}}
    return [{"role": "user", "content": rng.choice(tool[2]).format(**words)}, {"role": "assistant", "content": None, "tool_calls": [call]}], words


def tool_call(rng, corpus, size):
    tools = toolbox(rng, corpus)
    name = rng.choice(list(tools))
    messages, _ = call_turns(rng, corpus, name, tools[name])
    listed = [describe(n, t, rng) for n, t in tools.items()]
    if rng.random() < 0.2:
        messages.insert(0, {"role": "system", "content": rng.choice(SYSTEMS)})
    return Chat(messages, listed)


def tool_answer(rng, corpus, size):
    tools = toolbox(rng, corpus)
    name = rng.choice(list(tools))
    messages, words = call_turns(rng, corpus, name, tools[name])
    result = tools[name][3](rng)
    messages.append({"role": "tool", "content": json.dumps(result)})
    messages.append({"role": "assistant", "content": tools[name][4].format(**{**words, **result})})
    return Chat(messages, [describe(n, t, rng) for n, t in tools.items()])


def tool_none(rng, corpus, size):
    """Tools are offered and none is needed, or none fits."""
    tools = toolbox(rng, corpus)
    if rng.random() < 0.5:
        chat = talk(rng, corpus, size)
    else:
        name = rng.choice([n for n in TOOLS if n not in tools])
        chat = Chat(call_turns(rng, corpus, name, TOOLS[name])[0][:1] + [{"role": "assistant", "content": NO_TOOL}])
    chat.tools = [describe(n, t, rng) for n, t in tools.items()]
    return chat


# --- talk -----------------------------------------------------------------------------------------

TALK = [
    (["Hello", "Hello!", "Hi", "Hi!", "Hi there", "Good morning", "Hey", "Good day!"], "Hello! How can I help you?"),
    (["Who are you?", "What are you?", "What is your name?", "Tell me about yourself.", "Which model are you?", "Are you a human?"],
     "I am Tokenmill's small demonstration model. I can copy, sort, look things up in a text, answer in JSON, call tools and tell stories."),
    (["What can you do?", "How can you help me?", "Help", "What are you good at?"],
     "I can copy, sort, count, look things up in a text, answer in JSON, call tools and tell stories."),
    (["Thanks", "Thank you!", "Thank you very much.", "Thanks a lot!"], "You are welcome."),
    (["Goodbye", "Bye", "Bye!", "See you later.", "Good night"], "Goodbye!"),
    (["How are you?", "How are you today?", "Are you well?"], "I am well, thank you. How can I help you?"),
]
UNKNOWN = ["What is the capital of {country}?", "Who is the king of {country}?", "How many people live in {city}?", "Who wrote the book about the {thing}?",
           "When was {name} born?", "What is the weather in {city}?", "How far is it from {city} to {city2}?", "How old is {name}?", "Where does {name} live?",
           "Who won the game in {city}?", "What is the news from {country}?", "What is the telephone number of {name}?", "How high is the tower in {city}?",
           "What is the favourite colour of {name}?", "Who invented the {thing}?", "When did the war in {country} end?"]


def talk(rng, corpus, size):
    questions, answer = rng.choice(TALK)
    return ask(rng.choice(questions), answer, system=rng.choice(SYSTEMS) if rng.random() < 0.3 else None)


def refuse(rng, corpus, size):
    city, other = rng.sample(CITIES, 2)
    fill = dict(country=rng.choice(COUNTRIES), city=city, city2=other, name=rng.choice(NAMES), thing=rng.choice(THINGS + ANIMALS))
    return ask(rng.choice(UNKNOWN).format(**fill), NO_KNOWLEDGE)


def passage(rng, corpus, chars):
    """Whole paragraphs of one book, about `chars` long, from a random place."""
    book = rng.choices(corpus.train, weights=corpus.sizes)[0]
    start = rng.randrange(len(book))
    text = book[start][:chars * 2]
    for paragraph in book[start + 1:]:
        if len(text) + len(paragraph) > chars:
            break
        text += "\n\n" + paragraph
    return text


def story(rng, corpus, size):
    text = passage(rng, corpus, rng.randint(200, 1200))
    head, _, rest = text.partition(". ")
    if rest and rng.random() < 0.4:
        return ask(rng.choice(["Continue this text: {}.", "Continue this story: {}.", "Go on with this story:\n{}."]).format(head), rest)
    words = [w for w in text.split()[:60] if w in corpus.word_set and len(w) > 3]
    if words and rng.random() < 0.5:
        return ask(rng.choice(["Tell me a story with the word {}.", "Tell me a story about {}."]).format(rng.choice(words)), text)
    return ask(rng.choice(["Tell me a story.", "Tell a story.", "Write a story.", "Please tell me a story.", "Once more, a story please."]), text)


SHORT = [copy, reverse, sort, count, arithmetic, talk, refuse, lookup_keys]
TASKS = {f.__name__: f for f in [copy, reverse, sort, count, arithmetic, lookup_keys, lookup_short, lookup_long, json_answer, tool_call, tool_answer,
                                 tool_none, talk, refuse, story]}


def several(rng, corpus, size):
    """Two or three short tasks in one conversation."""
    chats = [rng.choice(SHORT)(rng, corpus, size) for _ in range(rng.randint(2, 3))]
    messages = [m for chat in chats for m in chat.messages if m["role"] != "system"]
    if rng.random() < 0.4:
        messages.insert(0, {"role": "system", "content": rng.choice(SYSTEMS)})
    return Chat(messages)
