"""The byte-level BPE tokenizer and the chat template: training them, saving them, and turning a Chat into tokens."""
import collections
import json
import pathlib
import random
import re
import shutil

from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

VOCABULARY = 4096
PIECES = 2600  # of them without a space in front
SPACE = "\u0120"  # how byte-level BPE writes a space
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
MARKUP = ["<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>"]
TEMPLATE = pathlib.Path(__file__).with_name("chat_template.jinja")


def build(texts):
    """Train a tokenizer on an iterable of strings.

    Pieces are learnt without the space in front of a word; merges of a space with the pieces that often begin a word
    come last. So a word is cut alike after a space, a quote or a newline, which makes copying it easy to learn.
    Digits are single tokens.
    """
    texts = list(texts)
    digits, words = pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    apart = Tokenizer(models.BPE())
    apart.pre_tokenizer = pre_tokenizers.Sequence([digits, pre_tokenizers.Split(" ", behavior="isolated"), words])
    apart.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=PIECES, min_frequency=2, show_progress=False,
                                                         initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    learnt = json.loads(apart.to_str())["model"]
    vocab, merges = learnt["vocab"], [tuple(m) for m in learnt["merges"]]
    for piece in often_first(apart, texts)[:VOCABULARY - len(SPECIAL + MARKUP) - len(vocab)]:
        vocab[SPACE + piece] = len(vocab)
        merges.append((SPACE, piece))
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, words])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.add_tokens([AddedToken(t, special=False, normalized=False) for t in MARKUP])
    assert tokenizer.get_vocab_size() == VOCABULARY, tokenizer.get_vocab_size()
    return tokenizer


def often_first(tokenizer, texts):
    """The pieces that stand after a single space, the most frequent first."""
    counts = collections.Counter()
    for encoding in tokenizer.encode_batch(texts):
        for before, piece in zip(encoding.tokens, encoding.tokens[1:]):
            if before == SPACE and not piece.startswith(SPACE) and not piece.isdigit():
                counts[piece] += 1
    return [piece for piece, _ in counts.most_common()]


def save(tokenizer, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    shutil.copy(TEMPLATE, folder / "chat_template.jinja")
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 2048, "bos_token": None, "eos_token": "<|im_end|>",
              "pad_token": "<|endoftext|>", "unk_token": None, "clean_up_tokenization_spaces": False, "add_prefix_space": False}
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")


def to_json(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    """The `tojson` of transformers: plain JSON, no HTML escapes."""
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def template(path):
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.filters["tojson"] = to_json
    return environment.from_string(path.read_text())


class Encoder:
    """Renders chats with the shipped template and encodes them as serving would."""
    TURN = re.compile(r"(<\|im_start\|>assistant\n)(.*?<\|im_end\|>)", re.DOTALL)

    def __init__(self, folder):
        self.tokenizer = Tokenizer.from_file(str(pathlib.Path(folder) / "tokenizer.json"))
        self.template = template(pathlib.Path(folder) / "chat_template.jinja")
        self.end_of_text = self.tokenizer.token_to_id("<|endoftext|>")
        self.end_of_turn = self.tokenizer.token_to_id("<|im_end|>")

    def pairs(self):
        """Ids of the pieces that exist without and with a space in front."""
        vocab = self.tokenizer.get_vocab()
        return [(vocab[piece[1:]], i) for piece, i in sorted(vocab.items()) if piece.startswith(SPACE) and piece[1:] in vocab]

    def ids(self, text):
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def render(self, chat, prompt=False):
        return self.template.render(messages=chat.messages, tools=chat.tools, add_generation_prompt=prompt)

    def chat(self, chat):
        """Token ids, and for each id whether the model has to produce it.

        Prompt and answer are encoded apart, since a server only ever encodes prompts.
        """
        ids, produced, position, text = [], [], 0, self.render(chat)
        for turn in self.TURN.finditer(text):
            for piece, wanted in ((text[position:turn.start(2)], False), (turn.group(2), True)):
                new = self.ids(piece)
                ids += new
                produced += [wanted] * len(new)
            position = turn.end()
        return ids, produced

    def plain(self, text):
        ids = self.ids(text)
        return ids, [True] * len(ids)


def training_texts(corpus, make_chat, seed, chats=12000):
    """The books, and enough rendered chats that their common pieces become tokens."""
    for book in corpus.train:
        yield "\n\n".join(book)
    rng, render, markup = random.Random(seed), template(TEMPLATE).render, re.compile("|".join(map(re.escape, SPECIAL + MARKUP)))
    for _ in range(chats):
        chat = make_chat(rng)
        yield from markup.split(render(messages=chat.messages, tools=chat.tools))
