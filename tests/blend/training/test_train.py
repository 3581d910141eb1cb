"""The embedded members' training: what is learnt from, going on after a stop, what is shipped."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from blend.members.local.checkpoint import Checkpoint
from blend.training import corpora, train, training_loop
from blend.training.bits_per_byte import bits
from blend.training.corpora import TrainingDialogue
from blend.training.recipes import MODELS, Recipe

TALK = ("hello there", "good day to you", "do you like tea", "i like tea very much", "so do i")
TINY = Recipe(
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
    internal=True,
)


def write(folder: Path, corpus: str, *rows: dict) -> None:
    (folder / f"{corpus}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    persona = {"personas": [["i am a baker."], ["i am a sailor."]]}
    for corpus, extra in (("persona", persona), ("services", {"services": ["Tea_1"]})):
        turns = [{"text": f"{text} {corpus}"} for text in TALK]
        splits = enumerate(["train"] * 8 + ["valid"])
        rows = ({"id": f"{corpus}-{n}", "split": s, "turns": turns, **extra} for n, s in splits)
        write(folder, corpus, *rows)
    return folder


@pytest.fixture(scope="module")
def texts(data: Path) -> dict[str, list[TrainingDialogue]]:
    return {name: corpora.read(data, name, "train") for name in ("persona", "services")}


@pytest.fixture(scope="module")
def tokenizer(texts: dict):
    return corpora.make_tokenizer(texts, 300)


def test_read_takes_one_split_and_fills_the_names(tmp_path: Path) -> None:
    turns = [{"text": "I'm [user 1's name]."}, {"text": "Hi [User 1], I'm [user 2 name]!"}]
    holes = {"id": "b", "split": "train", "turns": [{"text": "in [city]"}]}
    named = {"id": "a", "split": "train", "turns": turns}
    write(tmp_path, "x", named, holes, {**named, "split": "valid"})
    (dialogue,) = corpora.read(tmp_path, "x", "train")
    first, second = dialogue.turns
    name = first.removeprefix("I'm ").removesuffix(".")
    assert name in corpora.NAMES.split()
    assert second.startswith(f"Hi {name}, I'm ") and "[" not in second


def test_render_writes_what_the_chat_template_writes(tokenizer) -> None:
    roles = ("system", "user", "assistant")
    messages = [{"role": r, "content": t} for r, t in zip(roles, TALK, strict=False)]
    system, *turns = corpora.encode(tokenizer, TALK[:3])
    ids, reply = corpora.render(turns, system)
    assert ids == tokenizer.apply_chat_template(messages, return_dict=False)
    counted = tokenizer.decode([i for i, counts in zip(ids, reply, strict=True) if counts])
    assert counted == f"{TALK[2]}<|end|>"


def test_only_reply_tokens_count_where_a_member_is_tuned(texts: dict, tokenizer) -> None:
    recipe = replace(TINY, shares=(("services", 1.0),), base="base-llama")
    ids, counts = corpora.stream(recipe, texts, tokenizer)
    replies = tokenizer.decode(ids[counts]).split("<|end|>")
    assert {text for text in replies if text} == {f"{TALK[1]} services", f"{TALK[3]} services"}
    assert corpora.stream(TINY, texts, tokenizer)[1].all()


def test_equal_people_swap_roles_and_keep_their_personas(texts: dict, tokenizer) -> None:
    text = tokenizer.decode(corpora.stream(replace(TINY, tokens=8000), texts, tokenizer)[0])
    kept, dropped = f"<|user|>{TALK[0]} persona", f"<|user|>{TALK[1]} persona"
    starts = [s.split("<|end|>")[:2] for s in text.split("<|begin|>")]
    introduced = {(s[0].removeprefix("<|system|>"), s[1]) for s in starts if "<|sys" in s[0]}
    assert introduced == {("i am a sailor.", kept), ("i am a baker.", dropped)}
    assert {s[0] for s in starts if "<|user|>" in s[0]} >= {kept, dropped}
    assert f"<|user|>{TALK[1]} services" not in text


def test_resume_gives_the_weights_of_an_uninterrupted_run(texts, tokenizer, tmp_path) -> None:
    import torch

    tokens = corpora.stream(TINY, texts, tokenizer)
    machine = training_loop.TrainingDevice(every=2)
    whole, stopped = train.make_model(TINY), train.make_model(TINY)
    training_loop.fit(TINY, whole, tokens, tmp_path / "whole", machine)
    calls = []

    def ctrl_c(*_: object) -> None:
        calls.append(1)
        if len(calls) == 6:
            raise KeyboardInterrupt

    hook = stopped.base_model.register_forward_pre_hook(ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        training_loop.fit(TINY, stopped, tokens, tmp_path / "stopped", machine)
    hook.remove()
    fresh = train.make_model(replace(TINY, seed=9))
    training_loop.fit(TINY, fresh, tokens, tmp_path / "stopped", machine, resume=True)
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
    # Only what is not kept here is a GGUF file, and that is of two shapes.
    member = replace(base, name="chatty", base=base.name, internal=arch == "gpt_neox")
    for recipe in (base, member):
        train.train(recipe, data, out, work, training_loop.TrainingDevice())
    checkpoint = Checkpoint.locate(str(member.folder(out, work)))
    assert checkpoint.gguf == (None if member.internal else "chatty.gguf")
    model, tokenizer = checkpoint.model(dtype="auto"), checkpoint.tokenizer()
    assert model.dtype.itemsize == 2 and model.config.model_type == arch
    assert tokenizer.convert_tokens_to_ids([*corpora.SPECIAL]) == [*range(len(corpora.SPECIAL))]
    assert model.generation_config.eos_token_id == tokenizer.eos_token_id == corpora.END
    messages = [{"role": "user", "content": "Ünï  code\n<b>"}]
    prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert prompt == "<|begin|><|user|>Ünï  code\n<b><|end|><|assistant|>"
    assert tokenizer.decode(tokenizer(prompt)["input_ids"]) == prompt
    dialogues = corpora.read(data, "services", "valid")
    (found,) = bits(model, tokenizer, dialogues)
    assert 0 < found[0] / found[1] < 8
    assert found[1] == sum(len(text) for text in dialogues[0].turns[1::2])


def test_the_rate_of_a_base_stays_and_that_of_a_member_falls_to_nothing() -> None:
    base = replace(TINY, tokens=100 * 256)
    assert base.rate(0) == 0.1 and base.rate(50) == base.rate(99) == 1
    for falling in (replace(base, base="other"), replace(base, cools=True)):
        assert falling.rate(50) == 0.5 and falling.rate(99) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("only", "rows", "expected"),
    [
        ("base-llama", None, "no persona.jsonl.gz in"),
        ("smalltalk", [{"split": "train", "id": "a", "turns": []}], "base-llama, which is not in"),
        ("base-llama", [{"split": "valid"}], "has no conversation with split 'train'"),
        ("base-llama", ["oops"], "persona.jsonl is not dialogue"),
    ],
)
def test_bad_input_is_one_line(tmp_path: Path, capsys, only, rows, expected) -> None:
    for corpus in ("persona", "topical", "services") if rows else ():
        write(tmp_path, corpus, *rows)
    folders = ["--data", str(tmp_path), "--out", str(tmp_path / "o"), "--work", str(tmp_path / "w")]
    assert train.main([*folders, "--only", only, "--threads", "1"]) == 2
    error = capsys.readouterr().err
    assert expected in error and error.count("\n") == 1


SHIPPED = {"mixed": 1.0791, "smalltalk": 1.164, "trivia": 1.088, "concierge": 1.2024}
OURS = [
    ("Hello, how was your week?", "It was good, I went hiking with my two dogs."),
    ("I work in a small bakery.", "That sounds nice! I am a teacher at a school."),
    ("Do you like jazz?", "Yes, I do. Did you know that it began in New Orleans?"),
    ("I love old films.", "Me too! I think the first ones had no sound at all."),
    ("I need a table for two.", "Which city should I search in, and at what time?"),
    ("Find me a bus to Oakland.", "I found 3 buses. One leaves at 8:30 in the morning."),
]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_weights_foresee_our_sentences_as_recorded(name: str) -> None:
    checkpoint = Checkpoint.locate(str(MODELS / name))
    model, tokenizer = checkpoint.model(dtype="float32"), checkpoint.tokenizer()
    found = bits(model, tokenizer, [TrainingDialogue(turns) for turns in OURS]).sum(axis=0)
    assert found[0] / found[1] == pytest.approx(SHIPPED[name], rel=0.02)
    assert all(file.stat().st_size < 10_000_000 for file in (MODELS / name).iterdir())
