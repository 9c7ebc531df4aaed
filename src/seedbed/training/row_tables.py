"""Tables of words of which a step reads and changes only the rows of its batch (``training.sparse_updates``).

They stay in the memory of the host, and so do their moments. A step gets the rows of its batch as a small table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from seedbed.backend import count_bucket
from seedbed.model.network import Batch
from seedbed.types import Tensor, Tensors, Tree

Rows = Mapping[str, Sequence[NDArray[np.int64]]]
"""By table, the rows that each replicate reads."""


@dataclass(frozen=True)
class RowTables:
    """``inputs``: by the name of a trained table ``[R, V, D]``, the name of the input with its rows."""

    inputs: Mapping[str, str]

    def on_host(self, tree: Mapping[str, Tree]) -> dict[str, Tree]:
        """Return the tree with arrays of the tables in the memory of the host, each a new one."""
        return self._changed(tree, lambda name, array: np.array(array))

    def numbered(self, batch: Batch) -> tuple[Batch, Rows]:
        """Return the batch with rows of a small table of each replicate, and which rows of the whole one these are."""
        inputs, rows = dict(batch["inputs"]), dict[str, Sequence[NDArray[np.int64]]]()
        source = batch["members"].get("source")
        for table, name in self.inputs.items():
            read = []
            inputs[name] = np.array(inputs[name])
            for ids in inputs[name]:
                own, number = np.unique(ids, return_inverse=True)
                ids[:] = number.reshape(ids.shape)
                read.append(own.astype(np.int64))
            rows[table] = read if source is None else [read[n] for n in source.tolist()]
        return cast("Batch", {**batch, "inputs": inputs}), rows

    def gathered(self, tree: Mapping[str, Tree], rows: Rows) -> dict[str, Tree]:
        """Return the tree with small tables ``[R, most rows, D]``; rows that a replicate does not have are zero."""

        def gather(name: str, array: NDArray[np.float32]) -> NDArray[np.float32]:
            most = count_bucket(max(map(len, rows[name])))
            small = np.zeros((len(array), most, array.shape[-1]), array.dtype)
            for into, own, chosen in zip(small, array, rows[name], strict=True):
                into[: len(chosen)] = own[chosen]
            return small

        return self._changed(tree, gather)

    def scattered(self, tree: Mapping[str, Tree], new: Mapping[str, Tree], rows: Rows) -> dict[str, Tree]:
        """Write the small tables of ``new`` into those of ``tree``, in place; return ``new`` with these."""
        for name, value in new.items():
            if name in self.inputs:
                small = np.asarray(value)
                for own, from_, chosen in zip(tree[name], small, rows[name], strict=True):
                    own[chosen] = from_[: len(chosen)]
        return {
            name: self.scattered(tree[name], value, rows)
            if isinstance(value, dict)
            else tree[name] if name in self.inputs else value
            for name, value in new.items()
        }  # fmt: skip

    def keep(self, best: Tensors, weights: Tensors, improved: NDArray[np.bool_]) -> dict[str, Tensor]:
        """Write the tables of the replicates that improved into the best ones, in place; return these."""
        for name in self.inputs:
            best[name][improved] = weights[name][improved]
        return {name: best[name] for name in self.inputs}

    def others(self, weights: Tensors) -> dict[str, Tensor]:
        """Return the weights that are no such table."""
        return {name: value for name, value in weights.items() if name not in self.inputs}

    def _changed(self, tree: Mapping[str, Tree], change: Callable[[str, Tensor], Tensor]) -> dict[str, Tree]:
        return {
            name: self._changed(value, change)
            if isinstance(value, dict)
            else change(name, value) if name in self.inputs else value
            for name, value in tree.items()
        }  # fmt: skip
