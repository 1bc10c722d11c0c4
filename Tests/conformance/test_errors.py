"""What cannot be honoured is refused, in OpenAI's shape, naming the field; nothing is billed."""

import json

import openai
import pytest

CHAT = "/v1/chat/completions"
TEXT = "/v1/completions"
HELLO = [{"role": "user", "content": "Hello"}]


def error(response, status, code=None):
    assert response.status_code == status, response.text
    body = response.json()
    assert list(body) == ["error"]
    error = body["error"]
    assert set(error) == {"message", "type", "param", "code"} and error["message"]
    if code:
        assert error["code"] == code
    return error


BOTH = [
    ("temperature", -0.1), ("temperature", 2.1), ("temperature", "hot"), ("temperature", True),
    ("top_p", -0.1), ("top_p", 1.1), ("top_k", -2), ("top_k", 1.5), ("min_p", 1.5),
    ("repetition_penalty", 0), ("repetition_penalty", -1), ("presence_penalty", 3),
    ("frequency_penalty", -3), ("seed", 1.5), ("seed", "1"), ("n", 0), ("n", -1), ("n", 9),
    ("n", 10**12), ("max_tokens", 0), ("max_tokens", -5), ("max_tokens", 10**18),
    ("max_tokens", "5"), ("stream", "yes"), ("ignore_eos", 1), ("stop", 5), ("stop", [""]), ("stop", ["a"] * 17),
    ("stop", ["a" * 257]), ("stop", [None]), ("logit_bias", []), ("logit_bias", {"x": 1}),
    ("logit_bias", {"-1": 1}), ("logit_bias", {"99999999": 1}), ("logit_bias", {"1": 101}),
    ("logit_bias", {"1": "a"}), ("logit_bias", {str(i): 0 for i in range(1025)}),
    ("user", 5), ("metadata", {"a": 1}), ("metadata", {str(i): "" for i in range(17)}),
    ("store", True), ("service_tier", "priority"), ("response_format", {"type": "json_object"}),
    ("response_format", {"type": "json_schema", "json_schema": {}}), ("response_format", "text"),
    ("stream_options", {"include_usage": True}), ("colour", "red"), ("temprature", 1),
]


@pytest.mark.parametrize("field,value", BOTH, ids=lambda value: str(value)[:30])
def test_bad_field(post, field, value):
    for path, prompt in ((CHAT, {"messages": HELLO}), (TEXT, {"prompt": "Hello"})):
        refused = error(post(path, **prompt, **{field: value}), 400)
        assert refused["type"] == "invalid_request_error"
        assert refused["param"].split("[")[0] == field and field in refused["message"]


CHAT_ONLY = [
    ({"messages": None}, "messages"), ({"messages": []}, "messages"),
    ({"messages": "Hello"}, "messages"), ({"messages": [5]}, "messages[0]"),
    ({"messages": HELLO * 1025}, "messages"),
    ({"messages": [{"content": "x"}]}, "messages[0].role"),
    ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role"),
    ({"messages": [{"role": "user"}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
     "messages[0].content[0].type"),
    ({"messages": [{"role": "user", "content": "x", "mood": "good"}]}, "messages[0].mood"),
    ({"messages": HELLO + [{"role": "tool", "content": "x"}]}, "messages[1].tool_call_id"),
    ({"messages": [{"role": "assistant", "tool_calls": [
        {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{"}}]}]},
     "messages[0].tool_calls[0].function.arguments"),
    ({"logprobs": 5}, "logprobs"), ({"top_logprobs": 2}, "top_logprobs"),
    ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
    ({"max_tokens": 5, "max_completion_tokens": 6}, "max_tokens"),
    ({"max_completion_tokens": 0}, "max_completion_tokens"),
    ({"tools": [{"type": "retrieval"}]}, "tools[0].type"),
    ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
    ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools[0].function.name"),
    ({"tools": [{"type": "function", "function": {"name": "f", "strict": True}}]},
     "tools[0].function.strict"),
    ({"tool_choice": "required"}, "tool_choice"), ({"modalities": ["audio"]}, "modalities"),
    ({"chat_template_kwargs": {"messages": []}}, "chat_template_kwargs.messages"),
    ({"chat_template_kwargs": 5}, "chat_template_kwargs"), ({"reasoning_effort": "high"}, "reasoning_effort"),
    ({"functions": []}, "functions"), ({"stream": True, "stream_options": {"x": 1}}, "stream_options.x"),
]


@pytest.mark.parametrize("fields,param", CHAT_ONLY, ids=lambda value: str(value)[:40])
def test_bad_chat_field(post, fields, param):
    assert error(post(CHAT, **{"messages": HELLO, **fields}), 400)["param"] == param


TEXT_ONLY = [
    ({"prompt": None}, "prompt"), ({"prompt": []}, "prompt"), ({"prompt": 5}, "prompt"),
    ({"prompt": [1, "a"]}, "prompt"), ({"prompt": ["a", 1]}, "prompt[1]"),
    ({"prompt": [-1]}, "prompt"), ({"prompt": [10**9]}, "prompt"), ({"prompt": [[1], [10**9]]}, "prompt[1]"),
    ({"prompt": [[]]}, "prompt"), ({"prompt": ["a"] * 65}, "prompt"),
    ({"logprobs": 21}, "logprobs"), ({"logprobs": True}, "logprobs"), ({"echo": 1}, "echo"),
    ({"echo": True, "logprobs": 1}, "echo"), ({"suffix": "x"}, "suffix"), ({"best_of": 3}, "best_of"),
]


@pytest.mark.parametrize("fields,param", TEXT_ONLY, ids=lambda value: str(value)[:40])
def test_bad_completion_field(post, fields, param):
    assert error(post(TEXT, **{"prompt": "Hello", **fields}), 400)["param"] == param


def test_official_client_sees_the_right_exceptions(client, model):
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=model, messages=HELLO, temperature=9)
    assert caught.value.param == "temperature"
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="gpt-99", messages=HELLO)
    assert caught.value.code == "model_not_found" and caught.value.param == "model"


def test_context_length(post, http, model):
    context = http.get(f"/v1/models/{model}").json()["context_length"]
    refused = error(post(TEXT, prompt=[5] * context), 400, "context_length_exceeded")
    assert str(context) in refused["message"] and refused["message"].count(str(context)) >= 2
    refused = error(
        post(CHAT, messages=HELLO, max_tokens=context), 400, "context_length_exceeded")
    assert str(context) in refused["message"] and refused["param"] == "messages"
    # The last place in the context can be used.
    fits = post(TEXT, prompt=[5] * (context - 1), temperature=0)
    assert fits.status_code == 200 and fits.json()["usage"]["completion_tokens"] == 1


def test_missing_model(http):
    assert error(http.post(CHAT, json={"messages": HELLO}), 400)["param"] == "model"
    assert error(http.post(CHAT, json={"model": 5, "messages": HELLO}), 400)["param"] == "model"


def test_paths_and_methods(http):
    for method, path in (("GET", "/"), ("GET", "/v1/nothing"), ("POST", "/v1/chat/completions/x")):
        error(http.request(method, path), 404, "unknown_url")
    for method, path in (("GET", CHAT), ("DELETE", "/v1/models"), ("POST", "/healthz")):
        error(http.request(method, path), 405)
    error(http.get("/v1/models/none"), 404, "model_not_found")
    error(http.get("/v1/generations/gen-0"), 404)


def test_health(http):
    assert http.get("/healthz").json() == {"status": "ok"}
    assert http.get("/readyz").json() == {"status": "ready"}
    head = http.head("/healthz")
    assert head.status_code == 200 and head.content == b""


def test_bodies_that_are_no_objects(http):
    for body in (b"", b"nonsense", b"[]", b"5", b'{"model": ', b"\xff\xfe", b'{"a":1}x', b'{"a":NaN}'):
        assert error(http.post(CHAT, content=body), 400)["type"] == "invalid_request_error"


def test_body_size_depth_and_nodes(http):
    big = json.dumps({"model": "x", "user": "a" * (2 << 20)}).encode()
    error(http.post(CHAT, content=big), 413)

    def chunks():
        for _ in range(33):
            yield b" " * (64 << 10)

    error(http.post(CHAT, content=chunks()), 413)
    error(http.post(CHAT, content=b"[" * 100_000), 400)
    error(http.post(CHAT, content=b'{"a":' * 60_000 + b"1" + b"}" * 60_000), 400)
    error(http.post(CHAT, content=b'{"prompt":[' + b"1," * 200_000 + b"1]}"), 400)
