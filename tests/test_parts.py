"""What contenders are made of, by their configuration."""

from arena.parts import Part, game, parts
from arena.records import Contender


def test_a_contenders_config_tells_its_part():
    def member(name, **more):
        return {"name": name, "weights": "1", "sampling": {"top_p": 0.9, "seed": None}} | more

    copies = [member(f"a #{n}", of="a", copy=n, sampling={"top_p": 0.9, "seed": n}) for n in (1, 2)]
    made = [
        Contender("1", "Blended", {"members": [member("a"), member("b")], "policy": "uniform"}),
        Contender("2", "2 × a", {"members": copies, "policy": "uniform"}),
        Contender("3", "a", {"members": [member("a")], "policy": {"name": "uniform"}}),
        Contender("4", "made up", {"simulated": True}),
        Contender("5", "elsewhere", {"members": [member("b")]}),
    ]
    labels = {"1": "Blended", "2": "2 × a", "3": "a", "4": "made up"}
    blended, twins, single = parts(made, labels)

    assert len(blended.members) == 2 and blended.copies == 0
    assert twins.members == single.members and twins.copies == 2
    assert single.policy == "uniform" and single.members < blended.members


def test_the_game_of_a_blend_is_what_draws_like_it_or_is_alone():
    def part(name: str, policy: str = "uniform", copies: int = 0) -> Part:
        return Part(name, frozenset((m, "1") for m in name.rstrip("!")), policy, copies)

    whole = part("abc")
    rated = [whole, part("ab"), part("bc", "thompson"), part("a!", copies=2), part("d"), part("c")]
    rated[-1] = Part("c", rated[-1].members, "thompson")
    assert sorted(game(whole, rated).values()) == ["ab", "abc", "c"]
