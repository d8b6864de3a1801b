"""What the tasks say that ctid opens by itself."""

from __future__ import annotations

from ctid.core import events as ev
from tests.golden.survey import comes, keys, served
from tests.golden.voicemail import FILE, RULES, opened, sent_there


def test_of_a_message() -> None:
    s = opened(RULES)
    sent_there(s)
    s.say(ev.RecordingStored("c1", FILE, 71_400))
    task = s.centre.tasks.open["task:voicemail:c1"]
    assert (task.queue, task.channel, task.customer) == ("mail", "email", "7")
    assert task.subject == "+8613800138000, 1:12, en"
    assert task.link == "https://pbx.example/c1.wav?from=%2B8613800138000&of=c1"


def test_of_a_hidden_number() -> None:
    s = opened(RULES)
    sent_there(s, "", ())
    s.say(ev.RecordingStored("c1", FILE, 2_001))
    task = s.centre.tasks.open["task:voicemail:c1"]
    assert (task.subject, task.customer) == ("0:03, en", "")


def test_of_silence_none() -> None:
    s = opened(RULES)
    sent_there(s)
    s.say(ev.RecordingStored("c1", FILE, 1_999))
    assert s.centre.tasks.open == {}
    assert s.centre.calls["c1"].outcome() == "voicemail", "on record it is all the same"


def test_of_a_bad_score() -> None:
    s = served()
    s.say(comes(), after=10)
    s.say(keys("1"))
    task = s.centre.tasks.open["task:survey:c1"]
    assert task.subject == "service 1/5, anna"
    assert task.link == "https://crm.example/c1"


def test_a_good_score_and_a_no_open_none() -> None:
    s = served()
    s.say(comes(), after=10)
    s.say(keys("3"))
    s.say(keys("2"))
    assert s.centre.tasks.open == {}
