"""Calls of every reader, each on a folder with its files."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from tests.fence.content import DIM


def read_text(name: str) -> Callable[[Path], object]:
    def read(folder: Path) -> object:
        from seedbed.data import csv_readers, readers

        built = {
            "csv": csv_readers.Table(), "jsonl": readers.JsonLines(), "lines": readers.LabelLines(),
            "tagged": readers.JsonLines(tokens="tokens", tags="ner_tags"), "conll": readers.Columns(),
            "files": readers.ClassFiles(), "gmb": csv_readers.Gmb(),
        }[name]  # fmt: skip
        file = next(path for path in sorted(folder.iterdir()) if path.name.startswith("data"))
        return list(built.read(file))

    return read


def read_vectors(file: str) -> Callable[[Path], object]:
    def read(folder: Path) -> object:
        from seedbed.embeddings.vector_files import blocks
        from seedbed.embeddings.vector_lines import BadLines

        return list(blocks(folder / file, DIM, "auto", BadLines(file, strict=True)))

    return read


def read_precomputed(file: str) -> Callable[[Path], object]:
    def read(folder: Path) -> object:
        from seedbed.embeddings.vectors_by_id import FileLayout, open_vectors

        opened = open_vectors(folder / file, FileLayout(ids=folder / "ids.txt"))
        return [opened.rows(name) for name in sorted(opened.ids)[:5]]

    return read


def read_bilm(folder: Path) -> object:
    from seedbed.embeddings.bilm.options import read_options
    from seedbed.embeddings.bilm.weights import check_weights, open_hdf5, read_cnn, read_layer

    architecture = read_options(folder / "options.json")
    check_weights(folder / "weights.hdf5", architecture, True)
    with open_hdf5(folder / "weights.hdf5") as file:
        cnn = architecture.characters and read_cnn(file, architecture.characters, architecture.projection)
        return cnn, [read_layer(file, architecture, n) for n in range(architecture.layers)]


def read_token_table(folder: Path) -> object:
    from seedbed.embeddings.bilm.token_table import TokenTable

    return TokenTable(folder / "table.hdf5", folder / "words.txt", DIM).vectors(["the", "x"])


def read_static_tokens(folder: Path) -> object:
    from seedbed.embeddings.pieces.matrix_file import read_matrix
    from seedbed.embeddings.pieces.tokenizer_file import JsonTokenizer
    from seedbed.embeddings.pieces.vectors import PieceVectors

    pieces = JsonTokenizer(folder / "tokenizer.json")
    return PieceVectors(pieces, read_matrix(folder / "model.safetensors", pieces.size)).words(["film", "x"])


def read_encoder(folder: Path) -> object:
    from seedbed.embeddings.transformers.architecture import read_architecture
    from seedbed.embeddings.transformers.weights import read_weights

    return read_weights(folder / "model.safetensors", read_architecture(folder / "config.json"))


def read_pooling(folder: Path) -> object:
    from seedbed.embeddings.transformers.pooling import text_pooling

    return text_pooling(folder, "auto", None, "")


def read_sentencepiece(folder: Path) -> object:
    from seedbed.embeddings.pieces.sentencepiece_file import SentencePieces

    return SentencePieces(folder / "pieces.model", True).texts(["the film"])


def read_fasttext(folder: Path) -> object:
    from seedbed.embeddings.fasttext_model import open_model

    return open_model(folder / "model.bin", DIM, ["the", "unseen"]).vectors([("the", 1), ("unseen", None)])


def read_hub(file: str) -> Callable[[Path], object]:
    def read(folder: Path) -> object:
        from seedbed.embeddings.elmo import Elmo

        return Elmo(source="hub", handle=str(folder / file), trust=True).digest()

    return read


def read_archive(method: str, name: str) -> Callable[[Path], object]:
    def read(folder: Path) -> object:
        from seedbed.data.archives import unpack

        return unpack(folder / "archive.tar.gz", name, method)

    return read


def read_yaml_file(folder: Path) -> object:
    from seedbed.config.yaml_files import read_yaml

    return read_yaml(folder / "study.yaml")


def read_report(folder: Path) -> object:
    from seedbed.studies.report_sources import from_table

    return from_table(folder / "results.csv")


def read_probabilities(folder: Path) -> object:
    from seedbed.report.analysis.probabilities import parse_probabilities

    return parse_probabilities((folder / "p.npz").read_bytes(), "p.npz of run 1")


def read_items_file(folder: Path) -> object:
    from seedbed.report.analysis.item_texts import read_items

    return read_items((folder / "items.json.gz").read_bytes(), "items.json.gz of run 1")


def read_predictions(folder: Path) -> object:
    from seedbed.tracking.prediction_lines import PredictionLines

    return PredictionLines().predictions((folder / "p.jsonl").read_bytes(), "p.jsonl of run 1")


def read_study(folder: Path) -> object:
    from seedbed.comparison.record import findings_of, jobs_of, read_record, study_table

    stored = read_record((folder / "study.json").read_bytes(), "1")
    return stored and (findings_of(stored), jobs_of([stored]), study_table(stored["cells"], {}))


def read_search(folder: Path) -> object:
    from seedbed.comparison.search.trials import from_json, parse_search

    return from_json(parse_search((folder / "trials.json").read_bytes(), "trials.json of run 1"))


def read_senses(file: str) -> Callable[[Path], object]:
    def read(folder: Path) -> object:
        from seedbed.senses.passages import read_sentences

        return read_sentences(folder / file)

    return read


def read_checkpoint(folder: Path) -> object:
    from seedbed.checkpoint_file import load_checkpoint

    return load_checkpoint(folder / "checkpoint.npz")


def read_vocabulary(folder: Path) -> object:
    from seedbed.pretraining import vocabulary

    return vocabulary.read(folder / "vocabulary.txt"), vocabulary.read_counts(folder / "counts.txt")


def read_shards(folder: Path) -> object:
    from seedbed.pretraining.shards import find_shards, read_shard

    return find_shards(folder, {"a": 1}), read_shard(folder / "train-00000.txt")


def read_corpus(folder: Path) -> object:
    from seedbed.pretraining.reading import read_documents, text_files

    return list(read_documents(text_files(folder), "blank"))


def read_fingerprints(folder: Path) -> object:
    from seedbed.data.text_fingerprints import read

    return read(folder / "trained_texts.npy")


def read_cached_vectors(folder: Path) -> object:
    from seedbed.embeddings.vector_table import DamagedError, load
    from seedbed.errors import InputError

    try:
        table = load(folder, DIM)
        return table.find(["the"]), table.take(np.array([0]))
    except DamagedError as error:  # it is built again
        raise InputError("damaged") from error


def read_entry(folder: Path) -> object:
    from seedbed.embeddings.layer_cache import entries
    from seedbed.errors import InputError

    try:
        return entries.unpack(b"key", (folder / "entry").read_bytes())
    except entries.DamagedEntryError as error:  # it is computed again
        raise InputError("damaged") from error


def read_cached_corpus(folder: Path) -> object:
    from seedbed.data import corpus_cache
    from seedbed.errors import InputError

    try:
        return corpus_cache.unpack(folder / "corpus.npz")
    except corpus_cache.DAMAGE as error:  # it is read again
        raise InputError("damaged") from error


def read_model_folder(folder: Path) -> object:
    from seedbed.saved_models.model import load_model

    return load_model(folder).predict(["the film"])


def read_model_files(folder: Path) -> object:
    """The files of a model as if their manifest listed them as they are."""
    from seedbed.saved_models.model import model_of

    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}
    return model_of(files, str(folder)).predict(["the film"])
