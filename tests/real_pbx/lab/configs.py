"""Writes the folder of one Asterisk: configs from templates, sounds, and empty state."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.real_pbx.lab.root import Place
from tests.real_pbx.lab.sounds import write_melody

TEMPLATES = Path(__file__).parent / "templates"
SNIPPETS = Path(__file__).parents[3] / "config" / "asterisk"
"""The very files that a user's PBX includes; the lab's PBX includes them too."""

FIRST_PHONE = 1001

FOLDERS = ("etc", "lib/keys", "run", "log", "spool", "data/sounds", "data/moh", "data/agi-bin")

LEFT_AT_DEFAULTS = {
    "acl": "",
    "aeap": "",
    "ccss": "[general]\n",
    "cdr": "[general]\nenable = no\n",
    "cel": "[general]\n",
    "features": "[general]\n",
    "pjproject": "",
    "queuerules": "",
    "queues": "[general]\n",
    "udptl": "[general]\n",
}
"""Configs that Asterisk reports as an error when missing: a clean log tells tests the rest."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Passwords and tokens of one lab; loopback only, so any fixed value does."""

    lab: str = "lab-secret"
    ctid: str = "ctid-lab-secret"
    agi_token: str = "lab-token"


def write_tree(
    home: Path, place: Place, kind: str, values: Mapping[str, str], *, prompts: Path | None = None
) -> None:
    """Write the tree of the `kind` (pbx or world) of Asterisk below `home`.

    `prompts` holds folders named for languages; they appear to Asterisk as ctid/<language>/….
    """
    for folder in FOLDERS:
        (home / folder).mkdir(parents=True)
    everywhere = {
        "HOME": place.seen(home),
        "MODULES": place.modules,
        "LOG_MORE": "",
        "SILENCE": "yes",
        **values,
    }
    for template in sorted(
        [*(TEMPLATES / "both").glob("*.conf"), *(TEMPLATES / kind).glob("*.conf")]
    ):
        (home / "etc" / template.name).write_text(filled(template, everywhere))
    for name, text in LEFT_AT_DEFAULTS.items():
        if not (home / "etc" / f"{name}.conf").exists():
            (home / "etc" / f"{name}.conf").write_text(text)
    write_melody(home / "data/moh/melody.wav")
    # English sounds and the documentation are Asterisk's own; the links lead there in its root.
    (home / "data/sounds/en").symlink_to(f"{place.sounds}/en")
    (home / "data/documentation").symlink_to(place.documentation)
    if prompts is not None:
        shutil.copytree(prompts, home / "data/sounds/ctid")
    host = socket.gethostname()
    (home / "hosts").write_text(f"127.0.0.1 localhost {host} A.ROOT-SERVERS.NET\n")
    (home / "resolv.conf").write_text("")


def copy_snippets(home: Path, secret: str, recogniser: str) -> None:
    """Put config/asterisk beside the PBX's own configs, as its user would. `recogniser` is its
    address with the token: `HOST:PORT/TOKEN`."""
    for snippet in SNIPPETS.glob("*.conf"):
        text = snippet.read_text()
        if snippet.name == "manager_ctid.conf":
            text = text.replace("secret = change-me", f"secret = {secret}")
        elif snippet.name == "aeap_ctid.conf":
            text = text.replace("127.0.0.1:4575/change-me", recogniser)
        (home / "etc" / snippet.name).write_text(text)


def filled(template: Path, values: Mapping[str, str]) -> str:
    """The template's text with each @NAME@ replaced. Raises KeyError for a name without a value."""
    return re.sub(r"@([A-Z_]+)@", lambda m: values[m[1]], template.read_text())


def phones_conf(cable_ports: Iterable[int], qualify_every: int, qualify_timeout: float) -> str:
    """The agents' phones for the PBX's pjsip.conf, 1001 and up, on ctid's templates."""
    return "\n".join(
        f"""
[{ext}](ctid-phone)
aors = {ext}
callerid = Phone {ext} <{ext}>
identify_by = username

[{ext}](ctid-phone-aor)
contact = sip:{ext}@127.0.0.1:{port}
qualify_frequency = {qualify_every}
qualify_timeout = {qualify_timeout}"""
        for ext, port in enumerate(cable_ports, FIRST_PHONE)
    )


def members_conf(agents: int) -> str:
    """The same phones as members of the app_queue that ctid is compared with."""
    return "\n".join(f"member => PJSIP/{FIRST_PHONE + n}" for n in range(agents))
