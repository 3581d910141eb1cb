"""Best of n: the candidates, the choice, what it costs, how it ends when something goes wrong."""

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest
import tiny_models
from counted import Counted
from paged_member import found_prefixes

from blend.conversation import Conversation, Message, Usage
from blend.engine import Blend
from blend.members import MemberDown, MemberError, Piece, Sampling, SamplingError, candidates
from blend.members.best_of import BestOf
from blend.members.local.paged import Paged
from blend.members.reply import stream_reply
from blend.policies.policy import Uniform
from blend.roster import RosterError, read
from blend.roster.contender import config, contender_id, digest
from blend.roster.loading import load_all, load_member

pytestmark = pytest.mark.anyio
ASKED = [Message("user", "Hi")]
WARM = Sampling(temperature=1.0, max_tokens=24)
COLD = Sampling(temperature=0.0)
LINES = ["one", "one two three", "one two"]


class Longest:
    """A judge that likes long replies."""

    digest = "longest"

    def __init__(self):
        self.judged = []

    def scores(self, history, replies):
        self.judged.append((tuple(history), tuple(replies)))
        return [float(len(reply)) for reply in replies]


class Broken(Longest):
    def scores(self, history, replies):
        raise RuntimeError("out of memory")


class Lost(Longest):
    def scores(self, history, replies):
        return [float("nan") if reply != "one" else -3.0 for reply in replies]


class Many:
    """Says another line to each request. fails: after how many words the nth request does."""

    name, sampling, honours = "many", WARM, frozenset({"temperature", "seed"})

    def __init__(self, lines=LINES, pace=0.0, fails=()):
        self.lines, self.pace, self.fails = lines, pace, dict(fails)
        self.asked, self.warmed, self.running, self.peak, self.down = [], [], 0, 0, None

    def measure(self, messages, max_tokens):
        return None

    async def warm(self, messages):
        self.warmed.append(tuple(messages))

    async def stream(self, messages, sampling, scope=""):
        if self.down:
            raise MemberDown(self.name, self.down)
        number = len(self.asked)
        self.asked.append(sampling)
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            words = self.lines[number % len(self.lines)].split(" ")
            for n, word in enumerate(words):
                await asyncio.sleep(self.pace)
                if n == self.fails.get(number):
                    raise MemberError(self.name, "it broke")
                finish = "stop" if n + 1 == len(words) else ""
                yield Piece(word if n == 0 else f" {word}", Usage(7, 5, n + 1, 2, finish))
        finally:
            self.running -= 1

    async def aclose(self):
        self.down = "it was closed"


def best(member, n=3, judge=None):
    return BestOf(member, judge or Longest(), n, "d")


async def reply(member, messages=ASKED, sampling=WARM):
    async with aclosing(member.stream(messages, sampling)) as pieces:
        return [piece async for piece in pieces]


async def last_turn(member, **how):
    blend = Blend("b", [member], Uniform(), **how)
    return [turn async for turn in blend.reply(Conversation().ask("Hi"))][-1]


async def test_the_best_of_the_candidates_is_the_reply_and_costs_as_much_as_all_of_them():
    judge, member = Longest(), Many()
    (piece,) = await reply(best(member, judge=judge), sampling=replace(WARM, seed=5))
    assert piece == "one two three" and piece.usage == Usage(21, 15, 6, 2, "stop")
    assert judge.judged == [(tuple(ASKED), ("one two", "one two three", "one"))]
    assert sorted(asked.seed for asked in member.asked) == [5, 6, 7]


async def test_a_history_is_read_once_before_the_candidates_are_asked_for():
    member = Many()
    several, history = best(member), [*ASKED, Message("assistant", "Hello"), *ASKED]
    await reply(several, history)
    await several.warm(history)
    await reply(several, [*history, *ASKED])
    assert member.warmed == [tuple(history[:-1]), tuple(history)]


async def test_equal_candidates_are_judged_once_and_a_single_one_never():
    judge = Longest()
    assert await reply(best(Many(["same"]), judge=judge)) == ["same"]
    assert await reply(best(Many(), 1, judge), sampling=COLD) == ["one"]
    assert judge.judged == []


async def test_a_candidate_that_fails_is_left_out():
    assert await reply(best(Many(fails={1: 1}))) == ["one two"]


async def test_all_failing_is_the_members_error():
    with pytest.raises(MemberError, match="many: none of its 3 candidates came to its end: it b"):
        await reply(best(Many(fails={0: 0, 1: 1, 2: 0})))
    assert "".join(await reply(best(Many([" "])))).strip() == ""
    closed = best(Many())
    await closed.aclose()
    with pytest.raises(MemberDown, match="closed"):
        await reply(closed)
    assert closed.down == "it was closed"


async def test_a_judge_that_fails_is_an_error_and_one_that_is_at_a_loss_is_not():
    with pytest.raises(MemberError, match="its reward model failed: RuntimeError: out of memory"):
        await reply(best(Many(), judge=Broken()))
    assert await reply(best(Many(), judge=Lost())) == ["one"]


async def test_leaving_cancels_every_candidate():
    member, others = Many(["word " * 500], pace=0.01), len(asyncio.all_tasks())

    task = asyncio.create_task(reply(best(member, 8)))
    while member.running < 8:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert task.cancelled() and (member.running, member.peak) == (0, 8)
    assert len(asyncio.all_tasks()) == others


@pytest.mark.parametrize("line", ["a " * 30, f"<think>{'Hm. ' * 30}</think>Hello"])
async def test_candidates_that_grow_are_no_silence_and_those_that_do_not_are(monkeypatch, line):
    monkeypatch.setattr(candidates, "HEARTBEAT", 0.05)
    growing, stuck = Many([line], pace=0.02), Many(["a b"], pace=30)
    fine, silent = [await last_turn(best(each), patience=0.4) for each in (growing, stuck)]
    assert fine.finished and fine.seconds > 0.5 and fine.reply
    assert not silent.finished and silent.error and stuck.running == 0


async def test_greedy_candidates_are_refused():
    with pytest.raises(SamplingError, match="needs candidates that differ"):
        await reply(best(Many()), sampling=COLD)


async def test_the_judge_reads_replies_without_thoughts_and_the_best_ones_thought_is_kept():
    judge = Longest()
    lines = ["<think>a long long long thought</think>Hi", "<think>b</think>Hello"]
    made = best(Many(lines), 2, judge)
    pieces = [piece async for piece in stream_reply(made, ASKED, WARM)]
    assert ("".join(pieces), "".join(p.thought for p in pieces)) == ("Hello", "b")
    assert set(judge.judged[0][1]) == {"Hi", "Hello"}


async def test_over_a_paged_member_the_candidates_share_the_prompts_pages(folders):
    turn = [Message("user", "My dog likes the park. " * 8), Message("assistant", "Hello. " * 8)]
    history = [*turn * 2, Message("user", "And?")]
    how = {"device": "cpu", "threads": 1}
    member = await asyncio.to_thread(Paged.load, "tiny", str(folders["llama"]), WARM, **how)
    judge, counted = Longest(), Counted(member)

    with found_prefixes() as found:
        said = (await reply(best(counted, 4, judge), history))[-1]
    await member.aclose()

    candidates = judge.judged[0][1]
    assert counted.peak == 4 and len(set(candidates)) > 1 and said == max(candidates, key=len)
    assert 0.7 * said.usage.prompt_tokens < sum(found) < said.usage.prompt_tokens


ROSTER = """
[[member]]
name = "a"
path = "llama"
engine = "generate"
[member.best_of]
n = 3
reward = "reward"
reward_window = 64
[[member]]
name = "b"
engine = "scripted"
[member.best_of]
n = 2
reward = "reward"
reward_window = 64
[[blend]]
name = "Both"
members = ["a", "b"]
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    root = tmp_path_factory.mktemp("best")
    tiny_models.save("llama", root / "llama")
    tiny_models.save("llama", root / "reward", "SequenceClassification", num_labels=1)
    (root / "r.toml").write_text(ROSTER)
    return root


async def test_a_roster_names_one_reward_model_for_several_members(place):
    a, b = (member for _, member in load_all(read(place / "r.toml").members))
    assert a._reward_model is b._reward_model and (a.name, a.device, b.device) == (
        "a",
        "CPU",
        "scripted",
    )
    assert "".join(await reply(a, sampling=replace(WARM, seed=1))).strip()
    await a.aclose()
    await b.aclose()
    assert a.down == b.down == "it was closed"


def test_the_contender_follows_n_and_the_reward_model(place):
    roster = read(place / "r.toml")
    spec = roster.members[1]
    contest = spec.best_of
    changed = [
        spec,
        replace(spec, best_of=replace(contest, n=3)),
        replace(spec, best_of=replace(contest, reward=replace(contest.reward, window=32))),
        replace(spec, best_of=None),
    ]
    single = roster.contenders[2]
    ids = {
        contender_id(config(single, roster, {"b": digest(each, load_member(each))}))
        for each in changed
    }
    assert len(ids) == 4


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('reward = "reward"', "", "best_of.* of member 'a' needs a 'reward'"),
        ("n = 3", "n = 0", "best_of of member 'a': n must lie between 1 and 64, not 0"),
        ("n = 3", "m = 3", "unknown key 'm' in .*best_of"),
        ("64", "0", "reward_window must be at least 1"),
        ('"reward"', '"rewards"', "no reward model in the folder .*rewards"),
        ('"reward"', '"./x/reward"', "no reward model in the folder"),
        ('"reward"', '"reward"\ntemplate = "none"', "no template 'none'"),
        ("[member.best_of]", "sampling = {temperature = 0}\n[member.best_of]", "member 'a': best"),
    ],
)
def test_what_is_wrong_in_a_roster_is_named_in_one_line(place, tmp_path, old, new, said):
    (tmp_path / "llama").symlink_to(place / "llama")
    (tmp_path / "reward").symlink_to(place / "reward")
    path = tmp_path / "r.toml"
    path.write_text(ROSTER.replace(old, new, 1))
    with pytest.raises(RosterError, match=said):
        read(path)


def test_an_id_on_the_hub_is_kept_as_it_is(place, tmp_path):
    path = tmp_path / "r.toml"
    (tmp_path / "llama").symlink_to(place / "llama")
    path.write_text(ROSTER.replace('"reward"', '"someone/reward"'))
    assert read(path).members[0].best_of.reward.source == "someone/reward"
