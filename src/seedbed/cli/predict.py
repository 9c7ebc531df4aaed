"""``seedbed predict``."""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.cli.arguments import allowed_plugins, command, key_values, training_size
from seedbed.cli.predict_inputs import INPUTS, Row, Rows, read_rows
from seedbed.cli.predict_outputs import FORMATS, writer
from seedbed.errors import InputError

if TYPE_CHECKING:
    from seedbed.saved_models.model import Model

Say = Callable[[str], None]
SOURCES = ("model", "run", "study", "comparison")
KEYS = (*SOURCES, "arm", "size", "text", "input", "output", "by", "format", "reading", "column", "tokenizer", "plugins")

PARSER = command(
    "predict",
    "Predict the labels or tags of texts with a saved model; all its replicates predict as one.\n\n"
    "  model=DIR                   a folder that `seedbed ship` wrote\n"
    "  run=ID                      one cell that was trained with tracking.save_model=true;\n"
    "                              or model=models:/m-ID, its logged model in MLflow\n"
    "  study=NAME arm=NAME size=N  all replicates of an arm, by default at its largest size; or comparison=ID\n"
    '  text="..." | input=FILE|-   one text; or one per line; .csv and .tsv: column text (column=NAME);\n'
    "                              .jsonl: keys text or tokens; .conll: a token per line\n"
    "  by=mean|vote|N              mean of all replicates (default), their votes, or replicate N\n"
    "  format=jsonl|csv|conll|text by default text on a terminal, else jsonl; output=FILE writes or\n"
    "                              replaces a file, whole or not at all\n"
    "  tokenizer=spaces|reviews|icu how texts are split; by default as those of the data set\n\n"
    "Lines are read in bounded memory. Other keys: reading=lines|csv|jsonl|conll (what input= is, whatever\n"
    "its name), plugins=[my_module] (classes of your own), tracking.uri=URI (the store of run=, study=, comparison=).",
    '  seedbed predict model=winner text="a film that never gets going"\n'
    "  seedbed predict model=winner input=reviews.txt output=labels.csv\n"
    "  cat tweets.txt | seedbed predict study=quickstart arm=glove input=- by=vote",
)
PARSER.add_argument("keys", nargs="*", metavar="KEY=VALUE", help=", ".join(KEYS))


def main(arguments: Sequence[str]) -> int:
    """Predict the texts, and write a row for each."""
    words = PARSER.parse_intermixed_args(arguments).keys
    keys, tracking = parsed(words)
    form = keys.get("format") or _format_of(keys.get("output", ""))
    if form not in FORMATS:
        raise InputError(f"format={form}: choose {', '.join(FORMATS)}")
    output = keys.get("output", "")
    rows = _rows(keys)
    from seedbed.progress.counted import Counted
    from seedbed.saved_models.results import MEAN

    with Counted("text", "opening the model", rows_follow=not output and sys.stdout.isatty()) as progress:
        model = _model(keys, tracking, progress.say)
        if form == "conll" and not model.description.per_token:
            raise InputError("format=conll: for a model of tags; this one has a label for each text")
        progress.begin("predicting")
        if keys.get("input") == "-" and sys.stdin.isatty():
            progress.stop()  # its line would replace what is typed
        with writer(form, output, model.labels, sys.stdout) as write:
            texts, long = _noted(rows, model, progress.say), 0
            for predicted in model.predictions(texts, keys.get("by", MEAN)):
                progress.add(1)
                write(predicted)
                long += model.window is not None and len(predicted.tokens) > model.window
    if output:
        print(f"{output}: {progress.done:,} text{'s' * (progress.done != 1)} as {form}")
    if long:
        progress.say(f"seedbed: {long:,} texts of more than {model.window:,} tokens were read in windows (task.window)")
    return 0


def parsed(words: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Return the keys, and the settings of the store; raises InputError."""
    tracking = [word for word in words if word.startswith("tracking")]
    keys = key_values([word for word in words if word not in tracking], KEYS)
    named = [key for key in SOURCES if keys.get(key)]
    if len(named) != 1:
        given = f"{' and '.join(named)} are several" if named else "none is given"
        raise InputError(f"command line: give one of model=DIR, run=ID, study=NAME, comparison=ID: {given}")
    if ("text" in keys) == ("input" in keys):
        raise InputError('command line: give one of text="..." and input=FILE (input=- reads standard input)')
    if named[0] in ("study", "comparison") and not keys.get("arm"):
        raise InputError(f"{named[0]}={keys[named[0]]}: give arm=NAME too; `seedbed ship` finds the winner")
    if named[0] in ("model", "run") and (wrong := next((key for key in ("arm", "size") if key in keys), None)):
        raise InputError(f"{wrong}={keys[wrong]}: goes with study= or comparison=")
    training_size(keys)
    return keys, tracking


def _format_of(output: str) -> str:
    suffix = Path(output).suffix.lower().lstrip(".")
    if output:
        return suffix if suffix in FORMATS else "jsonl"
    return "text" if sys.stdout.isatty() else "jsonl"


def _rows(keys: dict[str, str]) -> Rows:
    reading = keys.get("reading", "")
    if reading and reading not in INPUTS:
        raise InputError(f"reading={reading}: choose {', '.join(INPUTS)}")
    if "text" in keys:
        if wrong := next((key for key in ("reading", "column") if key in keys), None):
            raise InputError(f"{wrong}={keys[wrong]}: goes with input=")
        return iter([keys["text"]])
    if not keys["input"]:
        raise InputError("input=: name a file, or - for standard input")
    read, written = Path(keys["input"]).expanduser(), Path(keys.get("output", "")).expanduser()
    if keys.get("output") and read.exists() and written.exists() and written.samefile(read):
        raise InputError(f"output={keys['output']}: is the file of input=, which would be replaced; name another file")
    return read_rows(keys["input"], reading, keys.get("column"))


def _model(keys: dict[str, str], tracking: Sequence[str], say: Say) -> "Model":
    from dataclasses import replace

    from seedbed.saved_models.folder import read_folder
    from seedbed.saved_models.model import model_of
    from seedbed.studies.saved_models import MODELS

    if keys.get("model") and not keys["model"].startswith(MODELS):
        files, where = read_folder(Path(keys["model"]).expanduser()), keys["model"]
    else:
        files, where = _stored(keys, tracking, say)
    model = model_of(files, where, allowed_plugins(keys), lambda line: say(f"seedbed: {line}"))
    if tokenizer := keys.get("tokenizer"):
        try:
            text = replace(model.description.text, tokenizer=tokenizer)
        except InputError as error:
            raise InputError(str(error).removeprefix("text.")) from error
        model = replace(model, description=replace(model.description, text=text))
    return model


def _stored(keys: dict[str, str], tracking: Sequence[str], say: Say) -> tuple[dict[str, bytes], str]:
    """Return the files of a model in a store, and where they are from."""
    from seedbed.studies.reading import open_for_reading
    from seedbed.studies.report_sources import from_comparison, from_study
    from seedbed.studies.saved_models import cells_of, ensemble, model_at, saved_model_of

    store = open_for_reading(tracking)
    if run := keys.get("run"):
        return saved_model_of(store, run), f"run={run}"
    if address := keys.get("model"):
        return model_at(store, address), address
    if name := keys.get("study"):
        source, where = from_study(store, name, say), f"study={name}"
    else:
        source, where = from_comparison(store, keys["comparison"], say), f"comparison={keys['comparison']}"
    size = int(keys["size"]) if "size" in keys else None
    rows = cells_of(source.table.to_dict("records"), keys["arm"], size, where)
    return ensemble(store, rows, where, allowed_plugins(keys)), f"{where} arm={keys['arm']}"


def _noted(rows: Rows, model: "Model", say: Say) -> Iterator[Row]:
    """Yield the rows; say once where texts look as if they were not tokenized, and the model's were."""
    splits = model.description.text.tokenizer != "spaces"
    for row in rows:
        if not splits and isinstance(row, str) and _attached(row):
            splits = True
            say(
                "seedbed: the model was trained on texts with spaces around punctuation; tokenizer=reviews splits these"
            )
        yield row


def _attached(text: str) -> bool:
    """Whether a word ends with punctuation, and no punctuation stands alone."""
    words = text.split()
    return any(len(w) > 1 and w[-1] in ".,!?;:" and w[0].isalnum() for w in words) and not any(
        word in (".", ",", "!", "?", ";", ":") for word in words
    )
