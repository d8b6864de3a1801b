"""The pool: longest idle, longest wait, void entries, bounded memory."""

from ctid.acd.agents import Agent
from ctid.acd.contacts import OFFERED, WAITING, Contact
from ctid.acd.pool import Pool


def made(agents: int = 0) -> tuple[Pool, dict[str, Agent]]:
    return Pool(), {f"a{n}": Agent(f"a{n}", n, f"PJSIP/{n}", ("q",)) for n in range(agents)}


def free(pool: Pool, agent: Agent, since: int) -> None:
    agent.idle_since, agent.available, agent.token = since, True, agent.token + 1
    pool.add_agent(agent)


def take(pool: Pool, agent: Agent) -> None:
    agent.available, agent.token = False, agent.token + 1
    pool.available -= 1


def join(pool: Pool, call: str, at: int, serial: int) -> Contact:
    contact = Contact(call, "q", "", "", "", at, serial)
    pool.waiting += 1
    pool.add_contact(contact)
    return contact


def test_empty() -> None:
    pool, _ = made()
    assert (pool.longest_idle(), pool.longest_waiting()) == (None, None)


def test_longest_idle_first_and_ties_by_order_in_the_settings() -> None:
    pool, staff = made(3)
    free(pool, staff["a2"], 5)
    free(pool, staff["a1"], 5)
    free(pool, staff["a0"], 9)
    order = []
    while (agent := pool.longest_idle()) is not None:
        order.append(agent.id)
        take(pool, agent)
    assert order == ["a1", "a2", "a0"]


def test_an_agent_who_left_and_came_back_counts_from_the_return() -> None:
    pool, staff = made(2)
    free(pool, staff["a0"], 1)
    free(pool, staff["a1"], 2)
    take(pool, staff["a0"])
    free(pool, staff["a0"], 3)
    assert pool.longest_idle() is staff["a1"]
    assert pool.available == 2


def test_contacts_in_order_of_wait_and_back_at_their_old_place() -> None:
    pool, _ = made()
    first = join(pool, "c1", 10, 1)
    second = join(pool, "c2", 10, 2)
    first.state = OFFERED
    assert pool.longest_waiting() is second
    first.state, first.token = WAITING, first.token + 1
    pool.add_contact(first)
    assert pool.longest_waiting() is first


def test_a_contact_that_is_gone_is_passed_over() -> None:
    pool, _ = made()
    gone = join(pool, "c1", 10, 1)
    last = join(pool, "c2", 20, 2)
    gone.token += 1
    assert pool.longest_waiting() is last


def test_a_contact_that_moved_stands_in_the_new_queue_only() -> None:
    old, new = Pool(), Pool()
    contact = join(old, "c1", 10, 1)
    contact.token += 1
    new.add_contact(contact)
    assert (old.longest_waiting(), new.longest_waiting()) == (None, contact)


def test_memory_stays_small_however_often_entries_are_made() -> None:
    pool, staff = made(3)
    contact = join(pool, "c1", 1, 1)
    free(pool, staff["a1"], 0)
    for at in range(5_000):
        free(pool, staff["a0"], at)
        take(pool, staff["a0"])
        contact.token += 1
        pool.add_contact(contact)
    assert len(pool._idle) <= 70
    assert len(pool._wait) <= 70
    assert pool.longest_idle() is staff["a1"]
    assert pool.longest_waiting() is contact
