"""``seedbed pretrain``."""

import math
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed.cli.arguments import command, key_values, takes_settings
from seedbed.errors import InputError

OF_FILES = ("documents", "tokenizer", "lowercase", "encoding")
"""Keys of ``corpus=``: a data set has its own."""

KEYS = (
    "corpus", "dataset", *OF_FILES, "sentences", "vocabulary", "min_count", "held_out", "size", "from", "output",
    "stored", "epochs", "streams", "unroll", "optimizer", "learning_rate", "warmup", "decay", "clip_norm", "dropout",
    "candidates", "state", "precision", "evaluate_every", "patience", "seed", "time_limit", "device",
)  # fmt: skip

PARSER = takes_settings(
    command(
        "pretrain",
        "A bidirectional language model, as ELMo is one, from raw text. Writes options.json, weights.hdf5 and\n"
        "vocabulary.txt in AllenNLP's format, which embedding=elmo_own loads, and a card with its recipe and figures.\n"
        "Ctrl-C or time_limit= stop it, and the same command goes on, with the result that it would have had.\n\n"
        "what text\n"
        "  corpus=PATH          a file, or a folder with its .txt and .txt.gz files\n"
        "  dataset=NAME         the training texts of a data set; dataset.KEY=VALUE as in conf/\n"
        "  documents=blank      parted by blank lines | file | line\n"
        "  sentences=split      at full stops | line | document (a whole text as one sentence)\n"
        "  tokenizer=reviews    parts words and punctuation | spaces; lowercase=false; encoding=utf-8\n"
        "  vocabulary=50000     words that are predicted; min_count=2; held_out=0.01 of the documents\n"
        "what model\n"
        "  size=small           tiny | small | medium | original (the published one)\n"
        "  from=FOLDER          go on with a model, its shape kept, on other text\n"
        "  output=FOLDER        default: seedbed-out/pretrain/NAME; stored=float16 | float32\n"
        "how\n"
        "  epochs=10 streams=128 unroll=20 dropout=0.1 candidates=2048 seed=0\n"
        "  optimizer=adagrad    learning_rate=0.2 | adam, 0.002; warmup=0 steps; decay=none | linear; clip_norm=10\n"
        "  state=document       begins anew with each document | sentence | carried\n"
        "  evaluate_every=0     words between two looks at held-out text, 0: an epoch; patience=3 of them, 0: no end\n"
        "  time_limit=MINUTES   precision=auto | float32 | bfloat16; device=auto | cpu | gpu",
        "  seedbed pretrain corpus=reviews/ size=tiny epochs=3 time_limit=10\n"
        "  seedbed pretrain dataset=movie_reviews sentences=document optimizer=adam decay=linear time_limit=120\n"
        "  seedbed pretrain from=seedbed-out/pretrain/movie_reviews corpus=mine.txt epochs=2 output=mine",
    )
)


@dataclass(frozen=True)
class Asked:
    """What the settings say, checked; the data set is not yet read."""

    texts: Any
    dataset: Any
    sentences: str
    output: str
    size: str
    begin: Path | None
    words: Any
    training: Any
    stored: str
    minutes: float
    device: str

    def job(self) -> Any:
        """The job; reads the data set."""
        from seedbed.cli.study import say, writable_folder
        from seedbed.pretraining.corpus import TrainingTexts
        from seedbed.pretraining.job import Job

        source = self.texts
        if source is None:
            say(f"reading {self.dataset.name}")
            source = TrainingTexts(self.dataset.load(), self.sentences)
        output = writable_folder(self.output or f"seedbed-out/pretrain/{source.name.removesuffix('.txt')}")
        return Job(source, output, self.size, self.begin, self.words, self.training, self.stored)


def main(arguments: Sequence[str]) -> int:
    """Train a model, and print where it is and how good."""
    given = PARSER.parse_intermixed_args(arguments)
    asked = ask(given.settings, given.config_dir)
    from seedbed.cli.study import say

    job = asked.job()
    ready = job.prepare(say)
    from seedbed.backend import select_device

    select_device(asked.device)
    try:
        ended, trainer = _trained(ready, asked.minutes)
    except KeyboardInterrupt:
        print("seedbed: interrupted; a checkpoint is written, and the same command goes on", file=sys.stderr)
        return 130
    from seedbed.pretraining.card import ENDS
    from seedbed.pretraining.files import OPTIONS, WEIGHTS

    best = trainer.history.kept
    if best:
        print(f"held-out perplexity: forward {best.forward:.2f}, backward {best.backward:.2f}, mean {best.mean:.2f}, "
              f"after {best.words:,} words")  # fmt: skip
    print(f"ended: {ENDS[ended]}")
    if best:
        print(f"model: {job.output}")
        print(f"to use it: embedding=elmo_own embedding.options={job.output / OPTIONS} "
              f"embedding.weights={job.output / WEIGHTS}")  # fmt: skip
    print(f"card: {job.output / 'README.md'}")
    return 0


def ask(settings: Sequence[str], config_dir: str | None = None) -> Asked:
    """Read and check the settings, before anything is read or heavy imported. Raises InputError."""
    of_dataset = [word for word in settings if re.split(r"[.@=]", word.lstrip("+~"))[0] == "dataset"]
    own = key_values([word for word in settings if word not in of_dataset], KEYS)
    chosen = any(word.startswith("dataset=") for word in of_dataset)
    if chosen == ("corpus" in own) or own.get("corpus") == "":
        raise InputError("command line: give one of corpus=PATH and dataset=NAME")
    if of_dataset and not chosen:
        raise InputError(f"command line: {of_dataset[0]}: name the data set too, such as dataset=movie_reviews")
    if chosen:
        for key in OF_FILES:
            if key in own:
                raise InputError(f"{key}={own[key]}: of corpus=; the texts of a data set are read by dataset.KEY=VALUE")
    from seedbed.pretraining.corpus import Texts
    from seedbed.pretraining.files import STORED
    from seedbed.pretraining.job import Words
    from seedbed.pretraining.settings import Training, built
    from seedbed.pretraining.sizes import architecture_of

    if own.get("size"):
        architecture_of(own["size"])
    if own.get("stored", STORED[0]) not in STORED:
        raise InputError(f"stored={own['stored']}: choose {', '.join(STORED)}")
    if own.get("device", "auto") not in ("auto", "cpu", "gpu"):
        raise InputError(f"device={own['device']}: choose auto, cpu or gpu")
    begin = Path(own["from"]).expanduser() if own.get("from") else None
    if begin and not begin.is_dir():
        raise InputError(f"from={begin}: there is no such folder; it has the options.json and weights.hdf5 of a model")
    return Asked(
        texts=None if chosen else built(Texts, own),
        dataset=_dataset(of_dataset, config_dir) if chosen else None,
        sentences=own.get("sentences", "split"),
        output=own.get("output", ""),
        size=own.get("size", ""),
        begin=begin,
        words=built(Words, own),
        training=built(Training, own),
        stored=own.get("stored", STORED[0]),
        minutes=_minutes(own.get("time_limit", "")),
        device=own.get("device", "auto"),
    )


def _dataset(overrides: Sequence[str], config_dir: str | None) -> Any:
    from seedbed.config.build import build
    from seedbed.config.compose import compose
    from seedbed.config.sources import sources

    config = compose(overrides, config_dir)
    return build(config["dataset"], "dataset", sources(config, overrides))


def _minutes(given: str) -> float:
    try:
        minutes = float(given or "inf")
    except ValueError:
        minutes = math.nan
    if not minutes > 0:
        raise InputError(f"time_limit={given}: must be a number of minutes above 0")
    return minutes


def _trained(ready: Any, minutes: float) -> tuple[str, Any]:
    from seedbed.cli.embed_progress import TokenProgress, duration

    with TokenProgress("training") as progress:
        progress.say("starting the backend")
        trainer = ready.trainer()
        begun, since = trainer.now.step, time.perf_counter()
        if begun:
            progress.say(f"going on after step {begun:,} of {trainer.steps:,}")
        whole = (trainer.steps - begun) * trainer.block

        def watch(report: Any) -> None:
            progress.show((report.step - begun) * trainer.block, whole)
            if report.looked:
                look = report.looked
                progress.say(f"{look.words:,} words, {duration(time.perf_counter() - since)}: training loss "
                             f"{look.loss:.3f}; held-out perplexity {look.forward:.2f} forward, {look.backward:.2f} "
                             f"backward, {look.mean:.2f} mean")  # fmt: skip

        return ready.run(trainer, watch, minutes), trainer
