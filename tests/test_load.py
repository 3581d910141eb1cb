"""The load test itself: it tells a mix-up from an answer, and reports what it saw."""

import pytest

from arena import load


def test_an_answer_with_somebody_elses_mark_is_a_mix_up() -> None:
    assert load.mixed("You said: mark-b", "mark-a")
    assert not load.mixed("You said: mark-a", "mark-a")
    assert not load.mixed("Tell me more.", "mark-a")


def test_a_short_load_on_a_running_site_loses_and_mixes_nothing(scripted_site, capsys) -> None:
    pid = str(scripted_site.process.pid)
    args = ["--api", "6", "--page", "3", "--seconds", "5", "--pid", pid]
    assert load.main([scripted_site.url, *args]) == 0
    api, page, memory = capsys.readouterr().out.splitlines()
    assert api.startswith("api") and page.startswith("page") and "MB" in memory
    for row in (api, page):
        assert int(row.split()[1]) >= 6 and row.endswith("errors 0, mixed 0")


def test_no_site_is_one_line(capsys) -> None:
    assert load.main(["http://127.0.0.1:9", "--seconds", "1"]) == 2
    error = capsys.readouterr().err
    assert "no site at" in error and error.count("\n") == 1


@pytest.mark.parametrize(("share", "value"), [(0.5, 3.0), (0.95, 4.0), (0.0, 1.0)])
def test_percentiles_are_those_of_the_sorted_values(share: float, value: float) -> None:
    assert load._at([1.0, 2.0, 3.0, 4.0], share) == value
