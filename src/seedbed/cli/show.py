"""``seedbed show``."""

from collections.abc import Sequence

from seedbed.cli.arguments import command, takes_settings

PARSER = takes_settings(
    command(
        "show",
        "Print all settings of a study: every key with its value, after the same checks as in `run` and `compare`.",
        "  seedbed show\n"
        "  seedbed show experiment=quickstart\n"
        "  seedbed show dataset=imdb task=classification encoder=cnn encoder.widths=[3,4,5]",
    )
)


def main(arguments: Sequence[str]) -> int:
    """Compose, check and print."""
    options = PARSER.parse_intermixed_args(arguments)
    from seedbed.config.study import as_yaml, study

    print(as_yaml(study(options.settings, options.config_dir)), end="")
    return 0
