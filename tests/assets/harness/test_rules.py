"""The rules that score replies, and the items that name them."""

import json

import pytest
import yaml
from app_process import ROOT

from assets.harness.tasks.rules import RULES, passes, score_answer, score_conversation, score_number

TASKS = ROOT / "assets" / "harness" / "tasks"

CASES = [
    ("words_at_most", "3", "A small cat.", "A very small cat."),
    ("words_at_least", "3", "Don't do it", "Don't do"),
    ("one_word", "", "Sleep!", "To sleep"),
    ("only", "yes", "Yes.", "Yes, it is."),
    ("includes", "red", "A Red car", "It is coloured"),
    ("all_of", "bread milk", "- Milk\n- bread", "bread"),
    ("avoids", "red", "It is coloured", "A Red car"),
    ("three_times", "home", "Home, home, home!", "home homes home"),
    ("lowercase", "", "hello, i am 3.", "Hello"),
    ("uppercase", "", "HELLO, 3!", "HELLo"),
    ("starts_with", "Once", '"Once upon a time"', "At once"),
    ("ends_with", "Goodbye.", "It was nice. **Goodbye!**", "Goodbye, Ann"),
    ("bullets", "2", "Sure:\n- one\n- two", "- one\n* two"),
    ("numbered", "2", "1. one\n2. two", "1. one\n3. two"),
    ("sentences", "2", "It is 3.5 km. Go!", "It is far"),
    ("question", "", "Are you well?", "Hello. Are you well?"),
    ("no_commas", "", "One and two", "One, two"),
    ("no_digits", "", "seven", "7"),
    ("quoted", "", '"Hello."', '"Hello," he said'),
    ("items", "2", "Red, dark blue.", "Red, dark blue, green"),
    ("json", "age", '```json\n{"age": 3}\n```', '{"age": 3, "name": "A"}'),
    ("number", "1200", "2 * 600 = 1,200.", "1,200 or 3"),
    ("between", "1 9", "I take 9!", "10"),
    ("one_of", "tea milk", "Tea, please", "Tea or milk"),
]
OF_EARLIER = [
    ("more_than", "0 2", ("4", "6"), ("4", "7")),
    ("same_number", "0", ("It is 4.", "4"), ("No.", "4")),
    ("same_word", "0 tea milk", ("Tea", "tea!"), ("Tea", "milk")),
    ("other_word", "0 tea milk", ("Tea", "milk"), ("Juice", "milk")),
]


@pytest.mark.parametrize(
    ("rule", "value", "kept", "broken"), CASES, ids=lambda case: str(case)[:15]
)
def test_a_rule_tells_what_keeps_it(rule, value, kept, broken):
    assert passes(rule, value, kept)
    assert not passes(rule, value, broken)
    assert not passes(rule, value, " \n")


@pytest.mark.parametrize(("rule", "value", "kept", "broken"), OF_EARLIER)
def test_a_rule_looks_at_what_was_said_before(rule, value, kept, broken):
    assert passes(rule, value, kept[1], kept)
    assert not passes(rule, value, broken[1], broken)


def test_every_rule_has_a_case():
    assert {rule for rule, *_ in CASES + OF_EARLIER} == set(RULES)


def test_answers_numbers_and_conversations_are_scored():
    assert score_answer({"answers": ["6", "six"]}, ["It has six legs."]) == {"passed": 1.0}
    assert score_answer({"answers": ["6", "six"]}, ["Sixteen, or 16."]) == {"passed": 0.0}
    assert score_number({"answer": "12"}, ["3 * 4 = 12 pens"]) == {"passed": 1.0}
    checks = [
        {"reply": 0, "rule": "one_of", "value": "tea milk"},
        {"reply": 1, "rule": "same_word", "value": "0 tea milk"},
    ]
    replies = json.dumps([{"content": "Tea.", "name": "alder"}, {"content": "Milk."}])
    assert score_conversation({"checks": checks}, [replies]) == {"passed": 0.5}


@pytest.mark.parametrize("task", ["facts", "sums", "instructions", "conversations"])
def test_a_task_file_reads_its_items(task):
    class Loader(yaml.SafeLoader):
        pass

    Loader.add_constructor("!function", lambda loader, node: node.value)
    read = yaml.load((TASKS / f"{task}.yaml").read_text(encoding="utf-8"), Loader)
    [path] = read["dataset_kwargs"]["data_files"].values()
    items = [json.loads(line) for line in (ROOT / path).read_text(encoding="utf-8").splitlines()]
    assert len({json.dumps(item) for item in items}) == len(items) >= 60
    assert all(item["group"] for item in items) and read["metric_list"][0]["metric"] == "passed"
    module, function = read["process_results"].split(".")
    assert (TASKS / f"{module}.py").exists() and function.startswith("score_")


def test_every_item_names_a_rule_and_a_value_that_it_takes():
    for line in (TASKS / "instructions.jsonl").read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        assert passes(item["rule"], item["value"], "x") in (True, False)
    for line in (TASKS / "conversations.jsonl").read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        replies = json.dumps([{"content": "x"}] * len(item["says"]))
        assert 0 <= score_conversation(item, [replies])["passed"] <= 1
        assert len(item["says"]) == 3 and item["checks"]
