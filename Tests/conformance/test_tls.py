"""The server speaks TLS itself when it is given a certificate."""

import shutil
import ssl
import subprocess

import httpx
import pytest

from server import Server, command


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl program to make a certificate")
def test_tls(tmp_path):
    certificate, key = str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True)
    server = Server(
        tmp_path / "ledger.sqlite", "--tls-cert", certificate, "--tls-key", key)
    try:
        assert server.url.startswith("https://")
        trust = ssl.create_default_context(cafile=certificate)
        with httpx.Client(base_url=server.url, verify=trust, timeout=60) as http:
            model = http.get("/v1/models").json()["data"][0]["id"]
            body = {"model": model, "prompt": "Once upon a time", "max_tokens": 3, "stream": True}
            assert http.post("/v1/completions", json=body).text.endswith("data: [DONE]\n\n")
    finally:
        assert server.stop() == 0


def test_bad_certificate(tmp_path):
    refused = command(
        "serve", "--port", "0", "--ledger", str(tmp_path / "ledger.sqlite"),
        "--tls-cert", "nowhere.pem", "--tls-key", "nowhere.pem", check=False)
    assert refused.returncode == 1
    assert "nowhere.pem" in refused.stderr and len(refused.stderr.splitlines()) == 1
