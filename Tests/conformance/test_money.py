"""Keys, credit, prices, and what is billed: each test with a server on a ledger of its own."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import openai
import pytest

from server import Server, command, wait_for

TEXT = "/v1/completions"


@pytest.fixture
def ledger(tmp_path):
    return str(tmp_path / "ledger.sqlite")


@pytest.fixture
def key(ledger):
    """The secret of a key of tenant `acme`."""
    return command("keys", "create", "--tenant", "acme", "--ledger", ledger).stdout.strip()


def connect(server, key=None):
    headers = {"authorization": f"Bearer {key}"} if key else {}
    return httpx.Client(base_url=server.url, headers=headers, timeout=120)


def shipped_model(http):
    return http.get("/v1/models").json()["data"][0]["id"]


def set_price(ledger, model):
    """1 nano-dollar per cached token, 10 per other prompt token, 1000 per generated one."""
    command("prices", "set", model, "--input", "0.01", "--cached-input", "0.001",
            "--output", "1", "--ledger", ledger)


def cost_in_nanos(usage):
    cached = usage["prompt_tokens_details"]["cached_tokens"]
    return (usage["prompt_tokens"] - cached) * 10 + cached + usage["completion_tokens"] * 1000


def dollars(nanos):
    whole, rest = divmod(nanos, 10**9)
    return f"{whole}.{rest:09}".rstrip("0").rstrip(".")


def test_keys_are_needed_once_there_is_one(ledger, key):
    server = Server(ledger)
    try:
        for bad in (None, "sk-wrong", key + "x"):
            with connect(server, bad) as http:
                for path in ("/v1/models", "/v1/generations/gen-1"):
                    refused = http.get(path)
                    assert refused.status_code == 401
                    assert refused.json()["error"]["code"] == "invalid_api_key"
                assert http.post(TEXT, json={"prompt": "a"}).status_code == 401
                assert http.get("/healthz").status_code == http.get("/readyz").status_code == 200
        with connect(server, key) as http:
            assert http.get("/v1/models").status_code == 200
        with pytest.raises(openai.AuthenticationError):
            openai.OpenAI(base_url=server.url + "/v1", api_key="no", max_retries=0).models.list()
        # A key ends at once, also for a server that runs.
        [listed] = json.loads(command("keys", "list", "--json", "--ledger", ledger).stdout)["keys"]
        command("keys", "revoke", listed["id"], "--ledger", ledger)
        with connect(server, key) as http:
            assert http.get("/v1/models").status_code == 401
    finally:
        assert server.stop() == 0


def test_others_are_not_served_without_keys(tmp_path):
    refused = command(
        "serve", "--host", "0.0.0.0", "--port", "0", "--ledger", str(tmp_path / "l.sqlite"),
        check=False)
    assert refused.returncode == 1 and "keys create" in refused.stderr


def test_credit_and_exact_cost(ledger, key):
    server = Server(ledger)
    try:
        with connect(server, key) as http:
            model = shipped_model(http)
            body = {"model": model, "prompt": "Once upon a time", "max_tokens": 10, "temperature": 0}
            set_price(ledger, model)
            refused = http.post(TEXT, json=body)
            assert refused.status_code == 429
            error = refused.json()["error"]
            assert error["type"] == "insufficient_quota"
            assert error["code"] == "credit_balance_exhausted"
            command("credits", "add", "acme", "1", "--ledger", ledger)
            answer = http.post(TEXT, json=body)
            usage = answer.json()["usage"]
            assert usage["cost"] == dollars(cost_in_nanos(usage))
            record = http.get("/v1/generations/" + answer.headers["x-generation-id"]).json()
            assert record["status"] == "completed"
            assert record["request_id"] == answer.headers["x-request-id"]
            for name in ("prompt_tokens", "completion_tokens", "total_tokens", "cost"):
                assert record["usage"][name] == usage[name]
    finally:
        server.stop()
    command("ledger", "verify", "--ledger", ledger)


def test_choices_pay_the_prompt_once(ledger):
    server = Server(ledger)
    try:
        with connect(server) as http:
            model = shipped_model(http)
            set_price(ledger, model)
            usage = http.post(TEXT, json={
                "model": model, "prompt": "The king", "n": 4, "max_tokens": 6}).json()["usage"]
            assert usage["cost"] == dollars(cost_in_nanos(usage))
    finally:
        server.stop()


def test_credit_for_one_is_spent_once(ledger, key):
    """Many requests at once against credit for one: the sum of the bills stays below it."""
    server = Server(ledger)
    try:
        with connect(server, key) as http:
            model = shipped_model(http)
            set_price(ledger, model)
            # 16 tokens at 1000 nano-dollars and a prompt: one fits, two do not.
            command("credits", "add", "acme", "0.00002", "--ledger", ledger)
            body = {"model": model, "prompt": "The king", "max_tokens": 16}
            with ThreadPoolExecutor(32) as pool:
                answers = list(pool.map(lambda _: http.post(TEXT, json=body), range(32)))
            statuses = {answer.status_code for answer in answers}
            assert statuses <= {200, 429} and 200 in statuses
            spent = sum(
                cost_in_nanos(answer.json()["usage"])
                for answer in answers if answer.status_code == 200)
            assert spent <= 20_000
    finally:
        server.stop()
    command("ledger", "verify", "--ledger", ledger)


def test_refused_requests_are_not_billed(ledger):
    server = Server(ledger)
    try:
        with connect(server) as http:
            model = shipped_model(http)
            for body in (
                {"model": model, "prompt": "a", "max_tokens": -1},
                {"model": model, "prompt": [5] * 100_000},
                {"model": model, "prompt": "a", "colour": 1},
                {"model": "none", "prompt": "a"},
            ):
                assert http.post(TEXT, json=body).status_code in (400, 404)
    finally:
        server.stop()
    report = json.loads(command("ledger", "verify", "--json", "--ledger", ledger).stdout)
    assert report["generations"] == 0 and report["tokens"] == 0


def test_generations_are_their_tenants_own(ledger, key):
    other = command("keys", "create", "--tenant", "other", "--ledger", ledger).stdout.strip()
    server = Server(ledger)
    try:
        with connect(server, key) as mine, connect(server, other) as theirs:
            answer = mine.post(TEXT, json={
                "model": shipped_model(mine), "prompt": "a", "max_tokens": 3})
            path = "/v1/generations/" + answer.headers["x-generation-id"]
            assert mine.get(path).status_code == 200
            assert theirs.get(path).status_code == 404
            # Nor does a prefix that one tenant computed speed up the other's.
            body = {"model": shipped_model(mine), "prompt": "story " * 200, "max_tokens": 1}
            for http, cached in ((mine, False), (mine, True), (theirs, False)):
                details = http.post(TEXT, json=body).json()["usage"]["prompt_tokens_details"]
                assert (details["cached_tokens"] > 0) == cached
    finally:
        server.stop()


def test_generations_after_a_restart(ledger):
    server = Server(ledger)
    with connect(server) as http:
        answer = http.post(TEXT, json={
            "model": shipped_model(http), "prompt": "a", "max_tokens": 3})
        path = "/v1/generations/" + answer.headers["x-generation-id"]
        before = http.get(path).json()
    server.stop()
    server = Server(ledger)
    try:
        with connect(server) as http:
            assert http.get(path).json() == before
    finally:
        server.stop()


# A long answer, in the context of the shipped model.
LONG = {"prompt": "Once upon a time", "max_tokens": 1500, "temperature": 1, "seed": 1,
        "ignore_eos": True}


def record(http, id):
    return http.get(f"/v1/generations/{id}").json()


def ended(http, id):
    """The record, once the generation has ended."""
    found = record(http, id)
    return found if found["status"] != "open" else None


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_a_client_that_goes_away_stops_its_generation(ledger, stream):
    server = Server(ledger)
    try:
        with connect(server) as http:
            model = shipped_model(http)
            set_price(ledger, model)
            body = {**LONG, "model": model, "stream": stream}
            id, received = leave(server, http, body) if stream else leave_whole(server, body)
            settled = wait_for(lambda: ended(http, id), 5)
            assert settled["status"] == "cancelled"
            usage = settled["usage"]
            assert received <= usage["completion_tokens"] < 1400
            assert usage["cost"] == dollars(cost_in_nanos(usage))
    finally:
        server.stop()
    command("ledger", "verify", "--ledger", ledger)


def leave(server, http, body):
    """Reads five chunks of a stream and closes the connection."""
    received = 0
    with httpx.stream("POST", server.url + TEXT, json=body, timeout=60) as response:
        for line in response.iter_lines():
            received += line.startswith("data: {")
            if received >= 5:
                break
        return response.headers["x-generation-id"], received


def leave_whole(server, body):
    """Sends a request for a whole answer and closes the connection while it is made."""
    import socket
    import sqlite3
    data = json.dumps(body).encode()
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(
            b"POST /v1/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\n\r\n%s" % (len(data), data))
        books = sqlite3.connect(f"file:{server.ledger}?mode=ro", uri=True, timeout=10)
        query = "SELECT name FROM generation WHERE EXISTS " \
            "(SELECT 1 FROM token WHERE token.generation = generation.id AND idx >= 3)"
        [id] = wait_for(lambda: books.execute(query).fetchone(), 20)
        books.close()
    return id, 0


def test_leaving_touches_only_ones_own(ledger):
    server = Server(ledger)
    try:
        with connect(server) as http:
            model = shipped_model(http)
            body = {"model": model, "prompt": "The king", "max_tokens": 200, "temperature": 0}
            alone = http.post(TEXT, json=body).json()["choices"][0]["text"]
            with ThreadPoolExecutor(9) as pool:
                stays = [pool.submit(http.post, TEXT, json=body) for _ in range(4)]
                leaves = [
                    pool.submit(leave, server, http, {**LONG, "model": model, "stream": True})
                    for _ in range(4)]
                for leaving in leaves:
                    id, _ = leaving.result()
                    assert wait_for(lambda: ended(http, id), 10)["status"] == "cancelled"
                for staying in stays:
                    assert staying.result().json()["choices"][0]["text"] == alone
    finally:
        server.stop()
    command("ledger", "verify", "--ledger", ledger)


def test_leaving_the_queue_costs_nothing(ledger):
    """Who leaves before the prompt is computed pays nothing at all."""
    server = Server(ledger, "--max-sequences", "1")
    try:
        with connect(server) as http:
            model = shipped_model(http)
            set_price(ledger, model)
            body = {**LONG, "model": model, "stream": True}
            with httpx.stream("POST", server.url + TEXT, json=body, timeout=60) as first:
                lines = first.iter_lines()
                next(lines)
                with httpx.stream("POST", server.url + TEXT, json=body, timeout=60) as second:
                    id = second.headers["x-generation-id"]
                settled = wait_for(lambda: ended(http, id), 5)
            assert settled["status"] == "cancelled"
            assert settled["usage"]["completion_tokens"] == 0 and settled["usage"]["cost"] == "0"
    finally:
        server.stop()


def test_ending_the_server_ends_its_streams(ledger):
    """SIGTERM: answers in progress get some time, then an error; all is on the books."""
    server = Server(ledger, "--max-sequences", "1")
    with connect(server) as http:
        body = {**LONG, "model": shipped_model(http), "stream": True}
        with httpx.stream("POST", server.url + TEXT, json=body, timeout=60) as response:
            lines = response.iter_lines()
            next(lines)
            server.process.terminate()
            rest = [line for line in lines if line.startswith("data: ")]
    assert server.stop() == 0
    assert rest[-1] == "data: [DONE]" or "error" in json.loads(rest[-1].removeprefix("data: "))
    report = json.loads(command("ledger", "verify", "--json", "--ledger", ledger).stdout)
    assert report["clean"]
