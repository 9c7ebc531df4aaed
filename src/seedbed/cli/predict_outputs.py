"""The files that ``seedbed predict`` writes, a row for each prediction."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from seedbed.errors import InputError
from seedbed.files import replacing

if TYPE_CHECKING:
    from seedbed.saved_models.results import Predicted

Write = Callable[["Predicted"], None]
FORMATS = ("jsonl", "csv", "conll", "text")


@contextmanager
def writer(form: str, output: str, labels: Sequence[str], screen: TextIO) -> Iterator[Write]:
    """Return what writes a prediction in a format, into a file that is whole or absent, or on the screen."""
    if not output:
        yield _WRITERS[form](screen, labels)
        return
    path = Path(output).expanduser()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as raw:
            stream = TextIOWrapper(raw, encoding="utf-8", errors="surrogatepass", newline="", write_through=True)
            yield _WRITERS[form](stream, labels)
            stream.flush()
            stream.detach()
    except OSError as error:
        raise InputError(f"output={output}: cannot be written: {error.strerror or error}") from error


def as_json(predicted: "Predicted") -> dict[str, Any]:  # Any: JSON
    """Return a prediction, JSON-ready: ``text``, ``label``, ``labels`` or ``tags``, ``probabilities``, ``flag``."""
    row: dict[str, Any] = {"text": predicted.text}
    if predicted.labels is not None:
        row |= {"labels": predicted.labels, "probabilities": predicted.probabilities}
    elif predicted.tags is None:
        row |= {"label": predicted.label, "probabilities": predicted.probabilities}
    else:
        entities = [
            {"type": kind, "start": first, "end": end, "text": " ".join(predicted.tokens[first:end])}
            for kind, first, end in predicted.entities
        ]
        row |= {"tokens": predicted.tokens, "tags": predicted.tags, "entities": entities,
                "probabilities": predicted.probabilities or []}  # fmt: skip
    return row | ({"flag": predicted.flag} if predicted.flag else {})


def _jsonl(stream: TextIO, labels: Sequence[str]) -> Write:
    return lambda predicted: print(json.dumps(as_json(predicted), ensure_ascii=False), file=stream)


def _csv(stream: TextIO, labels: Sequence[str]) -> Write:
    """A row for each text, or for each token of a tagged one with the number of its text, from 1; sets as JSON lists.

    A label with the name of another column has ``p_`` before it.
    """
    rows = csv.writer(stream, lineterminator="\n")
    number, headed = 0, False

    def write(predicted: "Predicted") -> None:
        nonlocal number, headed
        if not headed:
            answer = "label" if predicted.labels is None else "labels"
            head = ["text", answer] if predicted.tags is None else ["text_number", "token", "tag"]
            own = [f"p_{label}" if label in (*head, "flag") else label for label in labels]
            rows.writerow([*head, *own, "flag"])
            headed = True
        number += 1
        if predicted.tags is None:
            values = predicted.probabilities
            shown = [values[label] for label in labels] if isinstance(values, dict) else [""] * len(labels)
            answer = (
                predicted.label or "" if predicted.labels is None else json.dumps(predicted.labels, ensure_ascii=False)
            )
            rows.writerow([predicted.text, answer, *shown, predicted.flag])
            return
        of_tokens = predicted.probabilities if isinstance(predicted.probabilities, tuple) else ()
        for token, tag, of_token in zip(predicted.tokens, predicted.tags, of_tokens, strict=True):
            rows.writerow([number, token, tag, *(of_token[label] for label in labels), predicted.flag])

    return write


def _conll(stream: TextIO, labels: Sequence[str]) -> Write:
    def write(predicted: "Predicted") -> None:
        lines = (f"{token} {tag}\n" for token, tag in zip(predicted.tokens, predicted.tags or (), strict=True))
        stream.write("".join(lines) + "\n")

    return write


def _text(stream: TextIO, labels: Sequence[str]) -> Write:
    """Coloured on a terminal: the label, or labels, with the probability, or the text with its entities."""
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False, markup=False, soft_wrap=True)
    colours = ("cyan", "magenta", "green", "yellow", "blue", "red")
    kinds = list(dict.fromkeys(label.partition("-")[2] or label for label in labels if label != "O"))

    def colour(kind: str) -> str:
        return colours[kinds.index(kind) % len(colours)]

    def write(predicted: "Predicted") -> None:
        line = Text()
        if predicted.tags is None:
            values = predicted.probabilities
            own = predicted.labels or (() if predicted.label is None else (predicted.label,))
            of_label = values if isinstance(values, dict) else {}
            for label in own:
                line.append(f"{label} {of_label[label]:.2f}", style=f"bold {colour(label)}")
                line.append("  ")
            if predicted.labels == () and not predicted.flag:
                line.append("no label  ", style="dim")
            line.append(_visible(predicted.text))
        else:
            at = {first: (kind, end) for kind, first, end in predicted.entities}
            place = 0
            while place < len(predicted.tokens):
                kind, end = at.get(place, ("", place + 1))
                words = _visible(" ".join(predicted.tokens[place:end]))
                line.append(f"{words} [{kind}]" if kind else words, style=f"bold {colour(kind)}" if kind else "")
                line.append(" ")
                place = end
            line.rstrip()
        if predicted.flag:
            line.append(f"  ({predicted.flag})", style="dim")
        console.print(line)

    return write


def _visible(text: str) -> str:
    """Return a text without characters that control a terminal."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text.replace("\t", " "))


_WRITERS: dict[str, Callable[[TextIO, Sequence[str]], Write]] = {
    "jsonl": _jsonl, "csv": _csv, "conll": _conll, "text": _text,
}  # fmt: skip
