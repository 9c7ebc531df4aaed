"""``seedbed lint``."""

from collections.abc import Sequence

from seedbed.cli.arguments import command, takes_settings

PARSER = takes_settings(
    command(
        "lint",
        "Check the protocol of a study before training: read the data sets, sample the draws and apply each rule.\n"
        "Each finding names the page that explains it. Exit code 1 if there are findings. Takes the settings of\n"
        "`compare`, which runs the same checks (lint=error: stop if there are findings; lint=off: no checks). Rules\n"
        "about results are applied in the report.",
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
    from seedbed.lint.rules import lint, page
    from seedbed.progress.study import StudyProgress
    from seedbed.studies.confirming import tested_before
    from seedbed.studies.planning import read_plan

    plan = read_plan(checked, StudyProgress().log)
    findings = lint(plan, tested_before(checked, plan) if checked.tracking.database else ())  # asks no server
    for one in findings:
        print(f"{one.rule}: {one.text}\n  {one.why} ({page(one.rule)})\n  What to do: {one.advice}")
    if not findings:
        print("nothing found")
    return 1 if findings else 0


def _print_rules() -> int:
    from seedbed.lint.rules import RULES, page

    width = max(map(len, RULES))
    for name, rule in RULES.items():
        print(f"{name:<{width}}  {rule.why} ({page(name)})\n{'':{width}}  What to do: {rule.advice}")
    return 0
