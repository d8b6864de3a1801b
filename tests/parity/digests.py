"""`python -m tests.parity.digests SEEDS CALLS`: one line of JSON, the journals' digests by seed."""

import hashlib
import json
import sys

from tests.parity.runs import under_asyncio, under_simpy


def digest(lines: list[bytes]) -> str:
    """Of a whole journal."""
    return hashlib.sha256(b"".join(lines)).hexdigest()


def main(seeds: int, calls: int) -> None:
    """Both drivers for each seed."""
    found = {
        seed: (digest(under_simpy(seed, calls)), digest(under_asyncio(seed, calls)))
        for seed in range(1, seeds + 1)
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
