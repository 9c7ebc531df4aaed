"""The files of a model with one replicate, a table of two words and a linear classifier."""

from collections.abc import Mapping

import numpy as np


def model_files() -> Mapping[str, bytes]:
    from seedbed.embeddings.random import Random
    from seedbed.model.probe import Probe
    from seedbed.model.tasks import Classification
    from seedbed.saved_models.description import NETWORK, Description, ReplicateInfo, Variant
    from seedbed.saved_models.folder import with_manifest
    from seedbed.saved_models.saving import files_of
    from seedbed.saved_models.text import TextPreparation

    arrays = {
        "0/table": np.arange(9, dtype=np.float32).reshape(3, 3), "0/softmax/kernel": np.eye(3)[:, :2],
        "0/softmax/bias": np.zeros(2),
    }  # fmt: skip
    variant = Variant(Random(dim=3), Probe(), Classification(), "float32", {"": {}})
    description = Description(
        NETWORK, "classification", ("neg", "pos"), "arm", "own", "d", TextPreparation(),
        (ReplicateInfo(0, 0, "c", "d", 0, 0, 4),), (variant,),
    )  # fmt: skip
    return with_manifest(files_of(description, arrays, {"0/words": ["film", "the"]}, b"{}"))
