"""``part=`` of ``seedbed pretrain``: which texts of a data set are trained on."""

from typing import Any

from seedbed.errors import InputError


def refuse_without_unlabelled(dataset: Any, part: str) -> None:
    """Raises InputError where a data set has no unlabelled part, and names those that have one."""
    from seedbed.data.unlabelled import UNLABELLED

    if dataset.files.get(UNLABELLED):
        return
    from seedbed.cli.data import datasets

    others = ", ".join(name for name, one in datasets().items() if one.files.get(UNLABELLED))
    raise InputError(
        f"part={part}: {dataset.name} has no unlabelled part; {others} has one, and dataset.files.{UNLABELLED}=FILE "
        "names a file of your own"
    )
