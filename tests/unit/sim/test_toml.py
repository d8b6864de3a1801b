"""Tables that come back from TOML as they were."""

from __future__ import annotations

import tomllib

from sim.scenario.toml import toml


def test_toml_comes_back_as_it_was() -> None:
    table = {
        "a b": 1, "text": 'with "quotes", 引号 and \\', "list": [1, 2.5], "flag": True, "empty": [],
        "table": {"deep": {"x": 0}, "4000": "main", "*": "all"},
        "many": [{"id": "1", "inner": {"y": 2}, "rows": [{"z": 3}]}, {"id": "2"}],
    }  # fmt: skip
    assert tomllib.loads(toml(table)) == table
