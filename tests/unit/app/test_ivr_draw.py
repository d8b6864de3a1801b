"""`ctid ivr draw`: the graph of a flow, and its picture, which must be XML that a browser reads."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ctid.app.cli import main
from ctid.app.ivr_graph import Edge, Graph, Node, graph_of
from ctid.app.ivr_svg import svg
from ctid.ivr import flow

SVG = "{http://www.w3.org/2000/svg}"
TEXTS = {"en": "Choose <one> & press it.", "zh-CN": "请按键选择。"}
STEPS: dict[str, flow.AnyStep] = {
    "choose": flow.Menu(
        "p", {"0": "name", "1": "say", "2": "sales", "*": "choose", "9": "branch"}, on_fail="sales"
    ),
    "sales": flow.Queue("sales"),
    "hours": flow.Hours("office", open="choose", closed="bye"),
    "bye": flow.HangUp(),
    "say": flow.Say("amount", "{balance}", next="choose", before="p", on_fail="bye"),
    "branch": flow.Branch("grade", {"gold": "sales"}, otherwise="code"),
    "code": flow.Collect("p", next="remember", on_fail="remember"),
    "remember": flow.Set("tried", "yes", next="other"),
    "other": flow.Call("other", next="rate"),
    "rate": flow.Survey("p", next="away", on_fail="bye"),
    "away": flow.Transfer("branch", on_fail="back"),
    "back": flow.CallBack("sales", on_fail="message"),
    "message": flow.Voicemail("sales", prompt="p"),
    "name": flow.Record("p", next="who", on_fail="bye"),
    "who": flow.LookUp("code", "sales", "code"),
}
FLOW = flow.Flow("f", "hours", "zh-CN", STEPS, {"p": TEXTS})


def nodes(graph: Graph) -> dict[str, Node]:
    return {node.name: node for node in graph.nodes}


def test_what_stands_in_each_box() -> None:
    graph = graph_of(FLOW, "en")
    assert graph.nodes[0].name == graph.start == "hours"
    seen = nodes(graph)
    assert seen["choose"] == Node("choose", "menu", "asks", "", TEXTS["en"])
    assert seen["sales"] == Node("sales", "queue", "ends", "sales", "")
    assert seen["hours"] == Node("hours", "hours", "forks", "office", "")
    assert seen["say"] == Node("say", "say", "goes", "amount {balance}", TEXTS["en"])
    assert seen["branch"] == Node("branch", "branch", "forks", "grade", "")
    assert seen["remember"] == Node("remember", "set", "goes", "tried yes", "")
    assert seen["other"] == Node("other", "call", "goes", "other", "")
    assert seen["bye"] == Node("bye", "hangup", "ends", "", "")
    assert seen["rate"].look == "asks"
    assert seen["name"] == Node("name", "record", "asks", "", TEXTS["en"])
    assert seen["who"] == Node("who", "look_up", "forks", "", "")
    assert seen["away"] == Node("away", "transfer", "ends", "branch", "")
    assert seen["back"] == Node("back", "callback", "ends", "sales", "")
    assert seen["message"] == Node("message", "voicemail", "ends", "sales", TEXTS["en"])
    assert nodes(graph_of(FLOW, "zh-CN"))["choose"].words == TEXTS["zh-CN"]


def test_what_stands_on_each_line() -> None:
    graph = graph_of(FLOW, "en")
    told = {(edge.source, edge.target): edge for edge in graph.edges}
    assert told["hours", "choose"].labels == ("open",)
    assert told["choose", "say"].labels == ("1",)
    assert told["choose", "choose"].labels == ("*",)
    assert told["choose", "sales"] == Edge("choose", "sales", ("2", "on fail"), fails=False)
    assert told["say", "choose"].labels == ()
    assert told["say", "bye"] == Edge("say", "bye", ("on fail",), fails=True)
    assert told["branch", "sales"].labels == ("gold",)
    assert told["branch", "code"].labels == ("otherwise",)
    assert told["code", "remember"].labels == ("next", "on fail")


def test_the_picture_shows_every_step_and_every_way() -> None:
    graph = graph_of(FLOW, "en")
    root = ElementTree.fromstring(svg(graph))
    words = [text.text for text in root.iter(f"{SVG}text")]
    for node in graph.nodes:
        assert node.name in words
    for edge in graph.edges:
        if edge.labels:
            assert ", ".join(edge.labels) in words
    lines = [one for one in root.iter(f"{SVG}path") if "line" in one.get("class", "").split()]
    assert len(lines) == len(graph.edges)
    assert sum("fails" in one.get("class", "") for one in lines) == 5
    assert "Choose <one> & press it." in words
    assert "amount {balance}" in " ".join(str(word) for word in words)


def test_dark_pages_have_colours_of_their_own() -> None:
    style = next(ElementTree.fromstring(svg(graph_of(FLOW, "en"))).iter(f"{SVG}style")).text or ""
    light, dark = style.split("@media (prefers-color-scheme: dark)")
    names = {line.split(":")[0].strip() for line in light.split(";") if "--" in line[:8]}
    for name in ("--page", "--ink", "--line", "--asks", "--forks", "--goes", "--ends", "--fail"):
        assert f"{name}:" in light, names
        assert f"{name}:" in dark


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_texts_can_be_read_on_both() -> None:
    """4.5 : 1, WCAG 2.1, 1.4.3."""
    style = next(ElementTree.fromstring(svg(graph_of(FLOW, "en"))).iter(f"{SVG}style")).text or ""
    light, rest = style.split("@media (prefers-color-scheme: dark)")
    for part in (light, rest.split("text {")[0]):
        colours = {
            word.split(":")[0].strip(): word.split(":")[1].strip()
            for word in part.replace("{", ";").replace("}", ";").split(";")
            if word.strip().startswith("--")
        }
        pairs = [("--ink", b) for b in ("--page", "--asks", "--forks", "--goes", "--ends")]
        pairs += [("--soft", b) for b in ("--asks", "--forks", "--goes", "--ends")]
        for ink, behind in [*pairs, ("--fail", "--page")]:
            one, other = sorted((luminance(colours[ink]), luminance(colours[behind])))
            assert (other + 0.05) / (one + 0.05) >= 4.5, (ink, behind)


def test_the_picture_in_the_docs_is_that_of_the_flow() -> None:
    """If not: ctid ivr draw main --language en --out docs/images/ivr-main.svg"""
    root = ElementTree.parse("docs/images/ivr-main.svg").getroot()
    raw = tomllib.loads(Path("config/flows/main.toml").read_text(encoding="utf-8"))
    words = {text.text for text in root.iter(f"{SVG}text")}
    assert set(raw["steps"]) <= words
    assert len(list(root.iter(f"{SVG}g"))) == len(raw["steps"])


def test_words_are_cut_to_two_lines() -> None:
    long = {"en": "word " * 60, "zh-CN": "很" * 120}
    made = flow.Flow("f", "a", "en", {"a": flow.Play("p", "b"), "b": flow.HangUp()}, {"p": long})
    for language in long:
        root = ElementTree.fromstring(svg(graph_of(made, language)))
        assert float(root.get("width", "0")) < 300
        words = [text.text or "" for text in root.iter(f"{SVG}text")]
        assert [text[-1] for text in words if text.startswith(("word", "很"))] in (
            ["d", "…"],
            ["很", "…"],
        )


def test_sixty_steps_stay_readable() -> None:
    steps: dict[str, flow.AnyStep] = {
        "top": flow.Menu("p", {str(n): f"d{n}" for n in range(10)}, on_fail="end")
    }
    for n in range(10):
        steps[f"d{n}"] = flow.Menu(
            "p", {"1": f"d{n}a", "2": f"d{n}b", "3": f"d{n}c", "*": "top"}, on_fail="end"
        )
        steps[f"d{n}a"] = flow.Play("p", next=f"d{n}")
        steps[f"d{n}b"] = flow.Collect("p", next=f"d{n}q", on_fail="end")
        steps[f"d{n}c"] = flow.Play("p", next="end")
        steps[f"d{n}q"] = flow.Queue(f"q{n}")
    steps["end"] = flow.Queue("all")
    graph = graph_of(flow.Flow("f", "top", "en", steps, {"p": TEXTS}), "en")
    root = ElementTree.fromstring(svg(graph))
    assert len(graph.nodes) == 52
    assert float(root.get("width", "0")) < 4_500


def test_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "flow.svg"
    assert main(["ivr", "draw", "main", "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}: 13 steps, 14 ways between them\n"
    assert "您好,欢迎致电。" in out.read_text(encoding="utf-8")
    assert main(["ivr", "draw", "config/flows/main.toml", "--language", "en", "--json"]) == 0
    said = capsys.readouterr().out
    graph = json.loads(said)
    assert (graph["flow"], graph["start"], len(graph["edges"])) == ("main", "hours", 14)
    flows = Path("config/flows").absolute()
    monkeypatch.chdir(tmp_path)
    assert main(["ivr", "draw", "main", "--flows", str(flows)]) == 0
    assert (tmp_path / "main.svg").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("mian",), "config/flows: there is no flow 'mian'; did you mean \"main\"?"),
        (("x.toml",), "there is no file x.toml; name a flow's file, or a flow and --flows"),
        (("main", "--flows", "docs"), "docs: there is no flow file; name their folder with"),
        (("main", "--out", "/nowhere/at/all.svg"), "there is no folder /nowhere/at; make it first"),
    ],
)
def test_what_cannot_be_drawn(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ivr", "draw", *words]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("ctid: ")
    assert told in err


def test_a_flow_with_problems_is_not_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Path("config/flows/main.toml").read_text(encoding="utf-8")
    broken = text.replace('start = "hours"', 'start = "huors"').replace("tries = 2", "tries = 20")
    (tmp_path / "main.toml").write_text(broken, encoding="utf-8")
    (tmp_path / "other.toml").write_text("id = other", encoding="utf-8")
    assert main(["ivr", "draw", "main", "--flows", str(tmp_path)]) == 1
    err = capsys.readouterr().err.splitlines()
    file = f"{tmp_path.name}/main.toml"
    assert err[0] == f"{file}: start: there is no step 'huors'; did you mean \"hours\"?"
    assert err[1].startswith(f"{file}: steps.choose-language.tries: must be 1 to 9")
    assert main(["ivr", "draw", "other", "--flows", str(tmp_path)]) == 1
    assert "other.toml: line 1, column 6" in capsys.readouterr().err
    assert main(["ivr", "draw", str(tmp_path / "other.toml")]) == 1
    assert "other.toml: line 1, column 6" in capsys.readouterr().err
