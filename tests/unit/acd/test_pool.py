"""The pool: the front of each line, void entries, bounded memory."""

from ctid.acd.agents import Agent
from ctid.acd.channels import CALLS_ONLY
from ctid.acd.contacts import OFFERED, WAITING, Contact
from ctid.acd.pool import Pool
from ctid.acd.reach import Reach


def made(agents: int = 0) -> tuple[Pool, dict[str, Agent]]:
    staff = {f"a{n}": Agent(f"a{n}", n, f"PJSIP/{n}", ("q",)) for n in range(agents)}
    return Pool(Reach("q")), staff


def free(pool: Pool, agent: Agent, place: int) -> None:
    agent.open, agent.token = CALLS_ONLY, agent.token + 1
    pool.add_agent(agent, place)


def take(pool: Pool, agent: Agent) -> None:
    agent.open, agent.token = (), agent.token + 1
    pool.available -= 1


def join(pool: Pool, call: str, at: int, serial: int, priority: int = 0) -> Contact:
    contact = Contact(call, "q", "", "", "", at, serial, priority=priority)
    pool.add_contact(contact)
    return contact


def fronts(pool: Pool) -> list[str]:
    return [contact.call for contact in pool.first_contacts()]


def test_empty() -> None:
    pool, _ = made()
    assert (pool.first_agent(), fronts(pool)) == (None, [])


def test_agents_by_place_and_ties_by_order_in_the_settings() -> None:
    pool, staff = made(3)
    free(pool, staff["a2"], 5)
    free(pool, staff["a1"], 5)
    free(pool, staff["a0"], 9)
    order = []
    while (agent := pool.first_agent()) is not None:
        order.append(agent.id)
        take(pool, agent)
    assert order == ["a1", "a2", "a0"]


def test_an_agent_who_left_and_came_back_has_the_new_place() -> None:
    pool, staff = made(2)
    free(pool, staff["a0"], 1)
    free(pool, staff["a1"], 2)
    take(pool, staff["a0"])
    free(pool, staff["a0"], 3)
    assert pool.first_agent() is staff["a1"]
    assert pool.available == 2


def test_contacts_in_order_of_wait_and_back_at_their_old_place() -> None:
    pool, _ = made()
    first = join(pool, "c1", 10, 1)
    join(pool, "c2", 10, 2)
    first.state = OFFERED
    assert fronts(pool) == ["c2"]
    first.state, first.token = WAITING, first.token + 1
    pool.add_contact(first)
    assert fronts(pool) == ["c1"]


def test_each_first_level_has_a_line_of_its_own() -> None:
    pool, _ = made()
    join(pool, "old", 10, 1)
    join(pool, "vip", 20, 2, priority=5)
    join(pool, "new", 30, 3)
    assert sorted(fronts(pool)) == ["old", "vip"]


def test_a_contact_that_is_gone_is_passed_over() -> None:
    pool, _ = made()
    gone = join(pool, "c1", 10, 1)
    join(pool, "c2", 20, 2)
    gone.token += 1
    assert fronts(pool) == ["c2"]


def test_a_contact_that_moved_stands_in_the_new_queue_only() -> None:
    (old, _), (new, _) = made(), made()
    contact = join(old, "c1", 10, 1)
    contact.token += 1
    new.add_contact(contact)
    assert (fronts(old), fronts(new)) == ([], ["c1"])


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
    assert len(pool._wait[0, 1]) <= 70
    assert pool.first_agent() is staff["a1"]
    assert fronts(pool) == ["c1"]
