"""Settings: one name for flag, variable and roster key; who wins; the line for what is wrong."""

import argparse
import re

import pytest
from app_process import ROOT

from blend.roster import settings
from blend.roster.settings import SECRETS, SettingError, Settings, resolve


def flags(*given: str) -> dict:
    parser = argparse.ArgumentParser()
    settings.add_flags(parser)
    return vars(parser.parse_args(given))


def test_a_flag_wins_over_a_variable_over_the_roster_over_the_default():
    roster = Settings().with_values({"turns": 3, "limit": 5, "drain": 1}, "roster")
    environ = {"BLENDED_ARENA_TURNS": "4", "BLENDED_ARENA_LIMIT": "6"}
    told = resolve(roster, environ, flags("--turns", "9"))

    assert (told.turns, told.limit, told.drain, told.port) == (9, 6, 1.0, 7860)
    assert told.origins == {"turns": "flag", "limit": "variable", "drain": "roster"}


def test_every_setting_has_a_flag_and_a_variable_of_its_name():
    for each in settings.all_settings():
        if isinstance(each.default, bool):
            yes, no = settings.flag(each.name), settings.flag(each.name).replace("--", "--no-")
            given, other = ([no], "false") if each.default else ([yes], "true")
        else:
            value = each.metadata["choices"][-1] if each.metadata["choices"] else "7"
            given, other = [settings.flag(each.name), value], value
        by_flag = resolve(Settings(), {}, flags(*given))
        by_variable = resolve(Settings(), {settings.variable(each.name): other}, flags())
        assert by_flag == by_variable != Settings(), each.name


def test_a_spaces_own_variables_say_where_to_listen():
    space = {"GRADIO_SERVER_NAME": "0.0.0.0", "GRADIO_SERVER_PORT": "7861"}
    told = resolve(Settings(), space, flags("--port", "80"))
    assert (told.host, told.port) == ("0.0.0.0", 80)
    assert resolve(Settings(), space | {"BLENDED_ARENA_PORT": "90"}, flags()).port == 90


def test_an_empty_variable_is_none():
    assert resolve(Settings(), {"BLENDED_ARENA_TURNS": ""}, flags()) == Settings()


@pytest.mark.parametrize("text", ["yes", "TRUE", "1", " on "])
def test_what_is_meant_by_yes(text):
    roster = Settings().with_values({"texts": False}, "roster")
    assert resolve(roster, {"BLENDED_ARENA_TEXTS": text}, flags()).texts is True


@pytest.mark.parametrize(
    ("environ", "given", "said"),
    [
        (
            {"BLENDED_ARENA_TURNS": "0"},
            (),
            "TURNS cannot be '0': it should be greater than or equal to 1",
        ),
        (
            {"BLENDED_ARENA_TURNS": "x"},
            (),
            "TURNS cannot be 'x': it should be a valid integer",
        ),
        (
            {"BLENDED_ARENA_TEXTS": "?"},
            (),
            "TEXTS cannot be '\\?': it should be a valid boolean",
        ),
        ({"GRADIO_SERVER_PORT": "99999"}, (), "GRADIO_SERVER_PORT .* less than or equal to 65535"),
        ({"BLENDED_ARENA_TRUNS": "3"}, (), "BLENDED_ARENA_TRUNS is no setting; did you mean"),
        ({}, ("--api", "opne"), "--api cannot be 'opne'; did you mean 'open'"),
        ({}, ("--drain", "-1"), "--drain cannot be .* greater than or equal to 0"),
        ({}, ("--drain", "nan"), "--drain cannot be .* less than or equal to 1000000000"),
        ({}, ("--drain", "inf"), "--drain cannot be .* less than or equal to 1000000000"),
        ({}, ("--hub-minutes", "1e9"), "--hub-minutes cannot be .* less than or equal to 10080"),
        ({}, ("--longest-gap", "9e3"), "--longest-gap cannot be .* a valid integer"),
    ],
)
def test_what_is_wrong_is_named_as_it_was_given(environ, given, said):
    with pytest.raises(SettingError, match=said):
        resolve(Settings(), environ, flags(*given))


@pytest.mark.parametrize("value", [True, 2.5, None, [8]])
def test_a_roster_must_give_the_right_type(value):
    with pytest.raises(SettingError, match=r"turns cannot be .*: it should be a valid integer"):
        Settings().with_values({"turns": value}, "roster")


def test_secrets_are_variables_only():
    environ = {settings.variable(name): "hush" for name in SECRETS}
    assert resolve(Settings(), environ, flags()) == Settings()
    assert not SECRETS.keys() & {each.name for each in settings.all_settings()}


def test_the_readme_has_a_row_for_each_setting_with_its_default():
    readme = (ROOT / "arena" / "site" / "README.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| `?(.*?)`? \| ", readme, re.M))
    for each in settings.all_settings():
        default = each.default
        shown = f"{default:g}" if isinstance(default, float) else str(default)
        said = shown.lower() if isinstance(default, bool) else shown
        assert rows[each.name] == said, each.name
