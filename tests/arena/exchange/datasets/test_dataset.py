"""The files of a data set: what may leave, what is asked for wrongly, the card, and a stop."""

import pytest
import yaml
from judged import BATTLES
from pyarrow.parquet import read_schema, read_table

from arena.db.repositories.votes.judgements import JudgedReply
from arena.exchange import export
from arena.exchange.datasets.forms import FORMS, DatasetRequest
from arena.exchange.export_columns import ExportColumns


def run(db, out, *options):
    return export.main(["--db", str(db), "--out", str(out), *options])


ALL = [argument for form in FORMS for argument in ("--for", form)]


def test_each_form_has_the_columns_that_its_card_explains(db, tmp_path):
    assert run(db, tmp_path / "out", "--texts", *ALL) == 0
    for form, known in FORMS.items():
        parquet = tmp_path / "out" / f"{form}.parquet"
        assert read_schema(parquet).names == [*known.columns]
    ends = {f"{form}.{end}" for form in FORMS for end in ("parquet", "jsonl")}
    assert {file.name for file in (tmp_path / "out").iterdir()} == ends | {"README.md"}


def test_the_card_says_what_is_in_it_by_the_data(db, tmp_path):
    run(db, tmp_path / "out", "--texts", "--license", "cc-by-4.0", *ALL)
    card = (tmp_path / "out" / "README.md").read_text()
    front = yaml.safe_load(card.split("---")[1])
    assert front["license"] == "cc-by-4.0" and front["size_categories"] == ["n<1K"]
    assert [each["config_name"] for each in front["configs"]] == [*FORMS]
    for each in front["configs"]:
        assert (tmp_path / "out" / each["data_files"][0]["path"]).exists()
    assert "it does not count: 1 vote." in card and "faster than the replies" in card
    assert f"`trl` has 2 rows of {len(BATTLES)} votes." in card
    assert f"`kto` has 12 rows of {len(BATTLES)} votes and 3 thumbs." in card
    assert "| 2 | 8 |" in card  # version 2 of the rules decided on 8 votes
    assert "No license is named" not in card
    for form in FORMS.values():
        for name in form.columns:
            assert f"| `{name}` |" in card


def test_a_card_without_a_license_and_without_words_says_so(db, tmp_path):
    run(db, tmp_path / "out", "--for", "arena")
    card = (tmp_path / "out" / "README.md").read_text()
    assert "license" not in yaml.safe_load(card.split("---")[1])
    assert "No license is named" in card and "No message and no reply is in it." in card


@pytest.mark.parametrize(
    ("options", "mend"),
    [
        (["--for", "trl"], "add --texts"),
        (["--for", "kto", "--for", "arena"], "--for kto is made of what was said"),
        (["--for", "kto", "--texts", "--ties", "both"], "--for trl and --for reward"),
        (["--for", "reward", "--texts", "--whole"], "--for trl"),
        (["--for", "arena", "--license", "My own!"], "cc-by-4.0"),
        (["--license", "mit"], "--for"),
        (["--ties", "both"], "--for"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(db, tmp_path, capsys, options, mend):
    assert run(db, tmp_path / "out", *options) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and mend in told
    assert [*tmp_path.iterdir()] == []


def test_an_earlier_card_is_replaced_only_if_asked(db, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "README.md").write_text("mine")
    assert run(db, tmp_path / "out", "--for", "arena") == 2
    assert "README.md is there already" in capsys.readouterr().err
    assert [file.read_text() for file in (tmp_path / "out").iterdir()] == ["mine"]
    assert run(db, tmp_path / "out", "--for", "arena", "--force") == 0


def request(*forms):
    shown = ExportColumns(b"key", texts=True)
    return DatasetRequest(forms, shown, screening="Names were taken out.")


def test_who_publishes_says_what_may_leave(db, tmp_path):
    def allow(judged):
        if isinstance(judged, JudgedReply):
            return "thumbs stay here"
        (prompt, _), *_ = judged.texts[0].turns
        if prompt == "Hi?":
            return "it may name a person"
        hidden = tuple(text._replace(turns=mask(text.turns)) for text in judged.texts)
        return judged._replace(texts=hidden)

    def mask(turns):
        return tuple((prompt.replace("Who", "[NAME]"), reply) for prompt, reply in turns)

    reports = export.export_dataset(db, tmp_path / "out", request("kto", "arena"), allow=allow)
    assert [report.left_out.get("it may name a person") for report in reports] == [1, 1]
    assert reports[0].left_out["thumbs stay here"] == 3
    told = b"".join(file.read_bytes() for file in (tmp_path / "out").glob("*.jsonl"))
    assert b"Hi?" not in told and b"Who" not in told and b"[NAME]?" in told
    card = (tmp_path / "out" / "README.md").read_text()
    assert "| it may name a person | 1 |" in card
    assert "Names were taken out. It can name people" in card and "as they wrote" not in card


def test_a_stop_leaves_the_folder_as_it_was(db, tmp_path):
    def allow(judged):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export.export_dataset(db, tmp_path / "out", request("kto"), allow=allow)
    assert [*tmp_path.iterdir()] == []


def test_many_rows_come_in_parts_with_long_lines_among_them(tmp_path):
    from arena.exchange.datasets.row_files import CHUNK, write_rows
    from arena.exchange.datasets.unpaired import unpaired_schema

    def row(n, length):
        said = [{"role": "user", "content": f"{n} " + "ä\n" * length}]
        return {"prompt": said, "completion": said, "label": n % 2 == 0}

    rows = [row(n, CHUNK // 5 if n == 7 else 2000) for n in range(1200)]
    assert len([*write_rows(rows, unpaired_schema(), tmp_path / "kto")]) > 1
    assert read_table(tmp_path / "kto.parquet").to_pylist() == rows
