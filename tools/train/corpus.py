"""Reads a folder of .txt books: clean paragraphs, a held-out slice, word lists."""
import collections
import pathlib
import re

HELD_OUT = 0.02  # the last part of every book is never trained on
PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "—": " - ", "–": "-", "\u00a0": " ", "_": None, "\ufeff": None})


def clean(text):
    """Undo hard line wraps and typographic quotes; one paragraph per list item."""
    text = text.replace("\r\n", "\n").translate(PLAIN)
    paragraphs = []
    for block in re.split(r"\n\s*\n", text):
        line = re.sub(r"\s+", " ", block.replace("--", " - ")).strip()
        if len(line) > 1 and not line.startswith("[") and not line.isupper() and re.search("[a-z]", line):
            paragraphs.append(line)
    return paragraphs


class Corpus:
    """Books as paragraph lists, split into a training part and a held-out tail."""

    def __init__(self, folder):
        files = sorted(p for p in pathlib.Path(folder).glob("*.txt"))
        if not files:
            raise SystemExit(f"no .txt files in {folder}")
        self.titles = [p.stem for p in files]
        self.train, self.held = [], []
        for path in files:
            paragraphs = clean(path.read_text(encoding="utf-8"))
            cut = max(1, int(len(paragraphs) * (1 - HELD_OUT)))
            self.train.append(paragraphs[:cut])
            self.held.append(paragraphs[cut:])
        self._collect()

    def _collect(self):
        text = "\n".join(p for book in self.train for p in book)
        lower = collections.Counter(re.findall(r"(?<![\w'-])[a-z]{3,9}(?![\w'-])", text))
        self.words = [w for w, _ in lower.most_common(1600)]
        sentences = re.findall(r"(?:(?<=[.!?] )|(?<=\n))[A-Z][^.!?\n\"]{15,110}[.!?](?=\s)", text)
        self.sentences = [s for s in sentences if s.count("'") in (0, 2)]
        self.word_set = set(self.words)
        self.sizes = [sum(map(len, book)) for book in self.train]
        self.words = self.words or ["word"]
        self.sentences = self.sentences or ["It was a quiet day."]
