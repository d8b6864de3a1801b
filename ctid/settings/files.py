"""The config files on disk: TOML in, `Settings` out, and secrets from where they belong."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ctid.core.errors import ConfigError
from ctid.settings import Settings, parse
from ctid.settings.broken_toml import told
from ctid.settings.recorded import add_recorded

SECRETS = {
    ("pbx", "secret"): "unread",
    ("agi", "token"): "unread-token",
    ("store", "url"): "memory:",
    ("bus", "url"): "memory:",
    ("crm", "url"): "memory:",
}
"""Keys that may come as KEY_env or KEY_file; the value stands in for one that could not be read,
so that the parser has nothing to add to that problem."""
LONGEST_SECRET = 4_096
"""Bytes; a longer file was named by mistake."""
LARGEST = 16_000_000
"""Bytes of a config file; reading a larger one would hold up everything for minutes."""
LARGEST_FLOW = 1_000_000
"""Bytes of a flow's file."""
DEEPEST = 20
"""Tables and lists within one another; no key of ours stands half as deep."""


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in `path` and in the files `flows/*.toml` beside it.

    Raises:
        ConfigError: with every problem in all of them, each as ``file: path: what; what to do``.
    """
    problems: list[str] = []
    main, flows = read(path, problems)
    if main is None:
        raise ConfigError(tuple(problems))
    unreadable = bool(problems)
    resolved = _resolve(main, path, environ, problems)
    return checked(resolved, flows, path.name, problems, unreadable=unreadable)


def read(
    path: Path, problems: list[str]
) -> tuple[dict[str, Any] | None, dict[str, dict[str, Any]]]:
    """What TOML gives for `path`, None where it cannot be read, and for the flow files beside it by
    their names; adds to `problems`."""
    main = read_toml(path, path.name, problems)
    flows: dict[str, dict[str, Any]] = {}
    for file in flow_files(path):
        name = flow_name(file)
        if (raw := read_toml(file, name, problems, LARGEST_FLOW)) is not None:
            flows[name] = raw
    add_recorded(flows, path.parent / "prompts")
    return main, flows


def checked(
    main: Mapping[str, Any],
    flows: Mapping[str, Mapping[str, Any]],
    name: str,
    problems: list[str],
    *,
    unreadable: bool,
) -> Settings:
    """The settings of files that were read before, with `problems` found on the way.

    Args:
        name: of the main file.
        unreadable: some file is missing among `flows`.

    Raises:
        ConfigError: with those problems and all others.
    """
    try:
        settings = parse(main, flows, name)
    except ConfigError as error:
        found = [*problems, *error.problems]
        if unreadable:
            # Ids of a flow whose file cannot be read are unknown, not wrong; and it may set, or
            # hand over, whatever others read.
            unknown = (": there is no flow ", ": nobody sets ")
            found = [line for line in found if not any(one in line for one in unknown)]
        raise ConfigError(tuple(found)) from None
    if problems:
        raise ConfigError(tuple(problems))
    return settings


def without_secrets(main: Mapping[str, Any]) -> dict[str, Any]:
    """`main` as it is for whoever needs no secret: nothing is read from the environment or from
    secret files, and what stands there is not looked at."""
    bare = dict(main)
    for (section, key), stand_in in SECRETS.items():
        table = bare.get(section, {})
        if isinstance(table, dict):
            kept = {name: one for name, one in table.items() if not name.startswith(f"{key}_")}
            bare[section] = {**kept, key: stand_in}
    for name, table in _services(main).items():
        kept = {key: one for key, one in table.items() if not key.startswith("secret")}
        bare["services"] = {**bare["services"], name: kept}
    return bare


def _services(main: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The tables of services; each may have a secret of its own."""
    services = main.get("services")
    if not isinstance(services, dict):
        return {}
    return {name: table for name, table in services.items() if isinstance(table, dict)}


def flow_files(path: Path) -> list[Path]:
    """The flow files that belong to the main file `path`, by name."""
    return sorted((path.parent / "flows").glob("*.toml"))


def flow_name(file: Path) -> str:
    """What all problems with a flow's file call it: `flows/main.toml`."""
    return f"{file.absolute().parent.name}/{file.name}"


def read_toml(
    path: Path, name: str, problems: list[str], largest: int = LARGEST
) -> dict[str, Any] | None:
    """What TOML gives for `path`, or None and a problem under that name.

    Args:
        largest: bytes that the file may have.
    """
    text = ""
    try:
        if wrong := _unfit(path.stat(), largest):
            problems.append(f"{name}: {wrong}")
            return None
        # Windows' editors put a byte order mark in front.
        text = path.read_text(encoding="utf-8-sig")
        raw = tomllib.loads(text)
        if not _too_deep(raw):
            return raw
        problems.append(f"{name}: {_DEEP}")
    except RecursionError:
        problems.append(f"{name}: {_DEEP}")
    except FileNotFoundError:
        problems.append(f"{name}: there is no file {path}; name one with --config")
    except OSError as error:
        problems.append(f"{name}: cannot be read ({error.strerror}); check its owner and mode")
    except UnicodeDecodeError as error:
        problems.append(f"{name}: byte {error.start} is not UTF-8; save the file as UTF-8")
    except tomllib.TOMLDecodeError as error:
        problems.append(told(name, str(error), text))
    return None


_DEEP = f"tables or lists stand more than {DEEPEST} deep in one another; take the inner ones out"


def _unfit(found: os.stat_result, largest: int) -> str:
    """Why a file should not even be opened, or empty: a pipe would never end."""
    if not stat.S_ISREG(found.st_mode):
        return "is no regular file; put one in its place, or take it away"
    if found.st_size > largest:
        return f"has {found.st_size} bytes, more than {largest}; make it smaller"
    return ""


def _too_deep(raw: object) -> bool:
    level: list[object] = [raw]
    for _ in range(DEEPEST):
        inner: list[object] = []
        for one in level:
            inner += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        if not inner:
            return False
        level = inner
    return True


def _resolve(
    main: dict[str, Any], path: Path, environ: Mapping[str, str], problems: list[str]
) -> dict[str, Any]:
    """`main` with the secrets in place of their KEY_env and KEY_file."""
    resolved = dict(main)
    for (section, key), stand_in in SECRETS.items():
        if isinstance(table := resolved.get(section), dict):
            at = f"{path.name}: {section}"
            resolved[section] = _with_secret(table, key, stand_in, at, environ, problems)
    for name, table in _services(main).items():
        at = f"{path.name}: services.{name}"
        whole = _with_secret(table, "secret", "unread", at, environ, problems)
        resolved["services"] = {**resolved["services"], name: whole}
    return resolved


def _with_secret(
    table: dict[str, Any],
    key: str,
    stand_in: str,
    path: str,
    environ: Mapping[str, str],
    problems: list[str],
) -> dict[str, Any]:
    """The table at `path`, with its secret `key` in place of KEY_env or KEY_file."""
    named = [name for name in (f"{key}_env", f"{key}_file") if name in table]
    if not named:
        return table
    at = f"{path}.{named[0]}"
    source = table[named[0]]
    table = {name: value for name, value in table.items() if name not in named}
    if key in table or len(named) > 1:
        problems.append(f"{at}: stands beside another source of {key}; keep one of them")
    elif not isinstance(source, str) or not source:
        problems.append(f"{at}: is no text; write a name in quotes")
    elif named[0].endswith("_env"):
        table[key] = _from_environment(at, source, environ, problems)
    else:
        table[key] = _from_file(at, Path(source), problems)
    table[key] = table.get(key) or stand_in
    return table


def _from_environment(
    at: str, name: str, environ: Mapping[str, str], problems: list[str]
) -> str | None:
    if not (value := environ.get(name)):
        problems.append(f"{at}: the environment variable {name} is not set; set it")
    return value


def _from_file(at: str, path: Path, problems: list[str]) -> str | None:
    """The file's first line; its mode is read from the open file, which nobody can swap."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno())
            content = file.read(LONGEST_SECRET + 1)
    except OSError as error:
        problems.append(f"{at}: {path} cannot be read ({error.strerror}); check path and owner")
        return None
    if stat.S_IMODE(mode.st_mode) & 0o077:
        problems.append(
            f"{at}: {path} can be read by others (mode {stat.S_IMODE(mode.st_mode):04o});"
            f" chmod 600 {path}, and change the secret if others may have seen it"
        )
        return None
    try:
        lines = content.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        lines = []
    if len(content) > LONGEST_SECRET or len(lines) != 1 or not lines[0].strip():
        problems.append(f"{at}: {path} does not hold one line of text; write the secret alone")
        return None
    return lines[0].strip()
