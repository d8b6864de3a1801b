"""A visit by pyst2's blocking Manager, as a program: `pyst2_visit.py PORT SECRET CHANNEL`.

In a process because pyst2's threads and deprecated calls outlive a test otherwise. Prints JSON.
"""

import json
import sys
import threading

from asterisk.manager import Manager, ManagerAuthException


def main(port: int, secret: str, channel: str) -> dict[str, str]:
    rang = threading.Event()
    manager = Manager()
    manager.connect("127.0.0.1", port)
    try:
        manager.login("ctid", secret)
    except ManagerAuthException as error:
        return {"refused": str(error)}
    manager.register_event("OriginateResponse", lambda event, _: rang.set())
    ping = manager.ping().get_header("Ping")
    status = manager.status().get_header("Response")
    made = manager.originate(
        "PJSIP/1001",
        "s",
        context="ctid-agent",
        priority="1",
        timeout="5000",
        run_async=True,
        variables={"CTID_CALLER": channel, "CTID_OFFER": "o1"},
    ).get_header("Message")
    heard = rang.wait(20)
    manager.close()
    return {
        "title": manager.title,
        "ping": ping,
        "status": status,
        "made": made,
        "rang": str(heard),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), sys.argv[2], sys.argv[3])), flush=True)
