"""Starts and stops the program under test, and reads what its commands print."""

import json
import os
import pathlib
import queue
import re
import signal
import subprocess
import threading
import time

HOME = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("TOKENMILL_PROGRAM", HOME / ".build/release/tokenmill"))
# A model's folder; by default the shipped one.
MODEL = os.environ.get("TOKENMILL_TEST_MODEL")


def command(*arguments, check=True):
    """Runs the program once; returns the finished process."""
    environment = {**os.environ, "TOKENMILL_HOME": str(HOME)}
    done = subprocess.run(
        [PROGRAM, *arguments], env=environment, capture_output=True, text=True, timeout=120)
    if check and done.returncode != 0:
        raise AssertionError(f"tokenmill {' '.join(arguments)}: {done.stderr.strip()}")
    return done


class Server:
    """`tokenmill serve` on a free port of this machine."""

    def __init__(self, ledger, *options, start_seconds=60):
        environment = {**os.environ, "TOKENMILL_HOME": str(HOME)}
        model = ["-m", MODEL] if MODEL else []
        self.ledger = str(ledger)
        self.lines = []
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--port", "0", "--ledger", self.ledger, *model, *options],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.url = self._listening(start_seconds)
        self.port = int(self.url.rsplit(":", 1)[1])

    def _listening(self, seconds):
        """The address that the server says it listens on."""
        found = queue.Queue()

        def read():
            for line in self.process.stderr:
                self.lines.append(line)
                if match := re.search(r"listening on (https?://\S+?)/?\s*$", line):
                    found.put(match[1])
            found.put(None)

        threading.Thread(target=read, daemon=True).start()
        try:
            url = found.get(timeout=seconds)
        except queue.Empty:
            url = None
        if url is None:
            self.kill()
            raise AssertionError("the server did not start: " + "".join(self.lines))
        return url

    def stop(self, seconds=30):
        """Asks it to end; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("the server did not end")

    def kill(self):
        """kill -9"""
        self.process.kill()
        self.process.wait()


def wait_for(condition, seconds=10, message="it did not happen in time"):
    """Polls until `condition` returns something true; returns that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(message)


def events(response):
    """The data of each event of a streamed httpx response: JSON objects, then '[DONE]'."""
    for line in response.iter_lines():
        if line.startswith("data: "):
            data = line[len("data: "):]
            yield data if data == "[DONE]" else json.loads(data)
