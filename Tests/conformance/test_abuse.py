"""Clients that do not behave; a well-behaved one must not notice them."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

CHAT = "/v1/chat/completions"


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def read_all(connection, seconds=10):
    """What comes until the other side closes or is silent."""
    connection.settimeout(seconds)
    data = b""
    try:
        while part := connection.recv(65536):
            data += part
    except (TimeoutError, ConnectionResetError):
        pass
    return data


def healthy(http, model):
    answer = http.post(CHAT, json={
        "model": model, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 2})
    return answer.status_code == 200


@pytest.mark.parametrize("data", [
    b"\x00\xff" * 1000,
    b"GET\r\n\r\n",
    b"POST /v1/completions HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
    b"POST /v1/completions HTTP/1.1\r\ncontent-length: 99999999999999999999\r\n\r\n",
    b"POST /v1/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
    b"GET /healthz HTTP/1.1\r\n" + b"a: " + b"b" * 100_000 + b"\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nhost: x\r\n" + b"a: b\r\n" * 5000 + b"\r\n",
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
], ids=lambda data: repr(data[:24]))
def test_garbage(server, http, model, data):
    with connect(server) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        answer = read_all(connection)
    assert not answer or answer.startswith(b"HTTP/1.1 4"), answer[:200]
    assert healthy(http, model)


def test_slow_bodies_hold_nobody_up(server, http, model):
    """Connections that send a byte now and then; meanwhile others are served at once."""
    slow = [connect(server) for _ in range(50)]
    for connection in slow:
        connection.sendall(
            b"POST /v1/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{")
    for _ in range(3):
        for connection in slow:
            connection.sendall(b" ")
        started = time.monotonic()
        assert http.get("/healthz").status_code == 200
        assert time.monotonic() - started < 1
    assert healthy(http, model)
    for connection in slow:
        connection.close()


def test_bodies_that_end_early(server, http, model):
    for _ in range(20):
        with connect(server) as connection:
            connection.sendall(
                b"POST /v1/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{\"mo")
    assert healthy(http, model)


def test_several_requests_on_one_connection(server, model):
    """Pipelined requests are answered in order."""
    body = json.dumps({"model": model, "prompt": "a", "max_tokens": 2}).encode()
    post = (b"POST /v1/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s"
            % (len(body), body))
    with connect(server) as connection:
        connection.sendall(
            b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n" + post
            + b"GET /v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        answer = read_all(connection)
    assert answer.count(b"HTTP/1.1 200") == 3
    assert answer.index(b'{"status":"ok"}') < answer.index(b"text_completion") < answer.index(
        b'"object":"list"')


def test_health_during_a_long_prefill(server, http, model):
    """Health checks are answered within a moment while long prompts are computed."""
    context = http.get(f"/v1/models/{model}").json()["context_length"]
    done = threading.Event()

    def work(seed):
        prompt = [(seed * 7 + position) % 1000 + 10 for position in range(context - 2)]
        return http.post("/v1/completions", json={
            "model": model, "prompt": prompt, "max_tokens": 1}).status_code

    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(work, seed) for seed in range(8)]
        slowest, count = 0, 0
        while not all(job.done() for job in jobs) or count < 5:
            started = time.monotonic()
            assert http.get("/healthz").status_code == 200
            assert http.get("/readyz").status_code == 200
            slowest = max(slowest, time.monotonic() - started)
            count += 1
            done.wait(0.01)
        assert all(job.result() == 200 for job in jobs)
    # A machine under load may take its time; a blocked server would take the whole prefill.
    assert slowest < 2, slowest


def test_many_streams_at_once(server, http, model):
    """Each of many streams gets the answer that it gets alone."""
    from server import events

    def ask(prompt):
        body = {"model": model, "prompt": prompt, "max_tokens": 24, "temperature": 0.8,
                "seed": 5, "stream": True}
        with http.stream("POST", "/v1/completions", json=body) as response:
            return "".join(
                event["choices"][0]["text"] for event in events(response) if event != "[DONE]")

    prompts = [f"The {animal} said" for animal in
               ("cat", "dog", "fox", "owl", "bear", "wolf", "king", "queen")]
    alone = [ask(prompt) for prompt in prompts]
    with ThreadPoolExecutor(24) as pool:
        assert list(pool.map(ask, prompts * 3)) == alone * 3


def test_a_full_queue_says_when_to_come_back(server, model):
    """More requests than the queue holds: some are refused at once, with Retry-After."""
    import httpx
    body = {"model": model, "prompt": ["The king"] * 64, "n": 8, "max_tokens": 64}

    def ask(_):
        with httpx.Client(base_url=server.url, timeout=300) as http:
            try:
                return http.post("/v1/completions", json=body, timeout=4)
            except httpx.TimeoutException:
                return None

    with ThreadPoolExecutor(8) as pool:
        answers = [answer for answer in pool.map(ask, range(8)) if answer is not None]
    refused = [answer for answer in answers if answer.status_code == 503]
    assert refused, [answer.status_code for answer in answers]
    for answer in refused:
        assert answer.json()["error"]["code"] == "server_is_overloaded"
        assert int(answer.headers["retry-after"]) > 0
