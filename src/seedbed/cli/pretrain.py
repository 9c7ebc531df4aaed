"""``seedbed pretrain``."""

import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed.cli.arguments import command, key_values, takes_settings
from seedbed.cli.pretrain_distil import teacher_of
from seedbed.cli.pretrain_part import refuse_without_unlabelled
from seedbed.cli.pretrain_recipe import GROUPS, OF_FILES, built_groups, naming, top, with_recipe
from seedbed.errors import InputError

KEYS = (
    "experiment", "corpus", "dataset", "part", *OF_FILES, "sentences", "vocabulary", "min_count", "held_out", "size",
    "from", "distil", "output", "stored", "saved_model", "epochs", "streams", "unroll", "optimizer", "learning_rate",
    "warmup", "decay", "clip_norm", "dropout", "candidates", "state", "precision", "evaluate_every", "patience", "seed",
    "time_limit", "device", "tracking",
)  # fmt: skip

WHOLLY = "nothing was trained yet, and the same command begins anew"

PARSER = takes_settings(
    command(
        "pretrain",
        "A bidirectional language model, as ELMo is one, from raw text. Writes options.json, weights.hdf5 and\n"
        "vocabulary.txt in AllenNLP's format, which embedding=elmo_own loads, and a card with its recipe and figures.\n"
        "Ctrl-C or time_limit= stop it, and the same command goes on, with the result that it would have had.\n\n"
        "  experiment=NAME      keys of conf/pretraining/NAME.yaml; those of the command line win\n\n"
        "what text\n"
        "  corpus=PATH          a file, or a folder with its .txt and .txt.gz files\n"
        "  dataset=NAME         the training texts of a data set; dataset.KEY=VALUE as in conf/\n"
        "  part=train           of the data set: train | unlabelled (imdb, or dataset.files.unlabelled=FILE) | both\n"
        "  documents=blank      parted by blank lines | file | line\n"
        "  sentences=split      at full stops | line | document (a whole text as one sentence)\n"
        "  tokenizer=reviews    parts words and punctuation | spaces | icu (scripts without spaces)\n"
        "  lowercase=false      encoding=utf-8\n"
        "  vocabulary=50000     words that are predicted; min_count=2; held_out=0.01 of the documents\n"
        "what model\n"
        "  size=small           tiny | small | medium | original (the published one)\n"
        "  from=FOLDER          go on with a model, its shape kept, on other text\n"
        "  distil=EMBEDDING     teach the token network its vectors first, such as those of glove\n"
        "  output=FOLDER        default: seedbed-out/pretrain/NAME; stored=float16 | float32; saved_model=true: also\n"
        "                       as a TensorFlow SavedModel\n"
        "how\n"
        "  epochs=10 streams=128 unroll=20 dropout=0.1 candidates=2048 seed=0\n"
        "  optimizer=adagrad    learning_rate=0.2 | adam, 0.002; warmup=0 steps; decay=none | linear; clip_norm=10\n"
        "  state=document       begins anew with each document | sentence | carried\n"
        "  evaluate_every=0     words between two looks at held-out text, 0: an epoch; patience=3 of them, 0: no end\n"
        "  time_limit=MINUTES   precision=auto | float32 | bfloat16; device=auto | cpu | gpu\n"
        "  tracking.uri=URI     where metrics are logged, and tracking.KEY=VALUE as in conf/; tracking=off: nowhere",
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
    saved_model: bool
    minutes: float
    device: str
    tracking: Any = None
    recipe: str = ""
    part: str = "train"
    distil: Any = None

    def job(self, log: Any) -> Any:
        """The job; reads the data set."""
        from seedbed.files import writable_folder
        from seedbed.pretraining.corpus import TrainingTexts
        from seedbed.pretraining.job import Job

        if self.distil is not None:
            self.distil.vectors(())  # where the file is missing or bad, that is said before the text is read
        source = self.texts
        if source is None:
            log(f"reading {self.dataset.name}")
            unlabelled = None if self.part == "train" else self.dataset.unlabelled()
            source = TrainingTexts(self.dataset.load(), self.sentences, self.part, unlabelled)
        name = self.recipe or source.name.removesuffix(".txt")
        output = writable_folder(self.output or f"seedbed-out/pretrain/{name}")
        return Job(source, output, self.size, self.begin, self.words, self.training, self.stored,
                   self.saved_model, self.distil)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Train a model, and print where it is and how good."""
    given = PARSER.parse_intermixed_args(arguments)
    asked = ask(given.settings, given.config_dir)
    from seedbed.cli.pretrain_log import ask_store
    from seedbed.progress.study import StudyProgress

    store_is_there = ask_store(asked.tracking)
    log = StudyProgress().log
    job = asked.job(log)
    ready = job.prepare(log)
    from seedbed.backend import select_device

    store_is_there()
    try:
        ended, trainer, log = _trained(ready, asked, select_device(asked.device))
    except KeyboardInterrupt:
        from seedbed.pretraining.checkpoint import FILE

        there = (job.output / FILE).exists()
        print(f"seedbed: interrupted; {'a checkpoint is written, and the same command goes on' if there else WHOLLY}",
              file=sys.stderr)  # fmt: skip
        return 130
    from seedbed.pretraining.card import ENDS
    from seedbed.pretraining.files import OPTIONS, WEIGHTS
    from seedbed.pretraining.job import SAVED_MODEL

    best = trainer.history.kept
    if best:
        print(f"held-out perplexity: forward {best.forward:.2f}, backward {best.backward:.2f}, mean {best.mean:.2f}, "
              f"after {best.words:,} words")  # fmt: skip
    print(f"ended: {ENDS[ended]}")
    if best:
        print(f"model: {job.output}")
        print(f"to use it: embedding=elmo_own embedding.options={job.output / OPTIONS} "
              f"embedding.weights={job.output / WEIGHTS}")  # fmt: skip
        if job.saved_model:
            print(f"for TensorFlow: {job.output / SAVED_MODEL} (embedding=elmo_own embedding.source=hub "
                  f"embedding.handle={job.output / SAVED_MODEL})")  # fmt: skip
    print(f"card: {job.output / 'README.md'}")
    if log.run:
        print(f"MLflow UI: {log.run.store.ui_command()}")
        print(f"run: {log.run.id}")
    return 0


def ask(settings: Sequence[str], config_dir: str | None = None) -> Asked:
    """Read and check the settings, before anything is read or heavy imported. Raises InputError."""
    words, recipe = with_recipe(settings, KEYS, config_dir)
    with naming(recipe, settings):
        return _asked(words, config_dir, recipe.name if recipe else "")


def _asked(settings: Sequence[str], config_dir: str | None, recipe: str) -> Asked:
    of_dataset, of_tracking = ([word for word in settings if top(word) == group] for group in GROUPS)
    own = key_values([word for word in settings if word not in of_dataset + of_tracking], KEYS)
    chosen = any(word.startswith("dataset=") for word in of_dataset)
    if chosen == ("corpus" in own) or own.get("corpus") == "":
        raise InputError("command line: give one of corpus=PATH and dataset=NAME")
    if of_dataset and not chosen:
        raise InputError(f"command line: {of_dataset[0]}: name the data set too, such as dataset=movie_reviews")
    if chosen:
        for key in OF_FILES:
            if key in own:
                raise InputError(f"{key}={own[key]}: of corpus=; the texts of a data set are read by dataset.KEY=VALUE")
    elif "part" in own:
        raise InputError(f"part={own['part']}: of dataset=; corpus= is read whole")
    from seedbed.pretraining.corpus import PARTS_OF_DATASETS, TRAIN, Texts
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
    part = own.get("part", TRAIN)
    if part not in PARTS_OF_DATASETS:
        raise InputError(f"part={part}: choose {', '.join(PARTS_OF_DATASETS)}")
    begin = _begin(own.get("from", ""))
    groups = built_groups(of_dataset, of_tracking, config_dir)
    if part != TRAIN:
        refuse_without_unlabelled(groups["dataset"], part)
    return Asked(
        texts=None if chosen else built(Texts, own),
        dataset=groups.get("dataset"),
        sentences=own.get("sentences", "split"),
        output=own.get("output", ""),
        size=own.get("size", ""),
        begin=begin,
        words=built(Words, own),
        training=built(Training, own),
        stored=own.get("stored", STORED[0]),
        saved_model=_flag(own, "saved_model"),
        minutes=_minutes(own.get("time_limit", "")),
        device=own.get("device", "auto"),
        tracking=groups.get("tracking"),
        recipe=recipe,
        part=part,
        distil=teacher_of(own.get("distil", ""), config_dir),
    )


def _begin(given: str) -> Path | None:
    """The folder of a model, which may lie in a package."""
    from seedbed.data.sources import INSIDE, in_package

    if not given:
        return None
    folder = in_package(given) if given.startswith(INSIDE) else Path(given).expanduser()
    if not folder.is_dir():
        raise InputError(f"from={folder}: there is no such folder; it has the options.json and weights.hdf5 of a model")
    return folder


def _flag(own: dict[str, str], key: str) -> bool:
    if own.get(key, "true") not in ("true", "false"):
        raise InputError(f"{key}={own[key]}: must be true or false")
    return own.get(key) != "false"


def _minutes(given: str) -> float:
    try:
        minutes = float(given or "inf")
    except ValueError:
        minutes = math.nan
    if not minutes > 0:
        raise InputError(f"time_limit={given}: must be a number of minutes above 0")
    return minutes


def _trained(ready: Any, asked: Asked, device: str) -> tuple[str, Any, Any]:
    from seedbed.cli.pretrain_log import begun as log_begun
    from seedbed.progress.tokens import TokenProgress, duration

    with TokenProgress("training") as progress:
        progress.log("starting the backend")
        trainer = ready.trainer(progress.log)
        begun, since = trainer.now.step, time.perf_counter()
        if begun:
            progress.log(f"going on after step {begun:,} of {trainer.steps:,}")
        whole = (trainer.steps - begun) * trainer.block
        log = log_begun(asked, ready, trainer, device, progress.log)

        def watch(report: Any) -> None:
            progress.show((report.step - begun) * trainer.block, whole)
            if report.looked:
                look = report.looked
                progress.log(f"{look.words:,} words, {duration(time.perf_counter() - since)}: training loss "
                             f"{look.loss:.3f}; held-out perplexity {look.forward:.2f} forward, {look.backward:.2f} "
                             f"backward, {look.mean:.2f} mean")  # fmt: skip
            log.hear(report)

        with log.closing():
            ended = ready.run(trainer, watch, asked.minutes)
            log.done(ended, trainer.now.step * trainer.block)
        return ended, trainer, log
