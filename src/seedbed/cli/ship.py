"""``seedbed ship``."""

from collections.abc import Sequence

from seedbed.cli.arguments import allowed_plugins, command, key_values, training_size, yes_or_no
from seedbed.errors import InputError

KEYS = ("comparison", "study", "arm", "size", "output", "vectors", "onnx", "refit", "register", "plugins")

PARSER = command(
    "ship",
    "Write a method of a comparison as a model in a folder: all its replicates as one ensemble, its vectors, and a\n"
    "card with the evidence. Without arm=NAME the winner, which may be the simple baseline. Cells that have no saved\n"
    "model are trained again.\n\n"
    "  comparison=ID | study=NAME  where it is from; by default the last comparison of the store\n"
    "  arm=NAME size=N             an arm, or tfidf, majority, most_frequent_tag; by default the largest size\n"
    "  output=DIR                  the folder; a model that is there is replaced\n"
    "  vectors=words|all|file      keep the vectors of the data set's words (default), of all words, or none\n"
    "  onnx=true                   also model.onnx, for runtimes of ONNX (static vectors; probes, pool, cnn, bilstm)\n"
    "  refit=true                  train each replicate again on its training and validation examples\n"
    "  register=NAME               also register it in the store as an MLflow model, with the alias winner\n\n"
    "tracking.uri=URI: the store.",
    "  seedbed ship output=winner\n"
    "  seedbed ship study=quickstart arm=glove size=100 output=model vectors=all\n"
    "  seedbed predict model=winner text=\"a film that never gets going\"",
)  # fmt: skip
PARSER.add_argument("keys", nargs="*", metavar="KEY=VALUE", help=", ".join(KEYS))


def main(arguments: Sequence[str]) -> int:
    """Write the model, and print where it is."""
    words = PARSER.parse_intermixed_args(arguments).keys
    tracking = [word for word in words if word.startswith("tracking")]
    keys = parsed([word for word in words if word not in tracking])
    from seedbed.files import writable_folder
    from seedbed.progress.study import StudyProgress
    from seedbed.saved_models.folder import refuse_other_folder, write_folder
    from seedbed.shipping.ship import VECTORS, Request, ship
    from seedbed.studies.reading import open_for_reading

    vectors = keys.get("vectors", "words")
    if vectors not in VECTORS:
        raise InputError(f"vectors={vectors}: choose {', '.join(VECTORS)}")
    onnx = yes_or_no(keys, "onnx")
    if onnx and vectors == "file":
        raise InputError("vectors=file: onnx=true needs the vectors in the folder: vectors=words or vectors=all")
    folder = writable_folder(keys["output"])
    refuse_other_folder(folder)
    request = Request(
        keys.get("comparison"), keys.get("study"), keys.get("arm"), training_size(keys), vectors, allowed_plugins(keys),
        onnx, yes_or_no(keys, "refit"),
    )  # fmt: skip
    store = open_for_reading(tracking)
    shipped = ship(store, request, StudyProgress())
    write_folder(folder, shipped.files)
    evidence = shipped.evidence
    print(f"{evidence.arm} at {evidence.size}")
    print("\n".join(evidence.sentences))
    print(f"model: {folder}")
    if name := keys.get("register"):
        from seedbed.shipping.mlflow_model import register

        print(f"registered: {register(store.tracking, name, shipped.files, request.allowed)}")
    return 0


def parsed(words: Sequence[str]) -> dict[str, str]:
    """Return the keys; raises InputError."""
    keys = key_values(words, KEYS)
    if empty := next((key for key, value in keys.items() if not value), None):
        raise InputError(f"{empty}=: has no value")
    if "comparison" in keys and "study" in keys:
        raise InputError("command line: give one of comparison= and study=")
    if "output" not in keys:
        raise InputError("command line: give output=DIR, the folder of the model")
    training_size(keys)
    return keys
