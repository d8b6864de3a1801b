"""`ctid check-config` on prompts: recordings that are wrong or stand for a text, built folders."""

import argparse
import json
import shutil
from pathlib import Path

import pytest

from ctid.app import check_config, prompts, prompts_jobs
from ctid.app.prompts_check import NAMED, sound_problems
from ctid.app.prompts_recordings import write
from ctid.core.errors import ConfigError
from ctid.settings.files import load, read
from ctid.settings.recorded import RECORDED

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The example site, whose prompts are all recorded, so that nothing need be spoken."""
    shutil.copytree(CONFIG / "flows", tmp_path / "flows")
    shutil.copy(CONFIG / "ctid.toml", tmp_path)
    return tmp_path


@pytest.fixture
def recorded(site: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(prompts_jobs, "BUILT_IN", {})
    for job in prompts_jobs.collect(site / "flows", site / "prompts"):
        record(site, job.name)
    return site


def record(site: Path, name: str, sound: bytes = b"\x01\x02" * 80) -> Path:
    path = site / f"prompts/{name}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, sound)
    return path


def build(site: Path) -> Path:
    prompts.build(site / "flows", site / "prompts", site / "out")
    return site / "out"


def found(site: Path, sounds: Path | None) -> tuple[str, ...]:
    return sound_problems(site / "ctid.toml", sounds, settled=True)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_a_folder_that_was_built_just_now_is_in_order(recorded: Path) -> None:
    assert found(recorded, build(recorded)) == ()
    assert found(recorded, None) == ()


def test_missing_out_of_date_changed_and_foreign_files(recorded: Path) -> None:
    out = build(recorded)
    (out / "en/menu.wav").unlink()
    record(recorded, "en/code", b"\x03\x04" * 80)
    (out / "zh-CN/welcome.wav").write_bytes(b"other")
    record(recorded, "en/later")
    write(out / "en/later.wav", b"\x03\x04" * 80)
    todo = f"; run ctid prompts build --flows {recorded}/flows --out {out}"
    assert set(found(recorded, out)) == {
        f"{out}/en/menu.wav: is missing{todo}",
        f"{out}/en/code.wav: is out of date{todo}",
        f"{out}/zh-CN/welcome.wav: was changed by hand{todo}",
        f"{out}/en/later.wav: was not made by ctid prompts build{todo}",
    }
    build(recorded)
    assert found(recorded, out) == ()


def test_a_text_that_takes_the_place_of_a_recording_is_out_of_date(recorded: Path) -> None:
    out = build(recorded)
    (recorded / "prompts/en/menu.wav").unlink()
    (line,) = found(recorded, out)
    assert line.startswith(f"{out}/en/menu.wav: is out of date; run ctid prompts build")


def test_where_all_are_missing_not_all_are_named(recorded: Path) -> None:
    for number in range(NAMED):
        record(recorded, f"en/more-{number}")
    *named, rest = found(recorded, recorded / "nowhere")
    count = len(list((recorded / "prompts").rglob("*.wav")))
    assert len(named) == NAMED
    assert rest.startswith(f"{recorded}/nowhere: {count - NAMED} prompts more, each is missing; ")


def test_the_command_names_wrong_recordings_beside_other_problems(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = record(site, "en/menu")
    wrong.write_bytes(wrong.read_bytes()[:-10])
    edit(site / "ctid.toml", 'country = "CN"', 'country = "XX"')
    parser = argparse.ArgumentParser()
    check_config.add_arguments(parser)
    assert check_config.run(parser.parse_args([str(site / "ctid.toml"), "--json"])) == 1
    country, recording = json.loads(capsys.readouterr().out)["problems"]
    assert country.startswith("ctid.toml: site.country: ")
    assert recording.startswith(f"{wrong}: is cut off: its header promises 80 samples, 75 are")


def test_the_command_looks_into_the_sounds(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = build(recorded)
    (out / "en/menu.wav").unlink()
    parser = argparse.ArgumentParser()
    check_config.add_arguments(parser)
    words = [str(recorded / "ctid.toml"), "--sounds", str(out)]
    assert check_config.run(parser.parse_args(words)) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith(f"{out}/en/menu.wav: is missing; run ctid prompts build")
    build(recorded)
    assert check_config.run(parser.parse_args(words)) == 0


def test_two_flows_with_different_texts_of_one_name(site: Path) -> None:
    other = (site / "flows/main.toml").read_text().replace('id = "main"', 'id = "other"')
    (site / "flows/other.toml").write_text(other.replace("Hello, and welcome.", "Hi."))
    (line,) = found(site, None)
    assert "prompts.welcome: flows/main.toml has another text for en/welcome" in line


def test_a_recording_takes_the_place_of_a_text(site: Path) -> None:
    flow = site / "flows/main.toml"
    edit(flow, '[prompts.code-invalid]\nzh-CN = "没有找到这个客户编号,请重新输入。"\n',
         "[prompts.code-invalid]\n")  # fmt: skip
    edit(
        flow, 'silence = "silence"\n\n[steps.sales-code]', 'silence = "quiet"\n\n[steps.sales-code]'
    )
    with pytest.raises(ConfigError) as caught:
        load(site / "ctid.toml")
    problems = "\n".join(caught.value.problems)
    assert "prompt 'code-invalid' has no text in zh-CN" in problems
    assert "there is no prompt 'quiet'" in problems
    for name in ("zh-CN/code-invalid", "zh-CN/quiet", "en/quiet", "zh-CN/number-1"):
        record(site, name)
    prompts_of = load(site / "ctid.toml").centre.flows["main"].prompts
    assert prompts_of["quiet"] == {"zh-CN": RECORDED, "en": RECORDED}
    assert prompts_of["code-invalid"]["zh-CN"] == RECORDED
    assert prompts_of["code-invalid"]["en"] != RECORDED
    assert "number-1" not in prompts_of
    (site / "prompts/en/quiet.wav").unlink()
    with pytest.raises(ConfigError, match="prompt 'quiet' has no text in en"):
        load(site / "ctid.toml")


def test_recordings_beside_a_flow_that_is_no_table(site: Path) -> None:
    record(site, "en/hello")
    (site / "flows/main.toml").write_text('id = "main"\nprompts = 3\n')
    problems: list[str] = []
    _, flows = read(site / "ctid.toml", problems)
    assert flows["flows/main.toml"]["prompts"] == 3
    (site / "flows/main.toml").write_text('id = "main"\n[prompts]\nhello = 3\n')
    _, flows = read(site / "ctid.toml", problems)
    assert flows["flows/main.toml"]["prompts"] == {"hello": 3}
