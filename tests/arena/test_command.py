"""What the end of a command looks like: a code, and one line where it could not be done."""

import pytest

from arena.command import CommandError, finish
from arena.models import StoreError


def raising(error):
    def work():
        raise error

    return work


def test_done_is_quiet(capsys):
    assert finish("export", lambda: None) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("error", [CommandError("no"), StoreError("no"), OSError("no")])
def test_what_the_caller_can_mend_is_one_line_and_code_2(capsys, error):
    assert finish("export", raising(error)) == 2
    assert capsys.readouterr() == ("", "arena export: no\n")


def test_a_stop_says_what_it_left(capsys):
    assert finish("merge", raising(KeyboardInterrupt()), "a.db is in") == 130
    assert capsys.readouterr().err == "arena merge: stopped: a.db is in\n"


def test_a_mistake_of_ours_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        finish("export", lambda: 1 / 0)
