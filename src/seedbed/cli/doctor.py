"""``seedbed doctor``."""

from collections.abc import Sequence

from seedbed.cli.arguments import command, key_values

PARSER = command(
    "doctor",
    "Check the installation: versions, devices, store, caches, models and data sets. Prints the command to fix each\n"
    "problem. Exit code 1 if something is broken; missing extras and data sets do not count.",
    "  seedbed doctor\n  seedbed doctor tracking.uri=http://127.0.0.1:5000",
)
KEYS = ("tracking.uri", "tracking.experiment", "tracking.artifacts")
PARSER.add_argument("keys", nargs="*", metavar="KEY=VALUE", help=", ".join(KEYS))


def main(arguments: Sequence[str]) -> int:
    """Run the checks and print their results; return 1 where something is broken."""
    keys = key_values(PARSER.parse_intermixed_args(arguments).keys, KEYS)
    from rich.console import Console
    from rich.text import Text

    from seedbed.cli.doctor_checks import all_checks

    console = Console()
    with console.status("checking"):
        results = list(all_checks(keys))
    for result in results:
        style = "not bold red" if result.broken else "not bold"
        console.print(Text(f"{result.name:20} ", style="bold").append(result.status, style), soft_wrap=True)
        if result.fix:
            console.print(Text(f"{'':20} fix: {result.fix}", style="yellow"), soft_wrap=True)
    return int(any(result.broken for result in results))
