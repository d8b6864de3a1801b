"""`python -m tests.golden.rewrite`: write all transcripts anew; then read the difference in git."""

from __future__ import annotations

from tests.golden.scenarios import SCENARIOS, TRANSCRIPTS


def main() -> None:
    """One file for each scenario; files without a scenario go."""
    TRANSCRIPTS.mkdir(exist_ok=True)
    for old in TRANSCRIPTS.glob("*.txt"):
        if old.stem not in SCENARIOS:
            old.unlink()
    for name, play in SCENARIOS.items():
        (TRANSCRIPTS / f"{name}.txt").write_text(play(), encoding="utf-8")
    print(f"{len(SCENARIOS)} transcripts written to {TRANSCRIPTS}")


if __name__ == "__main__":
    main()
