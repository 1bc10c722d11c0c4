"""One server for most tests; those that need their own start one on a ledger of their own."""

import httpx
import openai
import pytest

from server import Server, command


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("ledger") / "ledger.sqlite")
    yield server
    assert server.stop() == 0
    assert "error" not in "".join(server.lines).lower(), "".join(server.lines)
    command("ledger", "verify", "--ledger", server.ledger)


@pytest.fixture(scope="session")
def client(server):
    """The official client, without retries: every failure shows."""
    return openai.OpenAI(base_url=server.url + "/v1", api_key="none", max_retries=0, timeout=120)


@pytest.fixture(scope="session")
def http(server):
    with httpx.Client(base_url=server.url, timeout=120) as http:
        yield http


@pytest.fixture(scope="session")
def model(client):
    return client.models.list().data[0].id


@pytest.fixture
def post(http, model):
    """Posts a body to an endpoint, with the model filled in."""

    def post(path, **body):
        return http.post(path, json={"model": model, **body})

    return post
