"""What a contender is, in words."""

from arena.profile import profiled
from arena.records import Contender


def member(name, **more):
    return {"name": name, "weights": "0123456789abcdef", "sampling": {"temperature": 0.7}} | more


def said(config):
    return profiled(Contender("c-1", "x", config), "x", up=True).sentence


def test_a_blend_names_its_members_and_who_draws_them():
    config = {"members": [member("oak"), member("elm")], "policy": "uniform"}
    assert said(config) == (
        "A blend of oak and elm, drawn for each reply all with the same chance (uniform)."
    )
    config["policy"] = {"name": "no-repeat", "epsilon": 0.02}
    assert said(config).endswith("never the one that wrote the last (no-repeat).")


def test_others_than_blends():
    assert said({"members": [member("oak")], "policy": "uniform"}) == "A single model."
    copies = [member("oak 1", copy=1, of="oak"), member("oak 2", copy=2, of="oak")]
    assert said({"members": copies}).startswith("2 copies of oak")
    assert said({"source": "imported"}).startswith("Known by its name only")
    assert said({"simulated": True, "rating": 1010.0}).startswith("Made up")
    assert said({}).startswith("What it is made of was not noted")


def test_settings_tell_weights_and_sampling():
    profile = profiled(
        Contender("c-1", "x", {"members": [member("oak", quantise="4bit")]}), "x", True
    )
    assert profile.settings == (("oak", "weights 0123456789ab, quantise 4bit, temperature 0.7"),)
