"""kill -9 at random instants: nothing is lost, nothing is billed that nobody could have received.

    python Tests/conformance/kill9.py 100

Each round: 8 clients stream at once, the server is killed at a random instant and started again.
Then `tokenmill ledger verify` must be clean, every generation must be settled, and no client may
have received more tokens than its generation was billed for.
"""

import json
import pathlib
import random
import sys
import tempfile
import threading
import time

import httpx

from server import Server, command

STREAMS = 8


class Client(threading.Thread):
    """Streams one answer after the other until the server is gone; counts what it received."""

    def __init__(self, server, model, number, seed):
        super().__init__(daemon=True)
        self.server, self.model, self.number = server, model, number
        self.random = random.Random(seed)
        # Tokens received, by generation.
        self.received = {}
        self.failure = None

    def run(self):
        try:
            with httpx.Client(base_url=self.server.url, timeout=30) as http:
                while True:
                    self.stream(http)
        except httpx.HTTPError:
            pass
        except Exception as error:
            self.failure = error

    def stream(self, http):
        # With log probabilities every token shows, also one whose text is still held back.
        body = {
            "model": self.model, "prompt": f"Story {self.number}: once upon a time",
            "max_tokens": self.random.choice((5, 40, 300)), "seed": self.random.randrange(1000),
            "n": self.random.choice((1, 1, 2)), "logprobs": 0, "stream": True, "ignore_eos": True,
        }
        with http.stream("POST", "/v1/completions", json=body) as response:
            if response.status_code != 200:
                raise AssertionError(response.read())
            id = response.headers["x-generation-id"]
            self.received[id] = 0
            for line in response.iter_lines():
                if not line.startswith("data: {"):
                    continue
                event = json.loads(line[len("data: "):])
                if "error" in event:
                    raise AssertionError(event)
                for choice in event["choices"]:
                    self.received[id] += len((choice["logprobs"] or {}).get("tokens", ()))


def run_round(ledger, model, rng):
    """One kill; returns the clients with what they received."""
    server = Server(ledger)
    try:
        clients = [Client(server, model, number, rng.random()) for number in range(STREAMS)]
        for client in clients:
            client.start()
        time.sleep(rng.uniform(0, 1.5))
    finally:
        server.kill()
    for client in clients:
        client.join(60)
        assert not client.is_alive(), "a client still waits for a dead server"
        assert client.failure is None, client.failure
    return clients


def check_round(ledger, clients):
    """Starts the server again and compares; returns (generations, received, billed)."""
    server = Server(ledger)
    try:
        report = json.loads(command("ledger", "verify", "--json", "--ledger", ledger).stdout)
        assert report["clean"], report["problems"]
        received_in_all = billed_in_all = generations = 0
        with httpx.Client(base_url=server.url, timeout=30) as http:
            for id, received in (item for c in clients for item in c.received.items()):
                record = http.get(f"/v1/generations/{id}").json()
                assert record["status"] in ("completed", "recovered"), record
                billed = record["usage"]["completion_tokens"]
                assert received <= billed, f"{id}: {received} received, {billed} billed"
                generations += 1
                received_in_all += received
                billed_in_all += billed
        return generations, received_in_all, billed_in_all
    finally:
        server.stop()


def run(rounds, seed=None, show=lambda text: None):
    """Returns the sums of all rounds: (generations, received, billed)."""
    seed = random.randrange(2**32) if seed is None else seed
    show(f"seed {seed}")
    rng = random.Random(seed)
    sums = (0, 0, 0)
    with tempfile.TemporaryDirectory() as folder:
        ledger = str(pathlib.Path(folder) / "ledger.sqlite")
        server = Server(ledger)
        model = httpx.get(server.url + "/v1/models").json()["data"][0]["id"]
        server.stop()
        command("prices", "set", model, "--input", "0.01", "--output", "1", "--ledger", ledger)
        for number in range(1, rounds + 1):
            clients = run_round(ledger, model, rng)
            result = check_round(ledger, clients)
            sums = tuple(a + b for a, b in zip(sums, result))
            show(f"kill {number}: {result[0]} generations, {result[1]} tokens received, "
                 f"{result[2]} billed")
    return sums


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else None
    total = run(rounds, seed, show=lambda text: print(text, file=sys.stderr, flush=True))
    print(json.dumps({"kills": rounds, "generations": total[0], "tokens_received": total[1],
                      "tokens_billed": total[2]}))
