"""Weights that quote, for `make-model --quoting`."""
import re

import numpy as np


def angles(config):
    """Radians that each pair of a head turns per position; Llama 3 slows the slow ones further."""
    head, rope = config["head_dim"], config["rope_parameters"]
    plain = rope["rope_theta"] ** (-np.arange(0, head, 2) / head)
    if rope["rope_type"] == "default":
        return plain
    turns = rope["original_max_position_embeddings"] * plain / (2 * np.pi)
    low, high = rope["low_freq_factor"], rope["high_freq_factor"]
    kept = np.clip((turns - low) / (high - low), 0, 1)
    return plain * (kept + (1 - kept) / rope["factor"])


class Quoting:
    """Weights of a model that quotes: an induction head (Elhage et al. 2021, Olsson et al. 2022) which
    looks at eight tokens at once.

    A token's embedding is a random code of signs. In layer 0 eight heads look one to eight positions
    back and copy a part of the codes there. In layer 1 every key/value head compares that part of the
    last eight tokens' codes with the eight before each earlier position, each head other signs; where most
    agree it copies its slice of that position's code, and the slices together are the next token. No
    other layer adds anything.

    So the model goes on as its text did where most of the last eight tokens stood before. It knows no
    language: it neither chooses what to quote nor says anything of its own, and without more it would copy
    its prompt to the end, but for jumps between places that read alike. So that there are breaks as in an
    edited copy, some words always become another when they are copied; to the comparing heads that other
    word looks the same.

    But for the embedding, built matrices have at most one value a row in any block of 32, so that Q4_0
    keeps them exactly.
    """
    # How much each of the last tokens counts, the latest first.
    SHARES = np.array([6, 5, 4, 3, 3, 3, 2, 2])
    EVERY = 8  # of so many learnt words one is replaced by the next
    CONSTANT = 8.0  # what every embedding has in one place
    HINT = 1 / 4  # of the signs that a replacement changes, in the embedding
    NEAR = 80.0  # score of the position looked for in layer 0
    MATCH = 80.0  # score of a place where all tokens agree
    GAIN = 8.0  # of the next token's code over that of the last
    LOGIT = 1 / 64  # the last norm's weight: a sure token's logit is about 16, others' about 0

    def __init__(self, config, vocabulary, random):
        self.width, self.head = config["hidden_size"], config["head_dim"]
        self.kv = config["num_key_value_heads"]
        self.group = config["num_attention_heads"] // self.kv
        turns = angles(config)
        pairs = np.arange(len(turns))
        self.fast = pairs[turns > 0.1]
        self.turns = turns[self.fast]
        slow = pairs[turns * 2000 < 0.3]
        self.slow = np.concatenate([slow, slow + self.head // 2])
        # Signs that one head compares, of each token.
        self.parts = self.SHARES * len(self.slow) // self.SHARES.sum()
        # Places in the stream: codes, hints, the constant (alone in its block), codes further back.
        self.code = self.hints = self.width // 4
        self.constant = 2 * self.code - 32
        sizes = self.kv * self.parts
        self.back = [0, *(2 * self.code + np.cumsum([0, *sizes[:-1]]))]
        self.codes = random.integers(0, 2, (config["vocab_size"], self.code), np.int8) * 2 - 1
        words = [i for token, i in vocabulary.items() if re.fullmatch("\u0120[a-z]{4,}", token)]
        self.replaced = dict(zip(words[::self.EVERY], words[1::self.EVERY]))
        old, new = zip(*self.replaced.items())
        self.codes[list(new), :sizes[0]] = self.codes[list(old), :sizes[0]]
        # What norms divide by, before and after layer 0.
        square = self.code + self.CONSTANT ** 2
        self.roots = np.sqrt([square / self.width, (square + sizes.sum()) / self.width])

    def embedding(self, start, count):
        """Rows of the embedding."""
        rows = np.zeros((count, self.width), np.float32)
        rows[:, :self.code] = self.codes[start:start + count]
        rows[:, self.constant] = self.CONSTANT
        hints = slice(self.hints, self.constant)
        for old, new in self.replaced.items():
            if start <= old < start + count:
                change = self.codes[new].astype(np.float32) - self.codes[old]
                rows[old - start, hints] = self.HINT * change[:self.constant - self.hints]
        return rows

    def tensor(self, name, shape):
        """A tensor but the embedding; None where it stays random."""
        if name == "model.norm.weight":
            return np.full(shape, self.LOGIT, np.float32)
        _, _, layer, *_, role, _ = name.split(".")
        layer = int(layer)
        if role in ("q_norm", "k_norm"):
            # As large as `size` makes them where nothing normalises them.
            score = self.MATCH if layer else self.NEAR
            return np.full(shape, np.sqrt(score / np.sqrt(self.head)), np.float32)
        if role == "down_proj" or role == "o_proj" and layer > 1:
            return np.zeros(shape, np.float32)
        if layer > 1 or role not in ("q_proj", "k_proj", "v_proj", "o_proj"):
            return None
        tensor = np.zeros(shape, np.float32)
        if role == "o_proj":
            (self.output if layer else self.output_back)(tensor.reshape(self.width, -1, self.head))
        else:
            fill = getattr(self, role[0] + ("" if layer else "_back"))
            for number, head in enumerate(tensor.reshape(-1, self.head, self.width)):
                fill(number, head)
        return tensor

    def size(self, score, count):
        """Of `count` elements of a query and of a key, so that they score as much."""
        return np.sqrt(score * np.sqrt(self.head) / count)

    # Layer 0: the constant turned by as many positions as the head looks back.

    def q_back(self, number, head):
        size = self.size(self.NEAR, len(self.fast)) * self.roots[0] / self.CONSTANT
        if number < len(self.parts):
            head[self.fast, self.constant] = size * np.cos((number + 1) * self.turns)
            head[self.fast + self.head // 2, self.constant] = -size * np.sin((number + 1) * self.turns)

    def k_back(self, number, head):
        size = self.size(self.NEAR, len(self.fast)) * self.roots[0] / self.CONSTANT
        head[self.fast, self.constant] = size

    def v_back(self, number, head):
        count = self.kv * self.parts[0]
        head[range(count), range(count)] = 1

    def output_back(self, heads):
        for back, part in enumerate(self.parts):
            for row in range(self.kv * part):
                heads[self.back[back + 1] + row, back, row] = self.roots[0]

    # Layer 1: who was followed by what.

    def q(self, number, head):
        self.compare(number // self.group, head, self.back[:-1])

    def k(self, number, head):
        self.compare(number, head, self.back[1:])

    def compare(self, number, head, places):
        """The signs that a head compares of the codes at `places`, in pairs that hardly turn."""
        size = self.size(self.MATCH, self.parts.sum()) * self.roots[1]
        rows = iter(self.slow)
        for place, part in zip(places, self.parts):
            for sign in range(number * part, (number + 1) * part):
                head[next(rows), place + sign] = size

    def v(self, number, head):
        for row, sign in enumerate(self.slice(number)):
            head[row, sign] = 1
            if self.hints + sign < self.constant:
                head[row, self.hints + sign] = 1 / self.HINT

    def output(self, heads):
        for number in range(self.kv):
            for row, sign in enumerate(self.slice(number)):
                heads[sign, number * self.group, row] = self.GAIN * self.roots[1]

    def slice(self, number):
        """The signs that a key/value head carries."""
        count = self.code // self.kv
        return range(number * count, (number + 1) * count)
