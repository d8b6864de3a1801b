"""Several files that are there whole, all of them, or none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from sim.run.output import whole_file


def write_whole(files: Mapping[Path, bytes]) -> None:
    """Write these files; only when all of them are on the disk they take their names.

    Raises:
        CannotWrite: nothing new is left then, and what stood there before stands there still.
    """
    with ExitStack() as whole:
        for path, content in files.items():
            file = whole.enter_context(whole_file(path))
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
