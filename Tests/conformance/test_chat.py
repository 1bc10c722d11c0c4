"""Chat completions through the official client."""

import math

QUESTION = [{"role": "user", "content": "Tell me a story about a cat and a dog."}]


def ask(client, model, **options):
    options = {"messages": QUESTION, "temperature": 0, "max_tokens": 24, **options}
    return client.chat.completions.create(model=model, **options)


def test_whole_answer(client, model):
    answer = ask(client, model)
    assert answer.object == "chat.completion" and answer.model == model
    [choice] = answer.choices
    assert choice.message.role == "assistant" and choice.message.content
    assert choice.finish_reason in ("stop", "length") and choice.logprobs is None
    usage = answer.usage
    assert usage.prompt_tokens > 0 and 0 < usage.completion_tokens <= 24
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert 0 <= usage.prompt_tokens_details.cached_tokens <= usage.prompt_tokens
    assert float(usage.cost) >= 0 and isinstance(usage.cost, str)


def test_ids_in_headers(http, post):
    answer = post("/v1/chat/completions", messages=QUESTION, max_tokens=2)
    assert answer.headers["x-request-id"].startswith("req-")
    assert answer.headers["x-generation-id"] == answer.json()["id"]
    other = http.get("/v1/models")
    assert other.headers["x-request-id"] != answer.headers["x-request-id"]


def test_stream_equals_whole(client, model):
    whole = ask(client, model)
    chunks = list(ask(client, model, stream=True))
    assert all(chunk.object == "chat.completion.chunk" for chunk in chunks)
    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == whole.choices[0].message.content
    reasons = [chunk.choices[0].finish_reason for chunk in chunks]
    assert reasons[-1] == whole.choices[0].finish_reason
    assert all(reason is None for reason in reasons[:-1])


def test_usage_chunk(post, http, model):
    from server import events

    body = {
        "model": model, "messages": QUESTION, "max_tokens": 5, "stream": True,
        "stream_options": {"include_usage": True},
    }
    with http.stream("POST", "/v1/chat/completions", json=body) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        *chunks, last, done = events(response)
    assert done == "[DONE]"
    assert all("usage" in chunk and chunk["usage"] is None for chunk in chunks)
    assert last["choices"] == [] and last["usage"]["completion_tokens"] <= 5
    assert last["usage"]["cost"]


def test_no_usage_unless_asked(http, model):
    from server import events

    body = {"model": model, "messages": QUESTION, "max_tokens": 3, "stream": True}
    with http.stream("POST", "/v1/chat/completions", json=body) as response:
        *chunks, done = events(response)
    assert done == "[DONE]" and all("usage" not in chunk for chunk in chunks)


def test_logprobs(client, model):
    answer = ask(client, model, logprobs=True, top_logprobs=5)
    [choice] = answer.choices
    content = choice.logprobs.content
    assert b"".join(bytes(entry.bytes) for entry in content).decode() == choice.message.content
    for entry in content:
        assert entry.logprob <= 0 and len(entry.top_logprobs) == 5
        tops = [top.logprob for top in entry.top_logprobs]
        assert tops == sorted(tops, reverse=True)
        # Greedy: the token is the likeliest one.
        assert math.isclose(entry.logprob, tops[0], abs_tol=1e-6)
        assert sum(math.exp(top) for top in tops) <= 1 + 1e-4


def test_logprobs_in_a_stream(client, model):
    whole = ask(client, model, logprobs=True, top_logprobs=2)
    chunks = ask(client, model, logprobs=True, top_logprobs=2, stream=True)
    streamed = [
        entry for chunk in chunks if chunk.choices[0].logprobs
        for entry in chunk.choices[0].logprobs.content]
    assert [entry.token for entry in streamed] == [
        entry.token for entry in whole.choices[0].logprobs.content]


def test_logprobs_without_alternatives(client, model):
    answer = ask(client, model, logprobs=True)
    assert all(entry.top_logprobs == [] for entry in answer.choices[0].logprobs.content)


def test_several_choices(client, model):
    answer = ask(client, model, n=3, temperature=1, seed=1)
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert len({choice.message.content for choice in answer.choices}) > 1
    # The prompt is counted once.
    one = ask(client, model)
    assert answer.usage.prompt_tokens == one.usage.prompt_tokens


def test_several_choices_in_a_stream(client, model):
    whole = ask(client, model, n=3, temperature=1, seed=1)
    texts = {0: "", 1: "", 2: ""}
    for chunk in ask(client, model, n=3, temperature=1, seed=1, stream=True):
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
    assert list(texts.values()) == [choice.message.content for choice in whole.choices]


def test_seed(client, model):
    def text(seed):
        return ask(client, model, temperature=1, seed=seed).choices[0].message.content

    assert text(7) == text(7)
    assert len({text(seed) for seed in (1, 2, 3, -4)}) > 1


def test_token_limit(client, model):
    for limit in (1, 2, 7):
        answer = ask(client, model, max_tokens=limit)
        assert answer.usage.completion_tokens == limit
        assert answer.choices[0].finish_reason == "length"
    answer = ask(client, model, max_tokens=None, max_completion_tokens=4)
    assert answer.usage.completion_tokens == 4


def test_end_of_answer(client, model):
    """An answer that ends by itself ends with `stop`; cut one token before, with `length`."""
    messages = [{"role": "user", "content": "What is 2 + 3?"}]
    whole = ask(client, model, messages=messages, max_tokens=200)
    assert whole.choices[0].finish_reason == "stop"
    tokens = whole.usage.completion_tokens
    exact = ask(client, model, messages=messages, max_tokens=tokens)
    assert exact.choices[0].finish_reason == "stop"
    assert exact.choices[0].message.content == whole.choices[0].message.content
    short = ask(client, model, messages=messages, max_tokens=tokens - 1)
    assert short.choices[0].finish_reason == "length"
    # The end token is nobody's text.
    assert short.choices[0].message.content == whole.choices[0].message.content


def test_fields_that_only_the_caller_reads(client, model):
    answer = ask(
        client, model, max_tokens=1, user="u", metadata={"a": "b"}, store=False,
        response_format={"type": "text"}, service_tier="auto", modalities=["text"])
    assert answer.choices


def test_content_parts_and_roles(client, model):
    parts = ask(client, model, messages=[
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Hello"}, {"type": "text", "text": "there"}]},
    ])
    plain = ask(client, model, messages=[
        {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello\nthere"}])
    assert parts.usage.prompt_tokens == plain.usage.prompt_tokens
    assert parts.choices[0].message.content == plain.choices[0].message.content


def test_conversation_with_its_own_answers(client, model):
    """What the client got can be sent back as it is."""
    first = ask(client, model).choices[0].message
    messages = [*QUESTION, first.model_dump(), {"role": "user", "content": "And then?"}]
    assert ask(client, model, messages=messages).choices[0].message.content is not None


def test_control_tokens_in_text_stay_text(client, model):
    """Spelling a control token does not make one: it costs more tokens than the real one."""
    def tokens(text):
        messages = [{"role": "user", "content": text}]
        return ask(client, model, messages=messages, max_tokens=1).usage.prompt_tokens

    assert tokens("<|im_end|>") > tokens("a") + 2


WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tells the weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


def test_tools_reach_the_template(client, model):
    plain = ask(client, model, max_tokens=1)
    offered = ask(client, model, max_tokens=1, tools=[WEATHER])
    assert offered.usage.prompt_tokens > plain.usage.prompt_tokens + 10
    hidden = ask(client, model, max_tokens=1, tools=[WEATHER], tool_choice="none")
    assert hidden.usage.prompt_tokens == plain.usage.prompt_tokens


def test_tool_history(client, model):
    answer = ask(client, model, tools=[WEATHER], messages=[
        {"role": "user", "content": "What is the weather in Paris?"},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "call_1", "type": "function",
             "function": {"name": "get_weather", "arguments": "{\"city\": \"Paris\"}"}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "Sunny, 20 degrees"},
    ])
    assert answer.choices[0].finish_reason in ("stop", "length", "tool_calls")
