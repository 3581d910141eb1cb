"""The members of a roster for a command: all of them, or none left open."""

import threading
from dataclasses import replace

import pytest
from app_process import lasting

from blend.members import MemberError
from blend.roster import loading, read


def test_they_come_by_name_and_are_closed_together():
    members = loading.load_members(read("scripted").members)
    assert [*members] == ["alder", "birch", "cedar"]

    loading.close_members(members)
    assert {member.down for member in members.values()} == {"it was closed"}


def test_one_that_fails_leaves_none_open(tmp_path):
    shipped, before = read("embedded").members[0], set(threading.enumerate())
    broken = replace(shipped, name="broken", path=str(tmp_path))

    with pytest.raises(MemberError, match="broken: no GGUF file in"):
        loading.load_members([shipped, broken])
    assert lasting(before) == []
