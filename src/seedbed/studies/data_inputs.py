"""The data sets of a study, as its parent run names them."""

from seedbed.comparison.plan import Plan
from seedbed.tracking.data_inputs import LoggedDataset


def logged_datasets(plan: Plan) -> list[LoggedDataset]:
    """Return each data set of a study once, with its source; arms may read one with several tokenizers."""
    found: dict[str, LoggedDataset] = {}
    for planned in plan.planned:
        corpus, dataset = planned.corpus, planned.arm.dataset
        if corpus.data not in found:
            found[corpus.data] = LoggedDataset(
                name=planned.cell.dataset, digest=corpus.data, url=dataset.url, package=dataset.package,
                folder=dataset.path or dataset.folder,
                files={split: names for split, names in dataset.files.items() if names},
                counts={split: len(examples) for split, examples in corpus.splits.items()},
            )  # fmt: skip
    return list(found.values())
