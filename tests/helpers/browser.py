"""Headless Chromium, driven by the WebDriver protocol (W3C) that Debian's chromedriver speaks."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,900",
)

#: the key of an element in answers of the protocol
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

#: without a proxy: urllib keeps for the whole process the proxies of its first call, which a test may have set
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))

KEYS = {"Enter": "\ue007", "Escape": "\ue00c"}


def missing() -> str:
    """What there is not of a browser and its driver."""
    return ", ".join(name for name in ("chromium", "chromedriver") if shutil.which(name) is None)


browser = pytest.mark.skipif(bool(missing()), reason=f"not installed: {missing()} (.ci/run installs them as root)")


class Page:
    """An open page."""

    def __init__(self, port: int, session: str) -> None:
        self._base = f"http://127.0.0.1:{port}/session/{session}"

    def open(self, path: Path) -> None:
        """Load a file."""
        self.call("POST", "url", {"url": path.as_uri()})

    def run(self, script: str, *arguments: Any) -> Any:
        """What the body of a function returns in the page."""
        return self.call("POST", "execute/sync", {"script": script, "args": list(arguments)})

    def click(self, selector: str) -> None:
        """As a mouse does: an element that is hidden or covered is an error."""
        self.call("POST", f"element/{self._find(selector)}/click", {})

    def choose(self, name: str, option: str, section: str) -> None:
        """Choose an option of a select by clicks."""
        self.click(f"#{section} select[name='{name}'] option[value='{option}']")

    def press(self, selector: str, key: str) -> None:
        """A key on an element."""
        self.call("POST", f"element/{self._find(selector)}/value", {"text": KEYS[key]})

    def wait(self, script: str, seconds: float = 60.0) -> Any:
        """Until the body of a function returns something true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.run(script)
            if found:
                return found
            time.sleep(0.05)
        raise TimeoutError(script)

    def picture(self, path: Path) -> None:
        """What the window shows, as PNG."""
        import base64

        path.write_bytes(base64.b64decode(self.call("GET", "screenshot")))

    def call(self, method: str, command: str, body: Any = None) -> Any:
        """One command of the protocol."""
        return request(method, f"{self._base}/{command}", body)

    def _find(self, selector: str) -> str:
        return self.call("POST", "element", {"using": "css selector", "value": selector})[ELEMENT]


@contextmanager
def chromium(profile: Path) -> Iterator[Page]:
    """A page of a new browser, which is ended with the block."""
    log = profile.with_name(f"{profile.name}.log")
    with log.open("w") as file:
        # in a session of its own, a signal to a group of other tests' processes does not reach it
        driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=file, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        port = _port(driver, log)
        options = {"args": [*ARGUMENTS, f"--user-data-dir={profile}"], "binary": shutil.which("chromium")}
        wanted = {
            "alwaysMatch": {
                "browserName": "chrome",
                "goog:chromeOptions": options,
                "goog:loggingPrefs": {"browser": "ALL"},
            }
        }
        session = request("POST", f"http://127.0.0.1:{port}/session", {"capabilities": wanted})["sessionId"]
        try:
            yield Page(port, session)
        finally:
            request("DELETE", f"http://127.0.0.1:{port}/session/{session}")
    finally:
        driver.terminate()
        driver.wait()


def request(method: str, address: str, body: Any = None) -> Any:
    """The value that the driver answers; raises what it says is wrong."""
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(address, data, {"Content-Type": "application/json"}, method=method)
    try:
        with _DIRECT.open(asked, timeout=120) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError as error:
        raise RuntimeError(json.load(error)["value"]["message"]) from None


def _port(driver: subprocess.Popen[bytes], log: Path) -> int:
    """The port that the driver chose, which it names once it listens: one chosen before could be taken by then."""
    end = time.monotonic() + 60
    while driver.poll() is None and time.monotonic() < end:
        named = re.search(r"successfully on port (\d+)", log.read_text())
        if named:
            return int(named[1])
        time.sleep(0.1)
    raise TimeoutError(f"chromedriver names no port: {log.read_text()}")
