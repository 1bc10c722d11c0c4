"""Plain completions through the official client."""

PROMPT = "Once upon a time"


def complete(client, model, **options):
    options = {"prompt": PROMPT, "temperature": 0, "max_tokens": 16, **options}
    return client.completions.create(model=model, **options)


def test_whole_and_stream(client, model):
    whole = complete(client, model)
    assert whole.object == "text_completion" and whole.choices[0].text
    chunks = list(complete(client, model, stream=True))
    assert "".join(chunk.choices[0].text for chunk in chunks) == whole.choices[0].text
    assert chunks[-1].choices[0].finish_reason == whole.choices[0].finish_reason


def test_several_prompts_and_choices(client, model):
    prompts = ["Once upon a time", "The king said", "In the garden"]
    alone = [complete(client, model, prompt=prompt) for prompt in prompts]
    together = complete(client, model, prompt=prompts)
    assert [choice.index for choice in together.choices] == [0, 1, 2]
    # The same request gives the same tokens whatever else is in the batch.
    assert [c.text for c in together.choices] == [a.choices[0].text for a in alone]
    assert together.usage.prompt_tokens == sum(a.usage.prompt_tokens for a in alone)
    both = complete(client, model, prompt=prompts[:2], n=2)
    assert [choice.text for choice in both.choices] == [
        alone[0].choices[0].text] * 2 + [alone[1].choices[0].text] * 2


def test_several_prompts_in_a_stream(client, model):
    prompts = ["Once upon a time", "The king said"]
    whole = complete(client, model, prompt=prompts)
    texts = ["", ""]
    for chunk in complete(client, model, prompt=prompts, stream=True):
        for choice in chunk.choices:
            texts[choice.index] += choice.text
    assert texts == [choice.text for choice in whole.choices]


def test_one_generation_id_per_prompt(http, post):
    answer = post("/v1/completions", prompt=["a", "b"], max_tokens=1)
    ids = answer.headers["x-generation-id"].split(",")
    assert len(set(ids)) == 2 and answer.json()["id"] == ids[0]
    for id in ids:
        assert http.get(f"/v1/generations/{id}").status_code == 200


def test_token_prompts(client, model):
    one = complete(client, model, prompt=[5, 6, 7])
    assert one.usage.prompt_tokens == 3
    two = complete(client, model, prompt=[[5, 6, 7], [8, 9]])
    assert two.usage.prompt_tokens == 5 and two.choices[0].text == one.choices[0].text


def test_echo(client, model):
    plain = complete(client, model)
    echoed = complete(client, model, echo=True)
    assert echoed.choices[0].text == PROMPT + plain.choices[0].text
    chunks = complete(client, model, echo=True, stream=True)
    assert "".join(chunk.choices[0].text for chunk in chunks) == echoed.choices[0].text


def test_logprobs(client, model):
    answer = complete(client, model, logprobs=3)
    logprobs = answer.choices[0].logprobs
    count = len(logprobs.tokens)
    assert count == len(logprobs.token_logprobs) == len(logprobs.top_logprobs)
    assert "".join(logprobs.tokens) == answer.choices[0].text
    assert all(len(top) == 3 for top in logprobs.top_logprobs)
    assert all(value <= 0 for value in logprobs.token_logprobs)
    lengths = [len(token) for token in logprobs.tokens]
    assert logprobs.text_offset == [sum(lengths[:index]) for index in range(count)]


def test_penalties_and_bias_are_honoured(client, model):
    plain = complete(client, model, logprobs=0)
    tokens = plain.choices[0].logprobs.tokens
    for option in (
        {"frequency_penalty": 2.0}, {"presence_penalty": 2.0},
        {"extra_body": {"repetition_penalty": 3.0}},
    ):
        changed = complete(client, model, max_tokens=64, **option).choices[0].text
        assert changed != complete(client, model, max_tokens=64).choices[0].text, option
    banned = {str(token): -100 for token in range(200, 1200)}
    assert complete(client, model, logit_bias=banned, logprobs=0).choices[0].logprobs.tokens != tokens


def test_truncation_makes_it_greedy(client, model):
    """Keeping one token is the same as taking the likeliest, whatever the temperature."""
    greedy = complete(client, model).choices[0].text
    for option in ({"top_p": 0.0}, {"extra_body": {"top_k": 1}}, {"extra_body": {"min_p": 1.0}}):
        sampled = complete(client, model, temperature=2, seed=3, **option)
        assert sampled.choices[0].text == greedy, option


def test_stop_strings(client, model):
    """A stop string ends the text before it, also where it spans tokens, and is never seen."""
    text = complete(client, model, max_tokens=40).choices[0].text
    for start, length in ((6, 2), (9, 7), (3, 12), (17, 5)):
        stop = text[start:start + length]
        wanted = text[:text.index(stop)]
        whole = complete(client, model, max_tokens=40, stop=stop)
        assert (whole.choices[0].text, whole.choices[0].finish_reason) == (wanted, "stop")
        chunks = list(complete(client, model, max_tokens=40, stop=[stop, "@@@"], stream=True))
        assert "".join(chunk.choices[0].text for chunk in chunks) == wanted
        assert chunks[-1].choices[0].finish_reason == "stop"


def test_stop_strings_and_logprobs(client, model):
    text = complete(client, model, max_tokens=40).choices[0].text
    stop = text[9:16]
    answer = complete(client, model, max_tokens=40, stop=stop, logprobs=0).choices[0]
    assert "".join(answer.logprobs.tokens).startswith(answer.text)
    assert stop not in "".join(answer.logprobs.tokens)


def test_almost_a_stop_string(client, model):
    """Text held back because it began a stop string comes out when it was none."""
    text = complete(client, model, max_tokens=20).choices[0].text
    stops = [text[start:start + 4] + "\x01" for start in range(len(text) - 4)][:16]
    chunks = complete(client, model, max_tokens=20, stop=stops, stream=True)
    assert "".join(chunk.choices[0].text for chunk in chunks) == text
