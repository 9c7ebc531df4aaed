"""A data set: locate its files, read them, and build the corpus."""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from seedbed.class_names import class_name
from seedbed.data import archives, sources
from seedbed.data.annotations.files import AUTO, Annotated, annotated, detected_task, path_and_files
from seedbed.data.annotations.reader import AnnotationReader
from seedbed.data.assemble import Splits, cut_examples, labels_of, remove_duplicates
from seedbed.data.compressed_files import validate_size_limit
from seedbed.data.corpus import SPLITS, Corpus, Example, Task, source_digest
from seedbed.data.corpus_cache import cached
from seedbed.data.dataset_files import DatasetFiles
from seedbed.data.examples import File, examples_of, no_label
from seedbed.data.hashes import file_sha256
from seedbed.data.holdout import USUAL, check_fractions, fractions_of, hold_out
from seedbed.data.length_limit import refuse_too_long
from seedbed.data.notations import detect_notation
from seedbed.data.raw_example import RawExample
from seedbed.data.several_labels import check_has_sets, with_targets_of
from seedbed.data.tag_settings import TagSettings
from seedbed.data.tags import iob2
from seedbed.data.tokenization import NORMALISATIONS, TOKENIZERS, Tokenization, check_tokenizer, identity
from seedbed.data.unlabelled import UNLABELLED, Unlabelled
from seedbed.errors import InputError
from seedbed.label_sets import tags_of
from seedbed.limits import size_limit
from seedbed.readable import exists, regular

TASKS = ("tagging", "classification", "multilabel")
ENDS = ("first", "last")
ALL = "all"
"""The key of files with all examples, to be split by ``held_out``."""


NO_LABELS = "no_labels"
WITHOUT_LABEL = ("unlabelled", "refuse", NO_LABELS)
"""What an unlabelled row of a labelled file is: left to pretraining and counted, an error, or for multi-label
classification a text that has none of the labels."""


@dataclass(frozen=True)
class Dataset(DatasetFiles):
    """A data set and its settings; ``load`` returns its corpus.

    ``files``: a file name, or a list, for each of train, validation, test or all (not yet split). They are in the
    folder ``path`` (without ``files``, the file of all examples), or else, in this order: ``package``
    (``DISTRIBUTION:FILE/INSIDE``, sets of one file), ``$SEEDBED_DATA/FOLDER``, the user's cache, and the download of
    ``url``: a folder where it ends in ``/``, else an archive that holds them (``unpack``: see ``archives``).
    ``sha256``: hashes by file name, of what a ``.gz`` holds. ``unlabelled`` files have texts outside all splits, for
    ``seedbed pretrain``: see ``unlabelled``.

    ``held_out``: the fraction of all (or train) that becomes the test split, and the fraction of the rest that
    becomes validation, where the data set lacks them; drawn by ``split_seed``; null: see `holdout.fractions_of`.

    ``labels`` renames classes, or types of entities (``O`` leaves a type out).
    ``tokenizer``, ``lowercase`` and ``normalise`` make the tokens (see ``tokens``), which are what every part reads;
    ``max_tokens`` cuts longer examples to their ``first`` or ``last`` tokens (``keep_tokens``); without it, an example
    of more than ``length_limit.MOST_TOKENS`` is refused;
    ``drop_duplicates`` removes examples from train that are also in validation or test. ``max_file_gb``: a
    file with more, unpacked, is refused. ``without_label``: see ``WITHOUT_LABEL``.
    """

    name: str = "dataset"
    task: str = "classification"
    reader: Any = None  # a reader, or that of a plugin; Any, as OmegaConf knows no protocols
    path: str = ""
    folder: str = ""
    files: dict[str, Any] = field(default_factory=dict)  # a name or a list of names; Any: see above
    url: str = ""
    unpack: str = ""
    sha256: dict[str, str] = field(default_factory=dict)
    package: str = ""
    held_out: dict[str, float | None] = field(default_factory=dict)
    split_seed: int = 0
    labels: dict[str, str] = field(default_factory=dict)
    tokenizer: str = "spaces"
    lowercase: bool = False
    normalise: str = "none"
    max_tokens: int | None = None
    keep_tokens: str = "first"
    drop_duplicates: bool = False
    max_file_gb: float = 4.0
    without_label: str = "unlabelled"

    NON_FINGERPRINT_FIELDS: ClassVar[tuple[str, ...]] = (
        "path", "folder", "url", "unpack", "sha256", "package", "reader", "max_file_gb",
    )  # fmt: skip
    """Fields left out of fingerprints: where the data is. ``load`` adds the fields of the reader."""

    def __post_init__(self):
        self._complete()
        choices = {
            "task": (*TASKS, AUTO) if getattr(self.reader, "task", "") == AUTO else TASKS,
            "tokenizer": TOKENIZERS,
            "normalise": NORMALISATIONS,
            "unpack": archives.METHODS,
            "keep_tokens": ENDS,
            "without_label": WITHOUT_LABEL,
        }
        for key, valid in choices.items():
            if getattr(self, key) not in valid:
                raise InputError(f"dataset.{key}={getattr(self, key)}: choose {', '.join(filter(None, valid))}")
        check_tokenizer("dataset.tokenizer", self.tokenizer, not self.reads_texts)
        if self.max_tokens is not None and self.max_tokens < 1:
            raise InputError(f"dataset.max_tokens={self.max_tokens}: must be at least 1, or null for no limit")
        validate_size_limit(self.max_file_gb)
        if not hasattr(self.reader, "read"):
            raise InputError("dataset.reader: must be one of the readers of seedbed.data.readers or csv_readers")
        text_task = "classification" if self.task == "multilabel" else self.task
        if self.reader.task not in (self.task, text_task, AUTO):
            raise InputError(
                f"dataset.task={self.task}: {type(self.reader).__name__} reads sets for {self.reader.task}"
                + getattr(self.reader, "tagging_hint", "") * (self.task == "tagging")
            )
        if self.without_label == NO_LABELS and self.task != "multilabel":
            raise InputError(f"dataset.without_label={NO_LABELS}: goes with dataset.task=multilabel")
        empty = [kind for kind, name in self.labels.items() if not name and self.task == "tagging"]
        if empty:
            raise InputError(f"dataset.labels.{empty[0]}: the new name is empty; O leaves a type out")
        for split in self.files:
            if split not in (*SPLITS, ALL, UNLABELLED):
                raise InputError(f"dataset.files.{split}: choose {', '.join((*SPLITS, ALL, UNLABELLED))}")
        check_fractions(self.held_out)
        if not 0 <= self.split_seed < 2**32:
            raise InputError(f"dataset.split_seed={self.split_seed}: must be between 0 and {2**32 - 1}")

    def _complete(self) -> None:
        """Set ``files`` where ``path`` is a file, or a folder of one data set, and the task that follows from them."""
        if self.path and not any(self.files.values()):
            for key, value in path_and_files(self.path, self.reader).items():
                object.__setattr__(self, key, value)
        if self.task == AUTO == getattr(self.reader, "task", ""):
            files = [Path(path) for _, name in self._named_files() if (path := self._path(name))]
            object.__setattr__(self, "task", detected_task(self.reader, files, self.max_file_gb))

    @property
    def reads_texts(self) -> bool:
        """Whether ``tokenizer`` makes the tokens; other data sets have their own."""
        tokens = getattr(self.reader, "tokens", "")
        return getattr(self.reader, "has_texts", False) or (self.task != "tagging" and not tokens)

    @property
    def holds_out(self) -> bool:
        """Whether a part of train is held out, as far as the names of the files tell."""
        having = {split for split, names in self.files.items() if names and split in USUAL}
        return bool(fractions_of(self.held_out, {"train", *having}))

    def divided(self) -> "Dataset":
        """Return the data set with the usual fractions in place of null: its splits are the same for all replicates."""
        fractions: dict[str, float | None] = {
            split: USUAL[split] if value is None else value for split, value in self.held_out.items()
        }
        return self if fractions == self.held_out else dataclasses.replace(self, held_out=fractions)

    def load(self) -> Corpus:
        """Return the corpus, from the cache where it was read before; raises InputError."""
        paths = self.fetch()
        settings = {
            f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name not in self.NON_FINGERPRINT_FIELDS
        }
        settings["tokenizer"] = identity(self.tokenizer)
        settings["files"] = {split: names for split, names in self.files.items() if split != UNLABELLED}
        cls: type = type(self.reader)
        reader = {"class": class_name(cls)} | dataclasses.asdict(self.reader)
        with size_limit(self.max_file_gb):
            for path in paths.values():
                regular(path)
        content = {name: file_sha256(path) for name, path in paths.items()}
        for path in paths.values():
            content |= {
                str(file): file_sha256(file) for file in getattr(self.reader, "extra_files", lambda _: ())(path)
            }
        return cached([settings | {"reader": reader}, content], lambda: self._read(paths))

    def unlabelled(self, corpus: Corpus | None = None) -> Unlabelled:
        """Return the unlabelled part; downloads missing files. Raises InputError.

        ``corpus``: what ``load`` returned; where it counts rows without a label, they are of the part.
        """
        paths = []
        for name in self._names(UNLABELLED):
            local = Path(name).expanduser()
            path = str(local) if local.is_absolute() or (exists(local) and not local.is_dir()) else self._path(name)
            paths.append(sources.locate(path=path, **self._location(name) | {"package": ""}))
        mixed = self.fetch() if corpus and corpus.counts.get(UNLABELLED) else {}
        if not paths and not mixed:
            raise InputError(
                f"{self.name}: has no unlabelled part: no row without a label, and no file: "
                f"dataset.files.{UNLABELLED}=FILE names one"
            )
        return Unlabelled(
            tuple(paths), self.reader, self._tokenization(), self.max_tokens, self.keep_tokens, self.max_file_gb,
            tuple(mixed.values()), partial(self._rows, mixed),
        )  # fmt: skip

    def _rows(self, paths: Mapping[str, Path]) -> Iterator[tuple[Path, Iterable[RawExample]]]:
        """Yield the rows of labelled files; those of the annotations of a split together, with its first file."""
        if paths and isinstance(self.reader, AnnotationReader):
            for examples in self._annotated(paths).examples.values():
                yield examples[0][0], (raw for _, _, raw in examples)
        else:
            yield from ((path, self.reader.read(path)) for path in paths.values())

    def _tokenization(self) -> Tokenization:
        return Tokenization(self.tokenizer, self.lowercase, self.normalise)

    def _read(self, paths: dict[str, Path]) -> Corpus:
        named = [(split, name, paths[name]) for split, name in self._named_files()]
        annotations = isinstance(self.reader, AnnotationReader)
        rows = self._annotated(paths).rows((split, path) for split, _, path in named) if annotations else {}
        several = Counter(split for split, _, _ in named)
        files = [
            (
                split,
                self._file(
                    f"{split}/{Path(name).name}" if several[split] > 1 else split, path, rows.get((split, path))
                ),
            )
            for split, name, path in named
        ]
        tagging = self.task == "tagging"
        tag_settings = self.reader if isinstance(self.reader, TagSettings) else TagSettings()
        tags = [tags_of(raw.target) for _, file in files for raw in file.raw] if tagging else []
        notation = (iob2(tags) if annotations else detect_notation(tags, tag_settings)) if tagging else None
        unlabelled = sum(file.unlabelled for _, file in files)
        names = {str(old): new for old, new in self.labels.items()}
        id_setting = next((key for key in ("id", "id_column") if getattr(self.reader, key, "")), "")
        examples_by_file, counts = examples_of(
            [file for _, file in files], self._tokenization(), names, notation, id_setting
        )
        counts.update({UNLABELLED: unlabelled} if unlabelled else {})
        by_split: dict[str, list[Example]] = {}
        for (split, _), examples in zip(files, examples_by_file, strict=True):
            by_split.setdefault(split, []).extend(examples)
        all_examples = [example for examples in by_split.values() for example in examples]
        source = source_digest((raw.words for _, file in files for raw in file.raw), all_examples)
        splits = cut_examples(self._split(by_split), self.max_tokens, self.keep_tokens, counts)
        splits = remove_duplicates(splits, self.drop_duplicates, counts)
        task: Task = "tagging" if tagging else "multilabel" if self.task == "multilabel" else "classification"
        if task == "multilabel":
            check_has_sets(all_examples, self.name)
        labels = labels_of(splits, task, self.name)
        return Corpus(self.name, task, splits, labels, dict(counts), source, str(notation) if notation else "")

    def annotated(self) -> Annotated:
        """Return the annotations of the labelled files, for a reader of an annotation tool; raises InputError."""
        return self._annotated(self.fetch())

    def _annotated(self, paths: Mapping[str, Path]) -> Annotated:
        files = [(split, paths[name]) for split, name in self._named_files()]
        with size_limit(self.max_file_gb):
            return annotated(self.reader, files, self.task, self.tokenizer)

    def _file(self, prefix: str, path: Path, rows: list[RawExample] | None) -> File:
        """Return a file with its rows, which are read where they are None; ids are ``PREFIX/NUMBER``."""
        annotations = rows is not None
        if rows is None:
            with size_limit(self.max_file_gb):
                rows = list(self.reader.read(path))
            if not rows:
                raise InputError(f"{path}: has no examples")
        rows = list(with_targets_of(self.task, rows, path, self.without_label == NO_LABELS))
        raw = [row for row in rows if row.is_labelled]
        without = next((row for row in rows if not row.is_labelled), None)
        if without and ((not raw and not annotations) or self.without_label == "refuse"):
            raise InputError(f"{path}:{without.line}: {no_label(self.reader, bool(raw))}")
        if self.max_tokens is None:
            refuse_too_long(path, raw, self._tokenization())
        return File(prefix, path, raw, getattr(self.reader, "line_per_token", False), len(rows) - len(raw))

    def _split(self, by_split: dict[str, list[Example]]) -> Splits:
        """Return the splits; missing ones are held out of the undivided or the training examples."""
        if ALL in by_split:
            by_split = {
                "train": by_split.pop(ALL) + by_split.get("train", []),
                **{k: v for k, v in by_split.items() if k != "train"},
            }
        fractions = fractions_of(self.held_out, [split for split, examples in by_split.items() if examples])
        if fractions and by_split.get("train"):
            held_out_ids = hold_out(
                self.name, [example.id for example in by_split["train"]], fractions, self.split_seed
            )
            training = by_split["train"]
            for split, ids in held_out_ids.items():
                by_split[split] = [example for example in training if example.id in ids]
            removed = frozenset().union(*held_out_ids.values())
            by_split["train"] = [example for example in training if example.id not in removed]
        for split, examples in by_split.items():
            if not examples:
                note = f" once dataset.held_out={fractions} is taken away" if fractions else ""
                raise InputError(f"{self.name}: its {split} split is empty{note}")
        return {split: tuple(by_split[split]) for split in SPLITS if split in by_split}
