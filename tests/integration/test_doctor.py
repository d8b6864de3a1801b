"""`ctid doctor` against a socket that plays a broken PBX: nothing hangs, nothing is mixed up."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ctid.pbx.snippet import VERSION, VERSION_CONTEXT

CONFIG = Path(__file__).parents[2] / "config"
COMMANDS = """\
CoreStatus: Show PBX core status variables.  (Priv: system,reporting,all)
Bridge: Bridge two channels already in the PBX.  (Priv: call,all)
Originate: Originate a call.  (Priv: originate,all)
UserEvent: Send an arbitrary event.  (Priv: user,all)"""


@contextmanager
def pbx(*, greeting: bytes, reply: Callable[[dict[str, str]], str | None]) -> Iterator[int]:
    """A listener that greets and answers; `reply` gives None to stay silent."""

    def serve(server: socket.socket) -> None:
        try:
            peer, _ = server.accept()
        except OSError:
            return
        with peer, peer.makefile("rwb") as stream:
            stream.write(greeting)
            stream.flush()
            headers: dict[str, str] = {}
            for line in stream:
                key, _, value = line.decode().strip().partition(": ")
                if key:
                    headers[key] = value
                    continue
                if (text := reply(headers)) is not None:
                    stream.write(f"{text}\r\nActionID: {headers['ActionID']}\r\n\r\n".encode())
                    stream.flush()
                headers = {}

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            # Closing alone does not wake accept().
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            assert not thread.is_alive()


def doctor(folder: Path, port: int) -> tuple[int, dict[str, dict[str, str]], str]:
    """Exit code, findings by name, and all that was printed, of the real command."""
    text = (CONFIG / "ctid.toml").read_text()
    config = folder / "ctid.toml"
    config.write_text(text.replace("port = 5038", f"port = {port}"))
    (folder / "flows").mkdir()
    (folder / "flows/main.toml").write_bytes((CONFIG / "flows/main.toml").read_bytes())
    words = ["doctor", "--config", str(config), "--json", "--limit", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "ctid.app.cli", *words], capture_output=True, text=True, timeout=30
    )
    answer = json.loads(done.stdout)
    assert answer["ok"] is (done.returncode == 0)
    return done.returncode, {one["name"]: one for one in answer["checks"]}, done.stdout


AMI = b"Asterisk Call Manager/11.0.0\r\n"


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    code, found, _ = doctor(tmp_path, port)
    assert code == 1
    assert list(found) == ["reach"]
    assert "Connection refused" in found["reach"]["seen"]


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9\r\n", b"", b"220 mail: hello\r\n"])
def test_another_server_listens(tmp_path: Path, greeting: bytes) -> None:
    with pbx(greeting=greeting, reply=lambda headers: None) as port:
        code, found, _ = doctor(tmp_path, port)
    assert code == 1
    assert "does not greet as AMI does" in found["reach"]["seen"]


def test_a_wrong_secret_is_told_from_an_unreachable_pbx(tmp_path: Path) -> None:
    def reply(headers: dict[str, str]) -> str:
        if headers["Action"] == "Challenge":
            return "Response: Success\r\nChallenge: 12345"
        assert "Secret" not in headers
        return "Response: Error\r\nMessage: Authentication failed"

    with pbx(greeting=AMI, reply=reply) as port:
        code, found, printed = doctor(tmp_path, port)
    assert code == 1
    assert (found["reach"]["verdict"], found["login"]["verdict"]) == ("ok", "fail")
    assert "Authentication failed" in found["login"]["seen"]
    assert "change-me" not in printed


def test_a_pbx_without_our_dialplan(tmp_path: Path) -> None:
    answers = {
        "Challenge": "Response: Success\r\nChallenge: 1",
        "CoreSettings": "Response: Success\r\nAsteriskVersion: 22.1.0",
        "ListCommands": "Response: Success\r\n" + COMMANDS.replace("\n", "\r\n"),
        "ShowDialPlan": "Response: Error\r\nMessage: Did not find context ctid",
        "Getvar": "Response: Success\r\nValue: ",
    }

    def reply(headers: dict[str, str]) -> str:
        return answers.get(headers["Action"], "Response: Success")

    with pbx(greeting=AMI, reply=reply) as port:
        code, found, _ = doctor(tmp_path, port)
    assert code == 1
    assert (found["version"]["verdict"], found["privileges needed"]["verdict"]) == ("ok", "ok")
    assert "ctid-inbound, ctid-queue, ctid-agent" in found["dialplan"]["seen"]
    assert "extensions_ctid.conf" in found["dialplan"]["todo"]
    assert found["CTID_AGI"]["seen"] == "is not set in the dialplan"
    assert found["modules"]["verdict"] == "skipped"


@pytest.mark.parametrize(
    ("version", "verdict", "seen"),
    [
        (f"v{VERSION}", "ok", f"version {VERSION}: ctid-inbound"),
        (f"v{VERSION - 1}", "fail", f"version {VERSION - 1}, and this one needs {VERSION}"),
        ("", "fail", "a version without a number"),
    ],
)
def test_a_dialplan_of_another_version(
    tmp_path: Path, version: str, verdict: str, seen: str
) -> None:
    """A daemon that was updated, beside a PBX that was not told."""

    def reply(headers: dict[str, str]) -> str:
        match headers["Action"]:
            case "Challenge":
                return "Response: Success\r\nChallenge: 1"
            case "ShowDialPlan":
                number, context = headers["ActionID"], headers["Context"]
                exten = version if context == VERSION_CONTEXT else "s"
                head = f"Event: ListDialplan\r\nActionID: {number}\r\nContext: {context}\r\n"
                step = f"{head}Extension: {exten}\r\nApplication: NoOp\r\n\r\n" if exten else ""
                return (
                    f"Response: Success\r\nActionID: {number}\r\nEventList: start\r\n\r\n"
                    f"{step}Event: ShowDialPlanComplete"
                )
            case _:
                return "Response: Success\r\nAsteriskVersion: 22.1.0"

    with pbx(greeting=AMI, reply=reply) as port:
        _, found, _ = doctor(tmp_path, port)
    assert found["dialplan"]["verdict"] == verdict
    assert seen in found["dialplan"]["seen"]


def test_a_pbx_that_falls_silent_does_not_hang_the_doctor(tmp_path: Path) -> None:
    def reply(headers: dict[str, str]) -> str | None:
        if headers["Action"] == "CoreSettings":
            return None
        return "Response: Success\r\nChallenge: 1"

    with pbx(greeting=AMI, reply=reply) as port:
        code, found, _ = doctor(tmp_path, port)
    assert code == 1
    assert found["login"]["verdict"] == "ok"
    assert "no answer within 1 s" in found["answers"]["seen"]
