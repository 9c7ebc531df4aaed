"""``seedbed sweep``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedbed.cli.arguments import command, key_values
from seedbed.cli.console import print_command, print_sentence
from seedbed.errors import InputError
from seedbed.masking import masked

if TYPE_CHECKING:
    from seedbed.studies.picking import Picked

ACTIONS = {"pick": "the best setting of a sweep by validation, its overrides, and the command that confirms it"}
KEYS = ("name", "metric", "by", "tracking.uri", "tracking.experiment", "tracking.artifacts")

PARSER = command(
    "sweep",
    "Pick the best setting of a sweep, which `seedbed run -m` trained, for each data set and size.\n\n"
    + "\n".join(f"  {name:6} {line}" for name, line in ACTIONS.items())
    + "\n\n"
    "  name=STUDY      the name that the jobs of the sweep share\n"
    "  metric=SCORE    a validation score such as validation/macro_f1; test scores are refused\n"
    "  by=KEY,KEY      a choice for each value of these swept keys, such as by=embedding\n\n"
    "The best has the highest mean over replicates (lowest loss); of equal ones it is the first. Settings in which\n"
    "fewer replicates finished are last. Other keys: tracking.uri=URI.",
    "  seedbed sweep pick name=rates\n  seedbed sweep pick name=rates by=embedding metric=validation/log_loss",
)
PARSER.add_argument("action", choices=ACTIONS, metavar="ACTION", help=" | ".join(ACTIONS))
PARSER.add_argument("keys", nargs="*", metavar="KEY=VALUE", help=", ".join(KEYS))


def main(arguments: Sequence[str]) -> int:
    """Print the ranked settings, the overrides of the best, and the command that confirms them."""
    options = PARSER.parse_intermixed_args(arguments)
    keys = key_values(options.keys, KEYS)
    if not keys.get("name"):
        raise InputError("sweep pick: which sweep? name=STUDY, the name that its jobs share")
    from seedbed.progress.study import StudyProgress
    from seedbed.report.analysis.choice import refuse_other_split
    from seedbed.studies.picking import pick
    from seedbed.studies.reading import open_for_reading

    refuse_other_split(keys.get("metric"))
    tracking = [f"{key}={value}" for key, value in keys.items() if key.startswith("tracking.")]
    shown = [f"{key}={masked(value)}" for key, value in keys.items() if key.startswith("tracking.")]
    by = [key.strip() for key in keys.get("by", "").split(",") if key.strip()]
    store = open_for_reading(tracking)
    log = StudyProgress().log
    picked = pick(store, keys["name"], log, keys.get("metric"), by)
    print_choices(picked)
    log("reading the data of the command that confirms it")
    for one in picked.confirmations(shown):
        if not one.refused:
            print_command("to confirm it on new texts", one.command)
            continue
        print_sentence(f"it cannot be confirmed on new texts: {one.refused}")
        if one.again:
            print_command("the sweep that leaves some, then pick again", one.again)
    return 0


def print_choices(picked: "Picked") -> None:
    """Print for each data set and size the ranked settings, and the overrides of the best."""
    from rich.console import Console

    from seedbed.report.pages.terminal import rich_table
    from seedbed.report.sections.choice import choice_table, chosen_text

    console = Console()
    for choice, overrides in zip(picked.choices, picked.overrides, strict=True):
        table = choice_table(choice, picked.several_datasets)
        console.print(rich_table(table, console.width))
        if table.note:
            print_sentence(table.note)
        print_sentence(chosen_text(choice, picked.several_datasets))
        if overrides:
            print_command("its overrides", " ".join(overrides))
        print()
