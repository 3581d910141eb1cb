"""Rosters: what is accepted, and the one line that says what is not."""

import json

import pytest
from model_shapes import SHAPES
from rosters import refused, roster

from blend.members import hub_files
from blend.members.local import devices, memory
from blend.members.local.checkpoint import Checkpoint
from blend.roster import SHIPPED, RosterError, read

GOOD = """
[[member]]
name = "a"
engine = "scripted"
[[member]]
name = "b"
engine = "scripted"
lines = ["hello"]
[member.sampling]
temperature = 0.5
[[blend]]
name = "Both"
members = ["a", "b"]
"""
LINES = 'engine = "scripted"\nlines = ["hello"]'
SAMPLED = f"{LINES}\n[member.sampling]\ntemperature = 0.5"
MODEL = 'engine = "generate"\npath = "."'


@pytest.fixture(autouse=True)
def model(tmp_path) -> None:
    """The folder of the roster looks like that of a model."""
    (tmp_path / "config.json").write_text("{}")


def second(folder, keys: str):
    """The second member of a roster, with these keys."""
    return roster(folder, GOOD.replace(LINES, keys)).members[1]


def test_a_good_roster_is_read_whole(tmp_path):
    made = roster(tmp_path, f'note = """On\n its models."""\npairing = "adaptive"{GOOD}')

    assert (made.title, made.focus, made.singles) == ("roster", "Both", ("a", "b"))
    assert [spec.name for spec in made.contenders] == ["Both", "a", "b"]
    assert made.members[1].sampling.temperature == 0.5
    assert made.members[1].options == {"lines": ["hello"]}
    assert len(set(made.colours.values())) == 3
    assert (made.note, made.settings.pairing) == ("On its models.", "adaptive")
    assert made.experiment is None


def test_the_engine_generate_takes_what_paged_cannot_honour(tmp_path):
    keys = f"{MODEL}\nmemory = 0.2\n[member.sampling]\nmin_p = 0.1\nseed = 3"
    spec = roster(tmp_path, GOOD.replace(SAMPLED, keys)).members[1]

    assert (spec.engine, spec.options, spec.path) == ("generate", {"memory": 0.2}, str(tmp_path))
    assert (spec.sampling.min_p, spec.sampling.seed) == (0.1, 3)


@pytest.mark.parametrize(
    ("keys", "engine"),
    [
        ('base_url = "http://127.0.0.1:1/v1"\nmodel = "m"', "remote"),
        ('lines = ["hello"]', "scripted"),
        ('model = "o/m"\nfile = "m-Q4_K_M.gguf"', "llama_cpp"),
        ('path = "gguf/m.gguf"', "llama_cpp"),
        ('path = "gguf"', "llama_cpp"),
        ('path = "both"', "transformers"),
        ('model = "o/m"', "transformers"),
        ('model = "o/m"\nengine = "generate"', "generate"),
    ],
)
def test_the_engine_follows_from_what_a_member_says(tmp_path, keys, engine):
    for folder, files in (("gguf", ["m.gguf"]), ("both", ["m.gguf", "m.safetensors"])):
        (tmp_path / folder).mkdir()
        for file in (*files, "config.json"):
            (tmp_path / folder / file).write_text("{}")

    spec = second(tmp_path, keys)

    assert spec.engine == engine
    if spec.path and engine == "llama_cpp":
        assert hub_files.find_gguf(spec.path) == tmp_path / "gguf" / "m.gguf"


def test_a_model_is_told_where_and_how_it_is_loaded(tmp_path):
    (tmp_path / "own.jinja").write_text("{{ messages }}")
    keys = (
        'device_map = {model = 0, lm_head = "cpu"}\nquantise = "4bit"\ndtype = "bfloat16"\n'
        'template = "own.jinja"\nvariables = {user_name = "Sam"}'
    )

    assert second(tmp_path, f"{MODEL}\n{keys}").options == {
        "device_map": {"model": 0, "lm_head": "cpu"},
        "quantise": "4bit",
        "dtype": "bfloat16",
        "template": "{{ messages }}",
        "variables": {"user_name": "Sam"},
    }


REFUSED = [
    ("lines =", "linse =", "unknown key 'linse' in member 'b'; did you mean 'lines'?"),
    ("temperature", "temprature", "'temprature' in .*sampling.* of member 'b'; did you mean"),
    ("0.5", "-1", "member 'b': temperature must lie between 0 and 5"),
    ("0.5", "'x'", "member 'b': temperature must be a number"),
    ('name = "b"', 'name = "a"', "the name 'a' is used twice"),
    ('name = "b"', 'name = "Both"', "the name 'Both' is used twice"),
    ('name = "b"', 'name = ""', "needs a 'name'"),
    ('name = "b"', "name = 5", "'name' in .* its type is wrong"),
    ('["a", "b"]', "[]", "blend 'Both' is empty"),
    ('["a", "b"]', '["a", "bb"]', "blend 'Both': no member 'bb'; did you mean 'b'?"),
    ('["a", "b"]', '["a", "a"]', "names a member twice"),
    ('["hello"]', "[5]", "lines of member 'b' must be a list of texts"),
    ('["hello"]', "[]", "lines of member 'b' must"),
    ('name = "Both"', 'name = "Both"\npolicy = "best"', "no policy 'best'"),
    ("[[blend]]", "turns = true\n[[blend]]", "unknown key|type"),
    ("\n[[member]]", "\nturns = 0\n[[member]]", "turns cannot be 0: it should be greater"),
    ("\n[[member]]", "\nlongest_gap = 3601\n[[member]]", "longest_gap cannot be 3601: it should"),
    ("\n[[member]]", "\npairing = 'adaptiv'\n[[member]]", "'adaptiv'; did you mean 'adaptive'"),
    ("\n[[member]]", "\nfocus = 'X'\n[[member]]", "focus 'X' is no blend"),
    ("[[blend]]", "[[blend", "not a TOML file"),
    # A member's source.
    ('engine = "scripted"\nlines', 'engine = "paper"\nlines', "no engine 'paper'"),
    ('engine = "scripted"\nlines', 'engine = "generate"\nlines', "unknown key 'lines'"),
    (LINES, "", "give either `path`"),
    (LINES, 'path = "no"', "no model in the folder .*no"),
    (LINES, 'path = "no.gguf"', "no file .*no.gguf: correct its `path`"),
    (LINES, 'path = "."\nengine = "llama_cpp"', "is no file ending in .gguf, nor a folder with"),
    (LINES, 'path = "a.gguf"\nfile = "b.gguf"', "`file` goes with `model`: name the file in"),
    (LINES, 'model = "o/m"\nengine = "llama_cpp"', "name the GGUF file of its `model`, as in"),
    (LINES, 'model = "o/m"\nfile = "m.bin"', "name the GGUF file of its `model`, as in file ="),
    (LINES, 'model = "o/m"\nfile = "m.gguf"\nslots = 0', "slots must be more than 0, not 0"),
    (LINES, 'model = "o/m"\nfile = "m.gguf"\ndtype = "float16"', "unknown key 'dtype'"),
    (LINES, 'path = "m.gguf"\nmodel = "o/m"', "give either `path` .a folder or a GGUF file. or"),
    # What a model may be told.
    (LINES, f'{MODEL}\ntemplate = "vicunja"', "no template 'vicunja'; did you mean 'vicuna'?"),
    (LINES, f'{MODEL}\ntemplate = "own.jinja"', "the template .*own.jinja cannot be read"),
    (LINES, f"{MODEL}\nvariables = {{day = 2024-01-01}}", "'day' in variables cannot be .*: give"),
    (LINES, f'{MODEL}\nvariables = "x"', "'variables' in member 'b' cannot be 'x'"),
    (LINES, f'{MODEL}\nquantise = "3bit"', "quantise cannot be '3bit'; known are 4bit, 8bit"),
    (LINES, f'{MODEL}\ndtype = "float8"', "dtype cannot be 'float8'; known are auto, bfloat16"),
    (LINES, f'{MODEL}\nthinking = "no"', "'thinking' in member 'b' cannot be 'no'"),
    (LINES, f"{LINES}\nthinking = true", "unknown key 'thinking'"),
    (LINES, f"{MODEL}\nmemory = -1", "memory must be more than 0"),
    (LINES, f'{MODEL}\ndevice = "cpu"\ndevice_map = "auto"', "give either `device` or"),
    (LINES, f"{MODEL}\ntrust_remote_code = true", "unknown key 'trust_remote_code'"),
    (
        SAMPLED,
        'engine = "paged"\npath = "."\n[member.sampling]\nrepetition_penalty = 1.2',
        "repetition_penalty cannot be .* 'paged': remove it, or .* engine = \"generate\"",
    ),
]


@pytest.mark.parametrize(("old", "new", "said"), REFUSED)
def test_what_is_wrong_is_named_in_one_line(tmp_path, old, new, said):
    refused(tmp_path, GOOD.replace(old, new, 1), said)


@pytest.mark.parametrize("command", ["law", "handoff"])
def test_a_report_is_where_the_roster_says_or_is_made_by_its_command(tmp_path, command):
    text = f'{command} = "of"{GOOD}'
    refused(tmp_path, text, f"no report.json in .*of: .*blend {command} --out")
    (tmp_path / "of").mkdir()
    (tmp_path / "of" / "report.json").touch()
    assert getattr(roster(tmp_path, text), command) == tmp_path / "of"


def test_an_unknown_name_lists_the_shipped_ones():
    with pytest.raises(RosterError, match=r"no roster 'embeded': .* embedded"):
        read("embeded")


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda p: p.stem)
def test_every_shipped_roster_is_read_by_its_name(path):
    assert read(path.stem).path == path.resolve()


def test_the_papers_models_get_their_templates_and_what_chai_sampled_with():
    members = {spec.name: spec for spec in read("paper").members}

    assert {spec.sampling.repetition_penalty for spec in members.values()} == {1.13}
    assert {spec.sampling.max_tokens for spec in members.values()} == {64}
    assert "<START>" in members["pygmalion"].options["template"]
    assert "ASSISTANT" in members["vicuna"].options["template"]


@pytest.mark.parametrize("name", ["small", "modern", "paper"])
def test_a_shipped_roster_tells_the_memory_that_its_models_need(name, tmp_path):
    shipped, sizes = read(name), {}
    for spec in shipped.members:
        (tmp_path / "config.json").write_text(json.dumps(SHAPES[spec.model]))
        how = {key: spec.options[key] for key in ("dtype", "window")}
        sizes[spec.name] = devices.estimate_memory(Checkpoint.locate(str(tmp_path)), **how)

    weights = sum(size.weights for size in sizes.values()) / 1e9
    tokens = {name: memory.MIN_WINDOWS * size.window for name, size in sizes.items()}
    cache = sum(size.kv_per_token * tokens[name] for name, size in sizes.items()) / 1e9
    steps = (
        sum(size.workspace + size.overhead_per_token * tokens[name] for name, size in sizes.items())
        / 1e9
    )
    needed = (weights + cache + steps) / memory.USABLE_PART
    said = " ".join(shipped.path.read_text().replace("#", "").split())
    assert f"Memory: {weights:.1f} GB of weights in {how['dtype']}, {cache:.1f} GB of cache" in said
    assert f"{steps:.1f} GB to work in: a GPU with {needed:.1f} GB free" in said
    assert set(memory.allocate_cache((needed + 0.1) * 1e9, sizes)) == set(sizes)
    with pytest.raises(MemoryError):
        memory.allocate_cache((needed - 0.1) * 1e9, sizes)
