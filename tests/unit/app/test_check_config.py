"""`ctid check-config` and the reading of files: broken TOML, secrets, exit codes."""

import argparse
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ctid.app import check_config
from ctid.core.errors import ConfigError
from ctid.settings.files import load

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(CONFIG / "flows", tmp_path / "flows")
    shutil.copy(CONFIG / "ctid.toml", tmp_path)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def problems(folder: Path, **environ: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load(folder / "ctid.toml", environ)
    return caught.value.problems


def check(*words: str) -> int:
    parser = argparse.ArgumentParser()
    check_config.add_arguments(parser)
    return check_config.run(parser.parse_args(words))


def test_good_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(str(folder / "ctid.toml")) == 0
    assert "in order; 4 queues, 10 agents, 2 entries, 1 flow file(s)" in capsys.readouterr().out
    assert check("--config", str(folder / "ctid.toml"), "--json") == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_holidays_that_are_not_known_are_a_warning(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "ctid.toml"
    edit(path, '#holidays = "CN"', 'holidays = "CN"')
    edit(path, "#years = [2025, 2030]", "years = [2025, 2025]")
    assert check(str(path)) == 0
    said = capsys.readouterr()
    assert "\nwarning: ctid.toml: hours.office: the holidays of" in f"\n{said.err}"
    assert check(str(path), "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ok"], answer["problems"]) == (True, [])
    assert answer["warnings"]
    noon = round(datetime(2025, 1, 1, 12, tzinfo=UTC).timestamp() * 1000)
    [next_year] = check_config.doubts(load(path), "c.toml", noon)
    assert next_year == (
        "c.toml: hours.office: the holidays of 2026 are not among those worked out, 2025 to 2025;"
        " set years = [2025, 2026]"
    )
    edit(path, "years = [2025, 2025]", "years = [2025, 2026]")
    assert check_config.doubts(load(path), "c.toml", noon) == ()


def test_bad_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folder / "ctid.toml", 'country = "CN"', 'country = "XX"')
    edit(folder / "flows/main.toml", 'queue = "support"', 'queue = "suport"')
    assert check(str(folder / "ctid.toml")) == 1
    said = capsys.readouterr()
    assert said.out == ""
    first, second, count = said.err.splitlines()
    assert first.startswith("ctid.toml: site.country: there is no country 'XX'; use")
    assert second.startswith("flows/main.toml: steps.support.queue: there is no queue 'suport'")
    assert count.endswith(": 2 problems")
    assert check(str(folder / "ctid.toml"), "--json") == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ok"], answer["problems"]) == (False, [first, second])


def test_broken_toml_in_both_files(folder: Path) -> None:
    edit(folder / "ctid.toml", 'country = "CN"', "country = CN")
    (folder / "flows/other.toml").write_text('id = "other\n')
    main, other = problems(folder)
    line = (folder / "ctid.toml").read_text().splitlines().index("country = CN") + 1
    assert main == f"ctid.toml: line {line}, column 11: Invalid value; correct the TOML there"
    assert other.startswith("flows/other.toml: line 1, column ")


def test_a_broken_flow_does_not_hide_the_main_files_problems(folder: Path) -> None:
    (folder / "flows/main.toml").write_text("id = ")
    edit(folder / "ctid.toml", 'country = "CN"', 'country = "XX"')
    flow, country = problems(folder)
    assert flow.startswith("flows/main.toml: ")
    assert "correct the TOML" in flow
    assert country.startswith("ctid.toml: site.country: ")


def test_no_file_and_no_text(tmp_path: Path) -> None:
    (missing,) = problems(tmp_path)
    assert missing.startswith("ctid.toml: there is no file ")
    (tmp_path / "ctid.toml").write_bytes(b"a = '\xff'")
    (binary,) = problems(tmp_path)
    assert binary == "ctid.toml: byte 5 is not UTF-8; save the file as UTF-8"


def test_secrets_from_environment_and_file(folder: Path) -> None:
    token = folder / "token"
    token.write_text("from-the-file\n")
    token.chmod(0o600)
    edit(folder / "ctid.toml", 'secret = "change-me"', 'secret_env = "MY_SECRET"')
    edit(folder / "ctid.toml", 'token = "change-me"', f'token_file = "{token}"')
    settings = load(folder / "ctid.toml", {"MY_SECRET": "from-the-environment"})
    assert settings.pbx.secret == "from-the-environment"
    assert settings.agi.token == "from-the-file"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_secret_that_others_can_read_is_refused(folder: Path, mode: int) -> None:
    secret = folder / "secret"
    secret.write_text("hush-hush")
    secret.chmod(mode)
    edit(folder / "ctid.toml", 'secret = "change-me"', f'secret_file = "{secret}"')
    (problem,) = problems(folder)
    assert problem.startswith(f"ctid.toml: pbx.secret_file: {secret} can be read by others")
    assert f"(mode 0{mode:o}); chmod 600 {secret}" in problem
    assert "hush" not in problem


def _write(text: bytes) -> Callable[[Path], None]:
    return lambda path: (path.write_bytes(text), path.chmod(0o600))[1]


@pytest.mark.parametrize(
    ("prepare", "problem"),
    [
        (lambda path: None, "cannot be read (No such file or directory)"),
        (_write(b""), "does not hold one line of text"),
        (_write(b"one\ntwo\n"), "does not hold one line of text"),
        (_write(b"\xff\xfe"), "does not hold one line of text"),
        (_write(b"x" * 5_000), "does not hold one line of text"),
    ],
)
def test_secret_files_that_hold_no_secret(
    folder: Path, prepare: Callable[[Path], None], problem: str
) -> None:
    prepare(folder / "secret")
    edit(folder / "ctid.toml", 'secret = "change-me"', f'secret_file = "{folder / "secret"}"')
    (found,) = problems(folder)
    assert problem in found


def test_an_unset_variable_and_two_sources(folder: Path) -> None:
    edit(folder / "ctid.toml", 'secret = "change-me"', 'secret_env = "NOT_SET"')
    edit(folder / "ctid.toml", 'token = "change-me"', 'token = "change-me"\ntoken_env = "T"')
    secret, token = problems(folder)
    assert secret.startswith("ctid.toml: pbx.secret_env: the environment variable NOT_SET is not")
    assert token.startswith("ctid.toml: agi.token_env: stands beside another source of token")
