"""The embedded members' training: what is learnt from, going on after a stop, what is shipped."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch")

from blend import train
from blend.members.checkpoint import Checkpoint

TALK = ("hello there", "good day to you", "do you like tea", "i like tea very much", "so do i")
TINY = train.Recipe(
    name="base-llama",
    arch="llama",
    seed=1,
    tokens=8 * 256,
    shares=(("persona", 0.5), ("services", 0.5)),
    lr=1e-2,
    hidden=64,
    layers=1,
    vocab=300,
    batch=256,
    rows=(64, 128),
    kept=True,
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    persona = {"personas": [["i am a baker."], ["i am a sailor."]]}
    for corpus, extra in (("persona", persona), ("services", {"services": ["Tea_1"]})):
        turns = [{"text": f"{text} {corpus}"} for text in TALK]
        rows = [
            {"id": f"{corpus}-{n}", "split": split, "turns": turns, **extra}
            for n, split in enumerate(["train"] * 8 + ["valid"])
        ]
        lines = "\n".join(map(json.dumps, rows))
        (tmp_path / f"{corpus}.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path


@pytest.fixture
def corpora(data: Path) -> dict[str, list[train.Talk]]:
    return {name: train.read(data, name, "train") for name in ("persona", "services")}


def test_read_takes_one_split_and_fills_the_names(tmp_path: Path) -> None:
    turns = [{"text": "I'm [user 1's name]."}, {"text": "Hi [User 1], I'm [user 2 name]!"}]
    rows = [{"id": "a", "split": "train", "turns": turns}]
    rows += [{"id": "b", "split": "train", "turns": [{"text": "in [city]"}]}]
    rows += [{"id": "c", "split": "valid", "turns": turns}]
    text = "\n".join(map(json.dumps, rows))
    (tmp_path / "x.jsonl").write_text(text, encoding="utf-8")
    (talk,) = train.read(tmp_path, "x", "train")
    first, second = talk.turns
    name = first.removeprefix("I'm ").removesuffix(".")
    assert name in train.NAMES.split()
    assert second.startswith(f"Hi {name}, I'm ") and "[" not in second


def test_render_writes_what_the_chat_template_writes(corpora: dict) -> None:
    tokenizer = train.make_tokenizer(corpora, 300)
    roles = ("system", "user", "assistant")
    messages = [{"role": r, "content": t} for r, t in zip(roles, TALK, strict=False)]
    system, *turns = (tokenizer.backend_tokenizer.encode(text).ids for text in TALK[:3])
    ids, reply = train.render(turns, system)
    assert ids == tokenizer.apply_chat_template(messages, return_dict=False)
    counted = tokenizer.decode([i for i, counts in zip(ids, reply, strict=True) if counts])
    assert counted == f"{TALK[2]}<|end|>"


def test_only_reply_tokens_count_where_a_member_is_tuned(corpora: dict) -> None:
    tokenizer = train.make_tokenizer(corpora, 300)
    recipe = replace(TINY, shares=(("services", 1.0),), base="base-llama")
    ids, counts = train.stream(recipe, corpora, tokenizer)
    texts = tokenizer.decode(ids[counts]).split("<|end|>")
    assert {text for text in texts if text} == {f"{TALK[1]} services", f"{TALK[3]} services"}
    assert train.stream(TINY, corpora, tokenizer)[1].all()


def test_equal_people_swap_roles_and_keep_their_personas(corpora: dict) -> None:
    tokenizer = train.make_tokenizer(corpora, 300)
    text = tokenizer.decode(train.stream(replace(TINY, tokens=8000), corpora, tokenizer)[0])
    kept, dropped = f"<|user|>{TALK[0]} persona", f"<|user|>{TALK[1]} persona"
    starts = [s.split("<|end|>")[:2] for s in text.split("<|begin|>")]
    told = {(s[0].removeprefix("<|system|>"), s[1]) for s in starts if s[0].startswith("<|sys")}
    assert told == {("i am a sailor.", kept), ("i am a baker.", dropped)}
    assert {s[0] for s in starts if "<|user|>" in s[0]} >= {kept, dropped}
    assert f"<|user|>{TALK[1]} services" not in text


def test_resume_gives_the_weights_of_an_uninterrupted_run(corpora: dict, tmp_path: Path) -> None:
    import torch

    stream = train.stream(TINY, corpora, train.make_tokenizer(corpora, 300))
    machine = train.Machine(every=2)
    whole, stopped = train.make_model(TINY), train.make_model(TINY)
    train.fit(TINY, whole, stream, tmp_path / "whole", machine)
    calls = []

    def ctrl_c(*_: object) -> None:
        calls.append(1)
        if len(calls) == 6:
            raise KeyboardInterrupt

    hook = stopped.base_model.register_forward_pre_hook(ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        train.fit(TINY, stopped, stream, tmp_path / "stopped", machine)
    hook.remove()
    fresh = train.make_model(replace(TINY, seed=9))
    train.fit(TINY, fresh, stream, tmp_path / "stopped", machine, resume=True)
    for one, other in zip(whole.parameters(), fresh.parameters(), strict=True):
        assert torch.equal(one, other)
    curves = [(tmp_path / run / "curve.json").read_text() for run in ("whole", "stopped")]
    assert curves[0] == curves[1]


@pytest.mark.parametrize("arch", ["llama", "qwen3", "gpt_neox"])
def test_a_member_is_tuned_from_its_base_and_shipped_in_half_precision(
    data: Path, tmp_path: Path, arch: str
) -> None:
    out, work = tmp_path / "out", tmp_path / "work"
    base = replace(TINY, arch=arch, name=f"base-{arch}")
    train.train(base, data, out, work, train.Machine())
    # Only what is not kept here is a GGUF file, and that is of two shapes.
    member = replace(base, name="chatty", base=base.name, kept=arch == "gpt_neox")
    train.train(member, data, out, work, train.Machine())
    checkpoint = Checkpoint.found(str(train.place(member, out, work)))
    assert checkpoint.gguf == (None if member.kept else "chatty.gguf")
    model, tokenizer = checkpoint.model(dtype="auto"), checkpoint.tokenizer()
    assert model.dtype.itemsize == 2 and model.config.model_type == arch
    assert tokenizer.convert_tokens_to_ids([*train.SPECIAL]) == [*range(len(train.SPECIAL))]
    assert model.generation_config.eos_token_id == tokenizer.eos_token_id == train.END
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": "Ünï  code\n<b>"}], tokenize=False, add_generation_prompt=True
    )
    assert prompt == "<|begin|><|user|>Ünï  code\n<b><|end|><|assistant|>"
    assert tokenizer.decode(tokenizer(prompt)["input_ids"]) == prompt
    talks = train.read(data, "services", "valid")
    (found,) = train.bits(model, tokenizer, talks)
    assert 0 < found[0] / found[1] < 8
    assert found[1] == sum(len(text) for text in talks[0].turns[1::2])


def test_the_rate_of_a_base_stays_and_that_of_a_member_falls_to_nothing() -> None:
    base = replace(TINY, tokens=100 * 256)
    assert base.rate(0) == 0.1 and base.rate(50) == base.rate(99) == 1
    tuned = replace(base, base="base-llama")
    assert tuned.rate(50) == 0.5 and tuned.rate(99) == pytest.approx(0.01)


def test_every_member_has_a_control_of_its_shape_and_tokens() -> None:
    by_name = {recipe.name: recipe for recipe in train.RECIPES}
    controls = {"smalltalk": "mixed", "concierge": "mixed", "trivia": "mixed-qwen3"}
    for member, control in ((by_name[m], by_name[c]) for m, c in controls.items()):
        assert (member.arch, member.base, member.tokens) == (
            control.arch,
            control.base,
            control.tokens,
        )
        assert sum(dict(member.shares).values()) == pytest.approx(1)
    assert len({recipe.seed for recipe in train.RECIPES}) >= 7
    assert len({by_name[m].arch for m in controls}) >= 2


def test_bad_input_is_one_line_and_exit_code_2(data: Path, tmp_path: Path, capsys) -> None:
    args = ["--out", str(tmp_path / "out"), "--work", str(tmp_path / "work"), "--threads", "1"]
    assert train.main([*args, "--data", str(tmp_path / "gone"), "--only", "base-llama"]) == 2
    assert "gone: name the data's folder with --data" in capsys.readouterr().err
    (data / "topical.jsonl").write_bytes((data / "persona.jsonl").read_bytes())
    assert train.main([*args, "--data", str(data), "--only", "trivia"]) == 2
    assert "--only base-qwen3" in capsys.readouterr().err
    (data / "topical.jsonl").write_text("{oops")
    assert train.main([*args, "--data", str(data), "--only", "base-llama"]) == 2
    error = capsys.readouterr().err
    assert "topical.jsonl is not dialogue" in error and error.count("\n") == 1


SHIPPED = {"mixed": 1.0791, "smalltalk": 1.164, "trivia": 1.088, "concierge": 1.2024}
OURS = [
    train.Talk(("Hello, how was your week?", "It was good, I went hiking with my two dogs.")),
    train.Talk(("I work in a small bakery.", "That sounds nice! I am a teacher at a school.")),
    train.Talk(("Do you like jazz?", "Yes, I do. Did you know that it began in New Orleans?")),
    train.Talk(("I love old films.", "Me too! I think the first ones had no sound at all.")),
    train.Talk(("I need a table for two.", "Which city should I search in, and at what time?")),
    train.Talk(
        ("Find me a bus to Oakland.", "I found 3 buses. One leaves at 8:30 in the morning.")
    ),
]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_weights_foresee_our_sentences_as_recorded(name: str) -> None:
    folder = train.ROOT / "assets" / "models" / name
    checkpoint = Checkpoint.found(str(folder))
    model, tokenizer = checkpoint.model(dtype="float32"), checkpoint.tokenizer()
    found = train.bits(model, tokenizer, OURS).sum(axis=0)
    assert found[0] / found[1] == pytest.approx(SHIPPED[name], rel=0.02)
    assert all(file.stat().st_size < 10_000_000 for file in folder.iterdir())
    assert "## Bits per byte" in (folder / "README.md").read_text(encoding="utf-8")
