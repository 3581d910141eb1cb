"""The load test itself: it tells a mix-up from an answer, and reports what it saw."""

from arena.simulation import load_test, page_client


def test_an_answer_with_somebody_elses_mark_is_a_mix_up() -> None:
    assert page_client.is_mixed_up("You said: mark-b", "mark-a")
    assert not page_client.is_mixed_up("You said: mark-a", "mark-a")
    assert not page_client.is_mixed_up("Tell me more.", "mark-a")


def test_a_short_load_on_a_running_site_loses_and_mixes_nothing(scripted_site, capsys) -> None:
    pid = str(scripted_site.process.pid)
    args = ["--api", "6", "--page", "3", "--battles", "3", "--seconds", "5", "--pid", pid]
    args += ["--metrics", "2"]
    assert load_test.main([scripted_site.url, *args]) == 0
    *rows, _, votes, beside, metrics, memory = capsys.readouterr().out.splitlines()
    for row, kind in zip(rows, ("api", "page", "battles"), strict=True):
        assert row.startswith(kind) and row.endswith("errors 0, mixed 0")
        assert int(row.split()[1]) >= 3
    # Each battle has its one vote.
    assert votes.split()[0] == rows[2].split()[1] and " votes: p50 " in votes
    assert "/healthz" in beside and "/metrics" in metrics and "MB" in memory


def test_no_site_is_one_line(capsys) -> None:
    assert load_test.main(["http://127.0.0.1:9", "--seconds", "1"]) == 2
    error = capsys.readouterr().err
    assert "no site at" in error and error.count("\n") == 1


def test_percentiles_are_waits_that_there_were() -> None:
    assert page_client.percentiles([4.0, 1.0, 3.0, 2.0]) == "p50 3.000 s, p95 4.000 s, max 4.000 s"
    assert page_client.percentiles([]) == "p50 0.000 s, p95 0.000 s, max 0.000 s"
