"""``seedbed lint``, and what the linter does to a study that is to be trained."""

from collections.abc import Sequence
from typing import Any

from seedbed.cli.arguments import command, takes_settings
from seedbed.errors import InputError

MOST_LINES = 12
"""How many findings are said before training; `seedbed lint` says them all."""

PARSER = takes_settings(
    command(
        "lint",
        "Flaws of protocol in a study, before it is trained: its data sets are read, its examples drawn, and each\n"
        "rule looks at them. A finding comes with the page of the docs that explains it; exit code 1 where there are\n"
        "any. Takes the settings of `compare`, which says the same before it trains; there lint=error refuses a study\n"
        "with findings, and lint=off looks for none. The rules about results speak in the report.",
        "  seedbed lint experiment=imdb_static_200 protocol=published embedding=glove\n"
        "  seedbed lint experiment=twitter_ner_fewshot sizes=[50,100,200]\n"
        "  seedbed lint --rules",
    )
)
PARSER.add_argument("--rules", action="store_true", help="list the rules")


def main(arguments: Sequence[str]) -> int:
    """Print the findings of a study, or the rules."""
    given = PARSER.parse_intermixed_args(arguments)
    if given.rules:
        return _print_rules()
    from seedbed.config.study import study

    checked = study(given.settings, given.config_dir)
    from seedbed.cli.study import planned
    from seedbed.lint.rules import lint, page

    findings = lint(planned(checked))
    for one in findings:
        print(f"{one.rule}: {one.text}\n  {one.why} ({page(one.rule)})")
    if not findings:
        print("nothing found")
    return 1 if findings else 0


def look_over(study: Any, plan: Any) -> tuple[Any, ...]:
    """The findings of a plan as ``lint`` asks for: said on standard error, or the study refused, or none."""
    if study.keys.lint == "off":
        return ()
    from seedbed.cli.study import say
    from seedbed.lint.rules import lint

    findings = lint(plan)
    if findings and study.keys.lint == "error":
        rules = ", ".join(dict.fromkeys(one.rule for one in findings))
        raise InputError(f"lint=error: {rules}: {findings[0].text} (`seedbed lint` says them all)")
    for one in findings[:MOST_LINES]:
        say(f"lint: {one.rule}: {one.text}")
    if len(findings) > MOST_LINES:
        say(f"lint: and {len(findings) - MOST_LINES} more, which `seedbed lint` says")
    return findings


def _print_rules() -> int:
    from seedbed.lint.rules import RULES, page

    width = max(map(len, RULES))
    for name, rule in RULES.items():
        print(f"{name:<{width}}  {rule.why} ({page(name)})")
    return 0
