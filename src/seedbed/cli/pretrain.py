"""``seedbed pretrain``."""

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedbed.cli.arguments import command, takes_settings
from seedbed.cli.signals import exit_code

if TYPE_CHECKING:
    from seedbed.pretraining.job import Job
    from seedbed.pretraining.progress import HeldOutEvaluation
    from seedbed.studies.pretraining import Outcome

PARSER = takes_settings(
    command(
        "pretrain",
        "Train a bidirectional language model such as ELMo on raw text. Writes options.json, weights.hdf5 and\n"
        "vocabulary.txt in the AllenNLP format, which embedding=elmo_own loads, and a card with recipe and scores.\n"
        "After Ctrl-C or time_limit=, the same command continues, with the same result as without a stop.\n\n"
        "  experiment=NAME      conf/pretraining/NAME.yaml; keys of the command line win\n\n"
        "text\n"
        "  corpus=PATH          a file, or a folder with its .txt and .txt.gz files\n"
        "  dataset=NAME         the training texts of a data set; dataset.KEY=VALUE as in conf/\n"
        "  part=train           of the data set: train | unlabelled (imdb, or dataset.files.unlabelled=FILE) | both\n"
        "  exclude=[]           data sets whose texts are excluded: ['dataset=NAME','dataset.KEY=VALUE',...]\n"
        "  documents=blank      end at a blank line | file | line\n"
        "  sentences=split      end at full stops | line | document (the whole text is one sentence)\n"
        "  tokenizer=reviews    splits words and punctuation | spaces | icu (scripts without spaces)\n"
        "  lowercase=false      encoding=utf-8\n"
        "  vocabulary=50000     words that are predicted; min_count=2; held_out=0.01 of the documents\n"
        "model\n"
        "  size=small           tiny | small | medium | original (the published one)\n"
        "  from=FOLDER          continue training a model, with the same shape, on other text\n"
        "  distil=EMBEDDING     first train the character CNN to predict these vectors, such as glove\n"
        "  output=FOLDER        default: seedbed-out/pretrain/NAME; stored=float16 | float32; saved_model=true: also\n"
        "                       as a TensorFlow SavedModel\n"
        "training\n"
        "  epochs=10 streams=128 unroll=20 dropout=0.1 candidates=2048 seed=0\n"
        "  optimizer=adagrad    learning_rate=0.2 | adam, 0.002; warmup=0 steps; decay=none | linear; clip_norm=10\n"
        "  state=document       reset at each document | sentence | carried (never)\n"
        "  evaluate_every=0     words between evaluations on held-out text, 0: once per epoch; patience=3, 0: off\n"
        "  time_limit=MINUTES   precision=auto | float32 | bfloat16; device=auto | cpu | gpu\n"
        "  tracking.uri=URI     where metrics are logged, and tracking.KEY=VALUE as in conf/; tracking=off: nowhere",
        "  seedbed pretrain corpus=reviews/ size=tiny epochs=3 time_limit=10\n"
        "  seedbed pretrain dataset=movie_reviews sentences=document optimizer=adam decay=linear time_limit=120\n"
        "  seedbed pretrain from=seedbed-out/pretrain/movie_reviews corpus=mine.txt epochs=2 output=mine",
    )
)


def main(arguments: Sequence[str]) -> int:
    """Train a model, and print where it is and how good."""
    words = PARSER.parse_intermixed_args(arguments)
    from seedbed.studies.pretraining import pretraining

    settings = pretraining(words.settings, words.config_dir)
    from seedbed.progress.study import StudyProgress
    from seedbed.progress.tokens import TokenProgress, duration
    from seedbed.studies.pretraining import train
    from seedbed.studies.pretraining_log import check_store

    log = StudyProgress().log
    wait_for_imports = check_store(settings.tracking)
    job = settings.job(log)
    prepared = job.prepare(log)
    from seedbed.devices import select_device

    wait_for_imports()
    device = select_device(settings.options.device)
    try:
        with TokenProgress("training") as progress:

            def show_evaluation(evaluation: "HeldOutEvaluation") -> None:
                elapsed = duration(time.perf_counter() - progress.started)
                progress.log(f"{evaluation.words:,} words, {elapsed}: training "
                             f"loss {evaluation.loss:.3f}; held-out perplexity {evaluation.forward:.2f} forward, "
                             f"{evaluation.backward:.2f} backward, {evaluation.mean:.2f} mean")  # fmt: skip

            outcome = train(settings, prepared, device, progress.log, progress.show, show_evaluation)
    except KeyboardInterrupt as error:
        from seedbed.pretraining.training_state import CHECKPOINT

        saved = (job.output / CHECKPOINT).exists()
        print("seedbed: interrupted; " + (
            "a checkpoint is saved, and the same command continues" if saved else
            "nothing was trained yet, and the same command starts again"
        ), file=sys.stderr)  # fmt: skip
        return exit_code(error)
    _print(outcome, job)
    return 0


def _print(outcome: "Outcome", job: "Job") -> None:
    from seedbed.pretraining.card import ENDS
    from seedbed.pretraining.files import OPTIONS, WEIGHTS
    from seedbed.pretraining.job import SAVED_MODEL

    best = outcome.best
    if best:
        print(f"held-out perplexity: forward {best.forward:.2f}, backward {best.backward:.2f}, mean {best.mean:.2f}, "
              f"after {best.words:,} words")  # fmt: skip
    print(f"ended: {ENDS[outcome.ended]}")
    if best:
        print(f"model: {job.output}")
        print(f"to use it: embedding=elmo_own embedding.options={job.output / OPTIONS} "
              f"embedding.weights={job.output / WEIGHTS}")  # fmt: skip
        if job.saved_model:
            print(f"for TensorFlow: {job.output / SAVED_MODEL} (embedding=elmo_own embedding.source=hub "
                  f"embedding.handle={job.output / SAVED_MODEL})")  # fmt: skip
    print(f"card: {job.output / 'README.md'}")
    if outcome.run:
        print(f"MLflow UI: {outcome.run.store.ui_command()}")
        print(f"run: {outcome.run.id}")
