"""A data set: locate its files, read them, and build the corpus."""

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from seedbed.class_names import class_name
from seedbed.data import archives, sources
from seedbed.data.assemble import Splits, cut_examples, labels_of, remove_duplicates
from seedbed.data.compressed_files import validate_size_limit
from seedbed.data.corpus import SPLITS, Corpus, Example, Task, source_digest
from seedbed.data.corpus_cache import cached
from seedbed.data.examples import File, examples_of
from seedbed.data.hashes import file_sha256
from seedbed.data.holdout import hold_out
from seedbed.data.length_limit import refuse_too_long
from seedbed.data.notations import detect_notation
from seedbed.data.tag_settings import TagSettings
from seedbed.data.tokenization import NORMALISATIONS, TOKENIZERS, Tokenization, check_tokenizer, identity
from seedbed.data.unlabelled import UNLABELLED, Unlabelled
from seedbed.errors import InputError
from seedbed.limits import size_limit
from seedbed.readable import exists, regular

TASKS = ("tagging", "classification")
ENDS = ("first", "last")
ALL = "all"
"""The key of files with all examples, to be split by ``held_out``."""


WITHOUT_LABEL = ("unlabelled", "refuse")
"""What a row of a labelled file without a label is: left to pretraining and counted, or an error."""


@dataclass(frozen=True)
class Dataset:
    """A data set and its settings; ``load`` returns its corpus.

    ``files``: a file name, or a list, for each of train, validation, test or all (not yet split). They
    are in the folder ``path``, or else, in this order: ``package`` (``DISTRIBUTION:FILE/INSIDE``, sets of one file),
    ``$SEEDBED_DATA/FOLDER``, the user's cache, and the download of ``url``: a folder where it ends in ``/``, else an
    archive that holds them (``unpack``: see ``archives``). ``sha256``: hashes by file name, of what a ``.gz`` holds.
    Files of ``unlabelled`` have texts outside all splits, for ``seedbed pretrain``: see ``unlabelled``.

    ``held_out``: the fraction of all (or train) that becomes the test split, and the fraction of the rest that
    becomes validation, where the data set lacks them; drawn by ``split_seed`` (see ``splits``).

    ``labels`` renames classes, or types of entities (``O`` leaves a type out).
    ``tokenizer``, ``lowercase`` and ``normalise`` make the tokens (see ``tokens``);
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
    held_out: dict[str, float] = field(default_factory=dict)
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
        choices = {
            "task": TASKS,
            "tokenizer": TOKENIZERS,
            "normalise": NORMALISATIONS,
            "unpack": archives.METHODS,
            "keep_tokens": ENDS,
            "without_label": WITHOUT_LABEL,
        }
        for key, valid in choices.items():
            if getattr(self, key) not in valid:
                raise InputError(f"dataset.{key}={getattr(self, key)}: choose {', '.join(filter(None, valid))}")
        is_tokenized = self.task == "tagging" or bool(getattr(self.reader, "tokens", ""))
        check_tokenizer("dataset.tokenizer", self.tokenizer, is_tokenized)
        if self.max_tokens is not None and self.max_tokens < 1:
            raise InputError(f"dataset.max_tokens={self.max_tokens}: must be at least 1, or null for no limit")
        validate_size_limit(self.max_file_gb)
        if not hasattr(self.reader, "read"):
            raise InputError("dataset.reader: must be one of the readers of seedbed.data.readers or csv_readers")
        if self.reader.task != self.task:
            raise InputError(
                f"dataset.task={self.task}: {type(self.reader).__name__} reads sets for {self.reader.task}"
                + getattr(self.reader, "tagging_hint", "") * (self.task == "tagging")
            )
        empty = [kind for kind, name in self.labels.items() if not name and self.task == "tagging"]
        if empty:
            raise InputError(f"dataset.labels.{empty[0]}: the new name is empty; O leaves a type out")
        for split in self.files:
            if split not in (*SPLITS, ALL, UNLABELLED):
                raise InputError(f"dataset.files.{split}: choose {', '.join((*SPLITS, ALL, UNLABELLED))}")
        for split, fraction in self.held_out.items():
            if split not in ("test", "validation"):
                raise InputError(f"dataset.held_out.{split}: choose test, validation")
            if isinstance(fraction, bool) or not isinstance(fraction, int | float) or not 0 < fraction < 1:
                raise InputError(f"dataset.held_out.{split}={fraction}: must be a fraction between 0 and 1")
        if not 0 <= self.split_seed < 2**32:
            raise InputError(f"dataset.split_seed={self.split_seed}: must be between 0 and {2**32 - 1}")

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
        mixed = tuple(self.fetch().values()) if corpus and corpus.counts.get(UNLABELLED) else ()
        if not paths and not mixed:
            raise InputError(
                f"{self.name}: has no unlabelled part: no row without a label, and no file: "
                f"dataset.files.{UNLABELLED}=FILE names one"
            )
        return Unlabelled(
            tuple(paths), self.reader, self._tokenization(), self.max_tokens, self.keep_tokens, self.max_file_gb, mixed
        )

    def fetch(self) -> dict[str, Path]:
        """Return every labelled file by its name; downloads missing files. Raises InputError."""
        names = [name for _, name in self._named_files()]
        if not names:
            raise InputError(f"dataset.files: give at least one file, such as dataset.files.train={self.name}.txt")
        paths = {}
        for name in names:
            paths[name] = sources.locate(path=self._path(name), **self._location(name))
            self._check_hash(name, paths[name])
        return paths

    def status(self, verify: bool = True) -> list[sources.Status]:
        """Return the status of each file, with ``verify`` also whether its hash is right; downloads nothing."""
        statuses = []
        for _, name in self._named_files():
            sha256 = self.sha256.get(name, "")
            statuses.append(
                sources.status(
                    self.folder, [name], package=self.package, path=self._path(name), sha256=sha256, verify=verify
                )
            )
        return statuses

    def _tokenization(self) -> Tokenization:
        return Tokenization(self.tokenizer, self.lowercase, self.normalise)

    def _path(self, name: str) -> str:
        if self.path:
            return str(sources.in_folder(Path(self.path).expanduser(), name))
        return "" if self.folder or self.package else str(sources.in_folder(Path(), name))

    def _location(self, name: str) -> dict[str, Any]:  # keyword arguments of several types
        """Return the arguments of `sources.locate` for a file."""
        file = self.url if not self.url or not self.url.endswith("/") else self.url + name
        remote = file.rpartition("/")[2]
        expected = self.sha256.get(remote, "")
        return {
            "folder": self.folder, "names": [name], "url": file, "sha256": expected, "package": self.package,
            "unpack": self.unpack,
        }  # fmt: skip

    def _check_hash(self, name: str, path: Path) -> None:
        """Raise InputError where a downloaded or packaged file has another hash; the user's files are not checked."""
        location = sources.find(self.folder, [name], self.package, self._path(name))
        expected = "" if self.unpack else self.sha256.get(name, "")
        checked_sources = (
            ("package", "cache") if self.folder or self.package or self.url else ("package", "cache", "path")
        )
        if location and location.where in checked_sources and expected and file_sha256(path, unpacked=True) != expected:
            raise InputError(f"{path}: not the file that this config knows (another sha256)")

    def _named_files(self) -> list[tuple[str, str]]:
        """Return split and name of each labelled file; splits with an empty name have none."""
        return [(split, name) for split in self.files if split != UNLABELLED for name in self._names(split)]

    def _names(self, split: str) -> list[str]:
        names = self.files.get(split) or ()
        return [str(name) for name in (names if isinstance(names, list | tuple) else [names]) if name]

    def _read(self, paths: dict[str, Path]) -> Corpus:
        files = [(split, self._file(split, name, paths[name])) for split, name in self._named_files()]
        tagging = self.task == "tagging"
        tag_settings = self.reader if isinstance(self.reader, TagSettings) else TagSettings()
        notation = (
            detect_notation([raw.target for _, file in files for raw in file.raw], tag_settings) if tagging else None
        )
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
        labels = labels_of(splits, tagging, self.name)
        task: Task = "tagging" if tagging else "classification"
        return Corpus(self.name, task, splits, labels, dict(counts), source, str(notation) if notation else "")

    def _file(self, split: str, name: str, path: Path) -> File:
        """Read a file; ids are ``SPLIT/NUMBER``, or ``SPLIT/FILE/NUMBER`` where a split has several files."""
        several = sum(file_split == split for file_split, _ in self._named_files()) > 1
        with size_limit(self.max_file_gb):
            rows = list(self.reader.read(path))
        if not rows:
            raise InputError(f"{path}: has no examples")
        raw = [row for row in rows if row.is_labelled]
        without = next((row for row in rows if not row.is_labelled), None)
        if without and (not raw or self.without_label == "refuse"):
            raise InputError(f"{path}:{without.line}: {self._no_label(bool(raw))}")
        if self.max_tokens is None:
            refuse_too_long(path, raw, self._tokenization())
        prefix = f"{split}/{Path(name).name}" if several else split
        return File(prefix, path, raw, getattr(self.reader, "line_per_token", False), len(rows) - len(raw))

    def _no_label(self, others_have: bool) -> str:
        """Return what is wrong with a row without a label; ``others_have``: whether the file has rows with one."""
        named = [key for key in ("tags", "label", "label_column") if getattr(self.reader, key, "")]
        setting = f" (dataset.reader.{named[0]}={getattr(self.reader, named[0])})" if named else ""
        if others_have:
            return f"no label{setting}; dataset.without_label=unlabelled leaves such rows to `seedbed pretrain`"
        return f"no label{setting}, nor has any other row of the file"

    def _split(self, by_split: dict[str, list[Example]]) -> Splits:
        """Return the splits; missing ones are held out of the undivided or the training examples."""
        if ALL in by_split:
            by_split = {
                "train": by_split.pop(ALL) + by_split.get("train", []),
                **{k: v for k, v in by_split.items() if k != "train"},
            }
        fractions = {split: float(fraction) for split, fraction in self.held_out.items() if not by_split.get(split)}
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
                note = f" once dataset.held_out={self.held_out} is taken away" if fractions else ""
                raise InputError(f"{self.name}: its {split} split is empty{note}")
        return {split: tuple(by_split[split]) for split in SPLITS if split in by_split}
