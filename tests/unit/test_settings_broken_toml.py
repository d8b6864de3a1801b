"""TOML's own errors, told with the place and what to do; names that are there twice above all."""

import tomllib
from pathlib import Path

import pytest

from ctid.settings.broken_toml import told
from ctid.settings.files import read_toml


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            'a = 0\n[steps.menu]\nkind = "menu"\n[steps.menu.keys]\n1 = "a"\n2 = "b"\n"1" = "c"\n',
            "f.toml: line 7, column 10: 1 is there twice, first in line 5; keep one of them",
        ),
        (
            'keys = { 1 = "a", 2 = "b", 1 = "c" }\n',
            "f.toml: line 1, column 35: 1 is there twice in this line's { }; keep one of them",
        ),
        (
            "[steps.a]\nx = 1\n\n[steps.b]\n[steps.a]\n",
            "f.toml: line 5, column 9: [steps.a] is there twice, first in line 1; keep one of them",
        ),
        (
            "x = 1\n[a]\nx = 2\nx = 3\n",
            "f.toml: line 4, column 6: x is there twice, first in line 3; keep one of them",
        ),
        (
            "[s]\nm = { a = 1 }\n[s.m]\nb = 1\n",
            "f.toml: line 3, column 5: [s.m] is there twice; keep one of them",
        ),
        (
            "steps = 5\n[steps.a]\n",
            "f.toml: line 2, column 9: steps is there twice, as a value and as a table, first in"
            " line 1; keep one of them",
        ),
        ("a = CN\n", "f.toml: line 1, column 5: Invalid value; correct the TOML there"),
        ('a = "', "f.toml: end of file: Unterminated string; correct the TOML there"),
    ],
)
def test_what_is_told(text: str, problem: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    assert told("f.toml", str(caught.value), text) == problem


def test_an_error_without_a_place() -> None:
    assert told("f.toml", "odd", "") == "f.toml: odd; correct the TOML"


def test_the_files_are_read_with_it(tmp_path: Path) -> None:
    file = tmp_path / "f.toml"
    file.write_text("a = 1\na = 2\n")
    problems: list[str] = []
    assert read_toml(file, "f.toml", problems) is None
    assert problems == [
        "f.toml: line 2, column 6: a is there twice, first in line 1; keep one of them"
    ]
