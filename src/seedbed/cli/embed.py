"""``seedbed embed``."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.cli.arguments import command, refuse_others, takes_settings
from seedbed.cli.signals import exit_code
from seedbed.errors import InputError
from seedbed.studies.contextual import Chosen, contextual

if TYPE_CHECKING:
    from seedbed.data.dataset import Dataset
    from seedbed.embeddings.contextual import ContextualSettings
    from seedbed.embeddings.features import EmbeddingSettings
    from seedbed.embeddings.layer_cache.filling import FillStats

FILE_KEYS = ("input", "output")

PARSER = takes_settings(
    command(
        "embed",
        "Compute contextual vectors in advance, or for use in other programs.\n\n"
        "  embedding=CHOICE dataset=NAME\n"
        "      Fill the cache with every text of a data set, for each contextual part of the embedding. After Ctrl-C\n"
        "      the same command continues. Exit code 0: the cache is complete.\n"
        "  embedding=CHOICE input=FILE output=OUT.npz\n"
        "      Write the vectors of your own sentences, one per line, with tokens separated by spaces: arrays\n"
        "      layers_0, layers_1 and so on, float32 [layers, tokens, dim]. The cache, which is float16, is not used.\n"
        "      Vectors that do not depend on the sentence, such as GloVe, count as one layer.\n"
        "      embedding.state=fresh: each sentence starts anew; carried: from the last state of the previous one.",
        "  seedbed embed embedding=elmo_small dataset=twitter_ner\n"
        "  seedbed embed embedding=elmo embedding.source=bilm embedding.options=options.json \\\n"
        "      embedding.weights=weights.hdf5 input=sentences.txt output=vectors.npz",
    )
)


@dataclass(frozen=True)
class Request:
    """The checked settings: contextual models by name, and a data set, or a file and its output.

    ``embedding``: where none of its parts is contextual.
    """

    models: "Mapping[str, ContextualSettings]"
    device: str
    embedding: "EmbeddingSettings | None" = None
    dataset: "Dataset | None" = None
    input: str = ""
    output: str = ""


def main(arguments: Sequence[str]) -> int:
    """Fill the cache, or write vectors."""
    options = PARSER.parse_intermixed_args(arguments)
    request = parse(options.settings, options.config_dir)
    if request.dataset is not None:
        return _fill(request.models, request.dataset, request.device)
    from seedbed.cli.embed_file import write_features, write_vectors

    if request.embedding is not None:
        print(write_features(request.input, request.output, request.embedding, request.device))
        return 0
    [model] = request.models.values()
    print(write_vectors(request.input, request.output, model, request.device))
    return 0


def parse(settings: Sequence[str], config_dir: str | None = None) -> Request:
    """Parse, check and build the settings; opens no file but the configs. Raises InputError."""
    files = {key: value for key, _, value in (word.partition("=") for word in settings) if key in FILE_KEYS}
    rest = [word for word in settings if word.partition("=")[0] not in FILE_KEYS]
    groups = {re.split(r"[.@=]", word.lstrip("+~"))[0] for word in rest}
    filling = any(word.startswith("dataset=") for word in rest)
    if not files and not filling:
        raise InputError("seedbed embed: give dataset=NAME to fill the cache, or input=FILE output=OUT.npz")
    for key, other in (FILE_KEYS, FILE_KEYS[::-1]):
        if key in files and not files[key]:
            raise InputError(f"{key}=: name a file")
        if files and key not in files:
            raise InputError(f"{other}={files[other]}: goes with {key}=")
    if files and "dataset" in groups:
        raise InputError("command line: give one of dataset= and input=")
    from seedbed.config.build import build
    from seedbed.config.compose import compose
    from seedbed.config.provenance import Provenance

    config = compose(rest, config_dir)
    refuse_others(rest, ("embedding", "dataset", "device", "experiment", "plugins"), "embed")
    where = Provenance(config, rest)
    embedding = build(config.embedding, "embedding", where)
    models = contextual(embedding)
    if files and not models:
        return Request({}, str(config.device), embedding, input=files["input"], output=files["output"])
    if not models:
        raise InputError(f"embedding={config.hydra.runtime.choices.embedding}: has one vector per word, whatever the "
                         "sentence, and no cache to fill; contextual is embedding=elmo")  # fmt: skip
    if files and len(models) > 1:
        raise InputError(f"input={files['input']}: takes one model, and the embedding has {', '.join(models)}")
    if files:
        return Request(models, str(config.device), input=files["input"], output=files["output"])
    for name, model in models.items():
        if not model.cache:
            raise InputError(f"embedding{name and f'.parts.{name}'}.cache=false: there is no cache to fill")
    return Request(models, str(config.device), dataset=build(config.dataset, "dataset", where))


def _fill(models: "Mapping[str, ContextualSettings]", dataset: "Dataset", device: str) -> int:
    from seedbed.devices import select_device
    from seedbed.embeddings.checks import check_lengths
    from seedbed.embeddings.layer_cache.cached_layers import fill_ahead
    from seedbed.progress.tokens import TokenProgress

    for model in models.values():
        model.content()  # reports missing files before the data set is read
    corpus = dataset.load()
    texts = [example.tokens for example in corpus]
    for model in models.values():
        check_lengths(model.max_tokens, [(f"{corpus.name}, {example.id}", len(example.tokens)) for example in corpus])
    try:
        for model in models.values():
            with TokenProgress(model.name_of_model()) as progress:
                progress.show(0, 0)
                opened = Chosen(model, lambda: select_device(device))
                filled = fill_ahead(texts, opened, progress.on_progress)
            seconds = filled.seconds - opened.seconds
            print(f"{corpus.name}, {model.name_of_model()}: {'; '.join(_summary(filled, len(texts), seconds))}")
    except KeyboardInterrupt as error:
        print(
            "seedbed: interrupted; computed vectors are in the cache, and the same command continues", file=sys.stderr
        )
        return exit_code(error)
    return 0


def _summary(filled: "FillStats", texts: int, seconds: float) -> Iterator[str]:
    from seedbed.cli.embed_file import counted

    yield f"{counted(texts, 'text')}, {filled.sentences:,} distinct, of {counted(filled.tokens, 'token')}"
    yield f"{filled.hits:,} already in the cache ({filled.hits / max(filled.sentences, 1):.1%})"
    rate = f" ({filled.tokens_computed / max(seconds, 1e-9):,.0f} tokens a second)" if filled.computed else ""
    yield f"{filled.computed:,} computed in {seconds:.1f} s{rate}"
    if filled.damaged:
        yield f"{filled.damaged:,} of them were damaged"
    for what, count in filled.model.items():
        if count:
            yield f"{what.replace('_', ' ')}: {count:,}"
