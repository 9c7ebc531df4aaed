"""``seedbed data``."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.cli.arguments import command, refuse_others
from seedbed.errors import InputError, nearest
from seedbed.studies.needs import state

if TYPE_CHECKING:
    from seedbed.data.corpus import Corpus
    from seedbed.data.dataset import Dataset
    from seedbed.data.examples import Example

ACTIONS = {
    "list": "every data set with a config: its task, and where its files are",
    "fetch": "download missing files of the named data sets",
    "verify": "check the sha256 of the files of the named data sets (default: all that are present)",
    "show": "sizes, labels, counts of conversions and repairs, and the first examples",
    "convert": "write a data set as output=FILE format=conll|jsonl|doccano|labelstudio|spacy",
}

PARSER = command(
    "data",
    "List, download, verify, show and convert data sets.\n\n"
    + "\n".join(f"  {name:7} {line}" for name, line in ACTIONS.items())
    + "\n\n"
    "Files are searched in $SEEDBED_DATA and in the user's cache, and are then downloaded from their public source.",
    "  seedbed data list\n  seedbed data show twitter_ner\n  seedbed data show twitter_ner --output texts.jsonl\n"
    "  seedbed data show csv dataset.files.train=mine.csv\n"
    "  seedbed data convert doccano dataset.path=export.jsonl output=train.conll format=conll",
)
PARSER.add_argument("action", choices=ACTIONS, metavar="ACTION", help=" | ".join(ACTIONS))
PARSER.add_argument(
    "names", nargs="*", metavar="NAME", default=[], help="data sets; for `show` and `convert` also dataset.KEY=VALUE"
)
PARSER.add_argument(
    "--examples", type=int, default=3, metavar="N", help="number of examples that `show` prints (default 3)"
)
PARSER.add_argument(
    "--changes", type=int, default=20, metavar="N",
    help="number of changed spans and documents that `show` lists of an annotation tool's export (default 20)",
)  # fmt: skip
PARSER.add_argument(
    "--output",
    metavar="FILE.jsonl",
    help="`show` also writes id, sha256, text and tokens of each example, one a line, for embedding=precomputed",
)

GENERIC = (
    "argilla",
    "brat",
    "conll",
    "conllu",
    "csv",
    "doccano",
    "huggingface",
    "jsonl",
    "labelstudio",
    "prodigy",
    "spacy",
    "webanno",
)
"""Configs that read the user's files."""


def main(arguments: Sequence[str]) -> int:
    """Run one of the actions."""
    options = PARSER.parse_intermixed_args(arguments)
    words = [name.removeprefix("dataset=") for name in options.names]  # as the other commands have it
    settings = [name for name in words if "=" in name or name.startswith("~")]
    names = [name for name in words if name not in settings]
    if options.action == "convert":
        return _convert(names, settings)
    if options.action == "show":
        if not names:
            raise InputError("seedbed data show: name a data set; `seedbed data list` lists them")
        return _show(names, settings, options.examples, options.changes, options.output)
    if options.output is not None:
        raise InputError(f"--output {options.output}: goes with `seedbed data show`")
    known = datasets()
    for name in names:
        if name not in known:
            raise InputError(f"no data set {name}{nearest(name, known)}")
    chosen = {name: known[name] for name in names or known}
    if options.action == "fetch":
        if not names:
            raise InputError("seedbed data fetch: name a data set; `seedbed data list` lists them")
        return _fetch(chosen)
    return _table(chosen, verify=options.action == "verify", strict=bool(names))


def _convert(names: Sequence[str], settings: Sequence[str]) -> int:
    from seedbed.cli.data_convert import convert

    own = {key: value for key, _, value in (word.partition("=") for word in settings) if key in ("output", "format")}
    if len(names) != 1:
        raise InputError("seedbed data convert: name one data set, such as dataset=doccano dataset.path=export.jsonl")
    for key in ("output", "format"):
        if not own.get(key):
            raise InputError(f"seedbed data convert: {key}= is missing: output=FILE format=NAME")
    rest = [word for word in settings if word.partition("=")[0] not in own]
    for line in convert(dataset(names[0], rest), own["output"], own["format"]):
        print(line)
    return 0


def datasets() -> "dict[str, Dataset]":
    """Return the data sets that have their own files, by the name of their config."""
    from seedbed.config.conf_files import choice_files

    return {name: dataset(name) for name in choice_files("dataset", None) if name not in GENERIC}


def dataset(name: str, settings: Sequence[str] = ()) -> "Dataset":
    """Return the data set that a config and settings describe."""
    from seedbed.config.build import build
    from seedbed.config.compose import compose
    from seedbed.config.provenance import Provenance
    from seedbed.config.unused_settings import refuse_unused

    refuse_others(settings, ("dataset",), "data show")
    overrides = [f"dataset={name}", *settings]
    config = compose(overrides)
    where = Provenance(config, overrides)
    built: Dataset = build(config.dataset, "dataset", where)
    refuse_unused({"dataset": built}, where)
    return built


def _table(chosen: "Mapping[str, Dataset]", verify: bool, strict: bool) -> int:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("data set", "task", "files", "MB", *(["sha256"] if verify else [])):
        table.add_column(column, justify="right" if column == "MB" else "left", overflow="fold")
    bad = 0
    for name, dataset in chosen.items():
        statuses = dataset.status(verify=verify)
        missing = sum(status.where == "missing" for status in statuses)
        wrong = [status.name for status in statuses if status.ok is False]
        bad += bool(wrong) or (strict and bool(missing))
        checked = "differs: " + ", ".join(wrong) if wrong else "missing" if missing else (
            "as expected" if all(status.ok for status in statuses) else "none known")  # fmt: skip
        size = f"{sum(status.bytes for status in statuses) / 1e6:.1f}"
        table.add_row(name, dataset.task, state(statuses), size, *([checked] if verify else []))
    Console().print(table)
    return int(bool(bad) and verify)


def _fetch(chosen: "Mapping[str, Dataset]") -> int:
    for name, dataset in chosen.items():
        for path in dataset.fetch():
            print(f"{name}: {path}")
    return 0


def _show(names: Sequence[str], settings: Sequence[str], examples: int, changes: int, output: str | None) -> int:
    from rich.console import Console

    from seedbed.cli.data_annotations import annotation_lines
    from seedbed.data.annotations.reader import AnnotationReader
    from seedbed.data.text_list import write_text_list

    if output is not None and (len(names) > 1 or not output.endswith(".jsonl")):
        raise InputError(f"--output {output}: takes one data set, and a file that ends in .jsonl")
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for name in names:
        described = dataset(name, settings)
        corpus = described.load()
        console.print(f"{corpus.name}: {corpus.task}")
        for split, members in corpus.splits.items():
            lengths = sorted(len(example.tokens) for example in members)
            median = lengths[len(lengths) // 2] if lengths else 0
            console.print(f"  {split}: {len(members):,} examples, {sum(lengths):,} tokens, median {median:,}, longest "
                          f"{lengths[-1] if lengths else 0:,}")  # fmt: skip
        console.print(f"  {len(corpus.labels):,} labels: {' '.join(map(_label, corpus.labels))}")
        if corpus.task == "tagging":
            console.print(f"  tags: {_entities(corpus)}")
        if corpus.task == "multilabel":
            console.print(f"  {_labels_per_text(corpus)}")
        for what, count in corpus.counts.items():
            console.print(f"  {what.replace('_', ' ')}: {count:,}")
        console.print(f"  digests: data {corpus.data[:16]}, corpus (as it is read) {corpus.digest[:16]}")
        if isinstance(described.reader, AnnotationReader):
            for line in annotation_lines(described.annotated(), corpus.task, changes):
                console.print(f"  {line}")
        for example in next(iter(corpus.splits.values()))[:examples]:
            console.print(f"  {example.id}: {_text(example)}")
        if output is not None:
            written = write_text_list(corpus, Path(output).expanduser())
            console.print(f"  {output}: id, sha256, text and tokens of {written:,} examples")
    return 0


def _entities(corpus: "Corpus") -> str:
    """Return the notation of the tags, and the number of entities of each type."""
    types = Counter(name for example in corpus for name in example.classes)
    each = ", ".join(
        f"{kind} {number:,}" for kind, number in sorted(types.items(), key=lambda item: (-item[1], item[0]))
    )
    converted = "" if corpus.notation == "IOB2" else ", converted to IOB2"
    return f"{corpus.notation}{converted}: {types.total():,} entities: {each}"


def _labels_per_text(corpus: "Corpus") -> str:
    """Return the number of texts with so many labels, and of texts with each label."""
    numbers = Counter(len(example.classes) for example in corpus)
    labels = Counter(label for example in corpus for label in example.classes)
    texts = ", ".join(f"{count} in {number:,}" for count, number in sorted(numbers.items()))
    each = ", ".join(
        f"{_label(label)} {number:,}" for label, number in sorted(labels.items(), key=lambda item: (-item[1], item[0]))
    )
    return f"labels per text: mean {labels.total() / numbers.total():.2f} ({texts}); texts with each: {each}"


def _label(label: str) -> str:
    """Return a label as it is printed: in quotes where it holds a blank or nothing."""
    return label if label and not re.search(r"\s", label) else json.dumps(label, ensure_ascii=False)


def _text(example: "Example", limit: int = 40) -> str:
    cut = " ..." if len(example.tokens) > limit else ""
    if not isinstance(example.target, tuple):
        return f"[{', '.join(map(_label, example.classes))}] {' '.join(example.tokens[:limit])}{cut}"
    pairs = zip(example.tokens[:limit], example.target, strict=False)
    return " ".join(token if tag == "O" else f"{token}/{tag}" for token, tag in pairs) + cut
