"""Makes a checkout ready: `python3 .ci/setup demo` or `python3 .ci/setup test`.

Runs before there is a virtual environment, so it uses nothing but the standard library.
Each group looks first whether it is there already; when all are, this takes about a second.
What could not be had is written to `build/left-out.json` for the end of the test run.
Exit code 0, or 1 when there is no Python environment, without which nothing runs.
"""

import json
import sys

import debian
import environment
import lab
import pythons
import servers
from steps import BUILD, Group, run_group

ENVIRONMENT = "Python environment"

GROUPS: dict[str, tuple[Group, ...]] = {
    "demo": (Group(ENVIRONMENT, environment.for_running),),
    "check": (Group(ENVIRONMENT, environment.for_developing),),
    "test": (
        Group(ENVIRONMENT, environment.for_developing),
        Group("Debian packages", debian.packages),
        Group("Asterisk root", lab.asterisk_root),
        Group("voice prompts", lab.prompts),
        Group("Chromium", servers.chromium),
        Group("PostgreSQL", servers.postgresql),
        Group("Redis", servers.redis),
        Group("other Pythons", pythons.others),
    ),
}


def main(arguments: list[str]) -> int:
    """Makes every group of the named target ready, in order."""
    if len(arguments) != 1 or arguments[0] not in GROUPS:
        print(f"usage: python3 .ci/setup {'|'.join(GROUPS)}", file=sys.stderr)
        return 2
    groups = GROUPS[arguments[0]]
    BUILD.mkdir(exist_ok=True)
    left_out: dict[str, str] = {}
    for place, group in enumerate(groups, start=1):
        reason = run_group(group, place, len(groups))
        if reason is not None:
            left_out[group.name] = reason
    (BUILD / "left-out.json").write_text(json.dumps(left_out, indent=2) + "\n")
    return 1 if ENVIRONMENT in left_out else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
