"""``seedbed embed``."""

import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seedbed.cli.arguments import command, refuse_others, takes_settings
from seedbed.errors import InputError

OWN_KEYS = ("input", "output")

PARSER = takes_settings(
    command(
        "embed",
        "Contextual vectors, ahead of time or for use elsewhere.\n\n"
        "  embedding=CHOICE dataset=NAME\n"
        "      Fill the cache with every text of a data set, for each contextual part of the embedding. Ctrl-C stops\n"
        "      it, and the same command goes on. Exit code 0: the cache has them all.\n"
        "  embedding=CHOICE input=FILE output=OUT.npz\n"
        "      The vectors of one's own sentences, one a line, tokens split by spaces: arrays layers_0, layers_1 and\n"
        "      so on, a line each, float32 [layers, tokens, dim]. Not by way of the cache, which is float16.\n"
        "      embedding.state=fresh: each sentence by itself; carried: from the state that the one before it left.",
        "  seedbed embed embedding=elmo_small dataset=twitter_ner\n"
        "  seedbed embed embedding=elmo embedding.source=bilm embedding.options=options.json \\\n"
        "      embedding.weights=weights.hdf5 input=sentences.txt output=vectors.npz",
    )
)


@dataclass(frozen=True)
class Asked:
    """What the settings say, checked and built: contextual models by name, and a data set or a file and its output."""

    models: Mapping[str, Any]
    device: str
    dataset: Any = None
    input: str = ""
    output: str = ""


def main(arguments: Sequence[str]) -> int:
    """Fill the cache, or write vectors."""
    given = PARSER.parse_intermixed_args(arguments)
    asked = ask(given.settings, given.config_dir)
    if asked.dataset is not None:
        return _fill(asked)
    from seedbed.cli.embed_file import write_vectors

    [model] = asked.models.values()
    print(write_vectors(asked.input, asked.output, model, asked.device))
    return 0


def ask(settings: Sequence[str], config_dir: str | None = None) -> Asked:
    """Read, check and build the settings; opens no file but the configs. Raises InputError."""
    own = {key: value for key, _, value in (word.partition("=") for word in settings) if key in OWN_KEYS}
    rest = [word for word in settings if word.partition("=")[0] not in OWN_KEYS]
    groups = {re.split(r"[.@=]", word.lstrip("+~"))[0] for word in rest}
    filling = any(word.startswith("dataset=") for word in rest)
    if not own and not filling:
        raise InputError("seedbed embed: give dataset=NAME to fill the cache, or input=FILE output=OUT.npz")
    for key, other in (OWN_KEYS, OWN_KEYS[::-1]):
        if key in own and not own[key]:
            raise InputError(f"{key}=: name a file")
        if own and key not in own:
            raise InputError(f"{other}={own[other]}: goes with {key}=")
    if own and "dataset" in groups:
        raise InputError("command line: give one of dataset= and input=")
    from seedbed.config.build import build
    from seedbed.config.compose import compose
    from seedbed.config.sources import sources

    config = compose(rest, config_dir)
    refuse_others(rest, ("embedding", "dataset", "device", "experiment"), "embed")
    where = sources(config, rest)
    models = contextual(build(config.embedding, "embedding", where))
    if not models:
        raise InputError(f"embedding={config.hydra.runtime.choices.embedding}: has one vector a word, whatever the "
                         "sentence; contextual is embedding=elmo")  # fmt: skip
    if own and len(models) > 1:
        raise InputError(f"input={own['input']}: takes one model, and the embedding has {', '.join(models)}")
    if own:
        return Asked(models, str(config.device), **own)
    for name, model in models.items():
        if not model.cache:
            raise InputError(f"embedding{name and f'.parts.{name}'}.cache=false: there is no cache to fill")
    return Asked(models, str(config.device), build(config.dataset, "dataset", where))


def contextual(embedding: Any, name: str = "") -> dict[str, Any]:
    """The models of contextual vectors in an embedding, by their place in a stack."""
    from seedbed.embeddings.elmo import Elmo

    if isinstance(embedding, Elmo):
        return {name: embedding}
    parts = getattr(embedding, "parts", {}).items()
    return {key: model for part, own in parts for key, model in contextual(own, f"{name}.{part}".strip(".")).items()}


def _fill(asked: Asked) -> int:
    from seedbed.backend import select_device
    from seedbed.cli.embed_progress import TokenProgress
    from seedbed.embeddings.layer_cache.cached_layers import fill_ahead

    for model in asked.models.values():
        model.content()  # what is missing is said before the data set is read
    corpus = asked.dataset.load()
    texts = [example.tokens for example in corpus]
    for model in asked.models.values():
        model.refuse_long([(f"{corpus.name}, {example.id}", len(example.tokens)) for example in corpus])
    try:
        for model in asked.models.values():
            with TokenProgress(model.name_of_model()) as progress:
                progress.show(0, 0)
                opened = Chosen(model, lambda: select_device(asked.device))
                filled = fill_ahead(texts, opened, progress.hear)
            seconds = filled.seconds - opened.seconds
            print(f"{corpus.name}, {model.name_of_model()}: {'; '.join(_said(filled, len(texts), seconds))}")
    except KeyboardInterrupt:
        print("seedbed: interrupted; what was computed is in the cache, and the same command goes on", file=sys.stderr)
        return 130
    return 0


class Chosen:
    """A model's settings; ``first`` is called before the model is opened, and not where all is in the cache.

    ``seconds``: what starting the backend and opening the model took.
    """

    def __init__(self, model: Any, first: Any):
        self.model, self.first, self.seconds = model, first, 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def open(self) -> Any:
        """The open model."""
        started = time.perf_counter()
        try:
            self.first()
            return self.model.open()
        finally:
            self.seconds += time.perf_counter() - started


def _said(filled: Any, texts: int, seconds: float) -> Iterator[str]:
    from seedbed.cli.embed_file import counted

    yield f"{counted(texts, 'text')}, {filled.asked:,} different ones of {counted(filled.tokens, 'token')}"
    yield f"{filled.hits:,} found before ({filled.hits / max(filled.asked, 1):.1%})"
    rate = f" ({filled.tokens_computed / max(seconds, 1e-9):,.0f} tokens a second)" if filled.computed else ""
    yield f"{filled.computed:,} computed in {seconds:.1f} s{rate}"
    if filled.damaged:
        yield f"{filled.damaged:,} of them had been damaged"
    for what, count in filled.model.items():
        if count:
            yield f"{what.replace('_', ' ')}: {count:,}"
