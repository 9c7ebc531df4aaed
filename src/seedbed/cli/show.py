"""``seedbed show``."""

from collections.abc import Sequence

from seedbed.cli.arguments import command, takes_settings

PARSER = takes_settings(
    command(
        "show",
        "Print the composed config: every key with its value, checked as `run` and `compare` check it.",
        "  seedbed show\n"
        "  seedbed show experiment=quickstart\n"
        "  seedbed show dataset=imdb task=classification encoder=cnn encoder.widths=[3,4,5]",
    )
)


def main(arguments: Sequence[str]) -> int:
    """Compose, check and print."""
    given = PARSER.parse_args(arguments)
    from omegaconf import OmegaConf

    from seedbed.config.build import study

    checked = study(given.settings, given.config_dir)
    print(OmegaConf.to_yaml(OmegaConf.create(dict(checked.composed))), end="")
    return 0
