"""Every rule has a name, a reason and an advice of one line each, and a page."""

import re
from pathlib import Path

import pytest

from seedbed.lint.rules import RULES, WARNED_BY_REPORTS, page

ROOT = Path(__file__).parents[2]
INDEX = (ROOT / "docs/lint/README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_its_page_with_the_same_parts(name):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    text = (ROOT / page(name)).read_text(encoding="utf-8")
    assert text.startswith(f"# {name}\n")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "What is looked at", "Why it matters", "What to do", "When it is fine",
    ]  # fmt: skip


def test_there_is_no_page_of_another_rule():
    assert {file.stem for file in (ROOT / "docs/lint").glob("*.md")} == {*RULES, "README"}


def test_the_table_lists_every_rule_with_the_reason_that_the_program_gives():
    rows = re.findall(r"^\| \[([^\]]+)\]\(([^)]+)\) \| (.*) \|$", INDEX, re.MULTILINE)
    assert rows == [(name, f"{name}.md", rule.why) for name, rule in RULES.items()]


@pytest.mark.parametrize("name", RULES)
def test_the_advice_is_one_line_and_its_settings_are_those_of_the_page(name):
    advice = RULES[name].advice
    assert advice.endswith(".")
    assert len(advice) <= 110
    _, _, what_to_do = (ROOT / page(name)).read_text(encoding="utf-8").partition("## What to do")
    for setting in re.findall(r"\b[a-z]+\.[a-z_]+(?==)", advice):
        assert setting in what_to_do


def test_reasons_are_short_sentences():
    assert all(rule.why.endswith(".") and len(rule.why) <= 110 for rule in RULES.values())
    assert set(WARNED_BY_REPORTS) <= set(RULES)
