"""``seedbed export``."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.cli.arguments import command, refuse_others, takes_settings
from seedbed.errors import InputError

if TYPE_CHECKING:
    from seedbed.embeddings.elmo import Elmo

PARSER = takes_settings(
    command(
        "export",
        "Write a biLM in the AllenNLP format as a TensorFlow SavedModel, for tf.saved_model.load and hub.load, with\n"
        "the signatures `tokens` and `default` and the five outputs of Google's ELMo modules. Vectors are float32,\n"
        "and each sentence starts anew. An existing folder is replaced only by a complete export.\n\n"
        "  embedding=CHOICE     elmo_own embedding.options=FILE embedding.weights=FILE, or another biLM\n"
        "  output=FOLDER        a new folder, or that of an earlier export",
        "  seedbed export embedding=elmo_own embedding.options=own/options.json \\\n"
        "      embedding.weights=own/weights.hdf5 output=own/saved_model\n"
        "  seedbed export embedding=elmo_small output=elmo_small",
    )
)


@dataclass(frozen=True)
class Request:
    """The checked settings: a model, and the output folder."""

    model: "Elmo"
    output: str


def main(arguments: Sequence[str]) -> int:
    """Write the SavedModel, and print how to load it."""
    options = PARSER.parse_intermixed_args(arguments)
    request = parse(options.settings, options.config_dir)
    from seedbed.embeddings.hub.export import exportable, refuse_other_folder, write_saved_model
    from seedbed.files import writable_folder

    folder = writable_folder(request.output)
    refuse_other_folder(folder)
    files = request.model.files()
    exportable(files["options"])
    written = write_saved_model(files["options"], files["weights"], folder)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"{'SavedModel' if written else 'exists already'}: {folder}, {size / 1e6:,.1f} MB")
    for line in _usage(folder):
        print(line)
    return 0


def parse(settings: Sequence[str], config_dir: str | None = None) -> Request:
    """Parse, check and build the settings; opens no file but the configs. Raises InputError."""
    output = [word.partition("=")[2] for word in settings if word.startswith("output=")]
    if not output or not output[-1]:
        raise InputError("output=: name a folder for the SavedModel")
    rest = [word for word in settings if not word.startswith("output=")]
    from seedbed.config.build import build
    from seedbed.config.compose import compose
    from seedbed.config.provenance import Provenance
    from seedbed.embeddings.elmo import Elmo
    from seedbed.studies.contextual import contextual

    config = compose(rest, config_dir)
    refuse_others(rest, ("embedding", "experiment"), "export")
    choice = config.hydra.runtime.choices.embedding
    models = contextual(build(config.embedding, "embedding", Provenance(config, rest)))
    if not models:
        raise InputError(f"embedding={choice}: has one vector per word, and no model; contextual is embedding=elmo_own")
    if len(models) > 1:
        raise InputError(f"embedding={choice}: export takes one model, and it has {', '.join(models)}")
    [model] = models.values()
    if not isinstance(model, Elmo):
        raise InputError(f"embedding={choice}: is no biLM, which export takes; such a one is embedding=elmo_own")
    for key, value, why in (
        ("source", "hub", "is a TensorFlow module already; export takes embedding.source=bilm"),
        ("precision", "bfloat16", "a SavedModel computes in float32; leave it out"),
        ("state", "carried", "a SavedModel starts each sentence afresh; leave it out"),
        ("layer_norm", True, "a SavedModel has the layers as they are; leave it out"),
        *(
            ("mix", f"layer{n}", "a SavedModel has every layer, and `elmo` is their average; leave it out")
            for n in range(3)
        ),
    ):
        if getattr(model, key) == value:
            raise InputError(f"embedding.{key}={str(value).lower()}: {why}")
    if model.token_embeddings:
        raise InputError("embedding.token_embeddings: a SavedModel reads words by their characters; leave it out")
    return Request(model, output[-1])


def _usage(folder: Path) -> Iterator[str]:
    """Yield how to load the model in seedbed and in Python."""
    yield f"to use it: embedding=elmo_own embedding.source=hub embedding.handle={folder}"
    yield "or in Python:"
    yield "    import tensorflow as tf"
    yield f"    model = tf.saved_model.load({str(folder)!r})  # or hub.load"
    yield '    vectors = model.signatures["default"](tf.constant(["a sentence", "another one"]))["elmo"]'
