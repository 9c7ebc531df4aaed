"""Every reader of a file, with small files that it reads: what the tables and the fuzzers damage."""

import bz2
import gzip
import lzma
from collections.abc import Mapping

import numpy as np
from tests.fence import annotation_files, content, reads
from tests.fence.model_content import model_files
from tests.fence.reader import Reader, one

READERS: Mapping[str, Reader] = {
    reader.name: reader
    for reader in (
        Reader("csv", "data.csv", one("data.csv", lambda: content.CSV), reads.read_text("csv")),
        Reader(
            "csv in gzip",
            "data.csv.gz",
            one("data.csv.gz", lambda: gzip.compress(content.CSV, mtime=0)),
            reads.read_text("csv"),
        ),
        Reader(
            "csv in zip",
            "data.zip",
            one("data.zip", lambda: content.zipped(**{"a.csv": content.CSV})),
            reads.read_text("csv"),
        ),
        Reader(
            "csv in xz",
            "data.csv.xz",
            one("data.csv.xz", lambda: lzma.compress(content.CSV)),
            reads.read_text("csv"),
        ),
        Reader(
            "csv in bz2",
            "data.csv.bz2",
            one("data.csv.bz2", lambda: bz2.compress(content.CSV)),
            reads.read_text("csv"),
        ),
        Reader(
            "parquet table",
            "data.parquet",
            one("data.parquet", lambda: content.parquet(text=["a", "b"], label=["x", "y"])),
            reads.read_text("csv"),
        ),
        Reader("JSON lines", "data.jsonl", one("data.jsonl", lambda: content.JSONL), reads.read_text("jsonl")),
        Reader(
            "tagged JSON lines",
            "data.jsonl",
            one("data.jsonl", lambda: content.TAGGED, dataset_info__json=lambda: content.as_json(content.INFO)),
            reads.read_text("tagged"),
        ),
        Reader(
            "names of tags",
            "dataset_info.json",
            one("dataset_info.json", lambda: content.as_json(content.INFO), data__jsonl=lambda: content.TAGGED),
            reads.read_text("tagged"),
        ),
        Reader("CoNLL", "data.conll", one("data.conll", lambda: content.CONLL), reads.read_text("conll")),
        Reader(
            "label lines",
            "data.txt",
            one("data.txt", lambda: b"pos good film\nneg bad film\n"),
            reads.read_text("lines"),
        ),
        Reader(
            "a file a class", "data.pos", one("data.pos", lambda: b"good film\nbetter film\n"), reads.read_text("files")
        ),
        Reader("GMB", "data.csv", one("data.csv", lambda: content.GMB), reads.read_text("gmb")),
        Reader("GloVe text", "v.txt", one("v.txt", content.glove), reads.read_vectors("v.txt")),
        Reader(
            "GloVe in zip",
            "v.zip",
            one("v.zip", lambda: content.zipped(**{"v.3d.txt": content.glove()})),
            reads.read_vectors("v.zip"),
        ),
        Reader("word2vec text", "v.vec", one("v.vec", lambda: b"4 3\n" + content.glove()), reads.read_vectors("v.vec")),
        Reader("word2vec binary", "v.bin", one("v.bin", content.binary), reads.read_vectors("v.bin")),
        Reader(
            "vectors as npy",
            "v.npy",
            one(
                "v.npy",
                lambda: content.npy(content.ROWS),
                v__parquet=lambda: content.parquet(words=list(content.WORDS)),
            ),
            reads.read_vectors("v.npy"),
        ),
        Reader(
            "words of npy",
            "v.parquet",
            one(
                "v.parquet",
                lambda: content.parquet(words=list(content.WORDS)),
                v__npy=lambda: content.npy(content.ROWS),
            ),
            reads.read_vectors("v.npy"),
        ),
        Reader("fastText model", "model.bin", one("model.bin", content.fasttext), reads.read_fasttext),
        Reader(
            "ELMo options",
            "options.json",
            one(
                "options.json",
                lambda: content.as_json(content.OPTIONS),
                weights__hdf5=lambda: content.hdf5(content.bilm()),
            ),
            reads.read_bilm,
        ),
        Reader(
            "ELMo weights",
            "weights.hdf5",
            one(
                "weights.hdf5",
                lambda: content.hdf5(content.bilm()),
                options__json=lambda: content.as_json(content.OPTIONS),
            ),
            reads.read_bilm,
        ),
        Reader(
            "token embeddings",
            "table.hdf5",
            one("table.hdf5", lambda: content.hdf5(content.TABLE_H5), words__txt=lambda: content.TABLE_WORDS),
            reads.read_token_table,
        ),
        Reader(
            "words of token embeddings",
            "words.txt",
            one("words.txt", lambda: content.TABLE_WORDS, table__hdf5=lambda: content.hdf5(content.TABLE_H5)),
            reads.read_token_table,
        ),
        Reader(
            "safetensors",
            "model.safetensors",
            one("model.safetensors", lambda: content.safetensors(**content.MATRIX), tokenizer__json=content.tokenizer),
            reads.read_static_tokens,
        ),
        Reader(
            "tokenizer.json",
            "tokenizer.json",
            one("tokenizer.json", content.tokenizer, model__safetensors=lambda: content.safetensors(**content.MATRIX)),
            reads.read_static_tokens,
        ),
        Reader(
            "config.json",
            "config.json",
            one("config.json", lambda: content.as_json(content.CONFIG), model__safetensors=content.encoder_tensors),
            reads.read_encoder,
        ),
        Reader(
            "encoder weights",
            "model.safetensors",
            one("model.safetensors", content.encoder_tensors, config__json=lambda: content.as_json(content.CONFIG)),
            reads.read_encoder,
        ),
        Reader(
            "modules.json",
            "modules.json",
            one("modules.json", lambda: content.as_json([{"type": "sentence_transformers.models.Pooling"}])),
            reads.read_pooling,
        ),
        Reader(
            "pooling",
            "1_Pooling/config.json",
            one("1_Pooling/config.json", lambda: content.as_json({"pooling_mode_mean_tokens": True})),
            reads.read_pooling,
        ),
        Reader("sentencepiece", "pieces.model", one("pieces.model", content.sentencepiece), reads.read_sentencepiece),
        Reader(
            "vectors by id, npz",
            "v.npz",
            one("v.npz", lambda: content.npz(ids=np.array(content.IDS), vectors=content.ROWS[:3])),
            reads.read_precomputed("v.npz"),
        ),
        Reader(
            "an array an id, npz",
            "v.npz",
            one(
                "v.npz",
                lambda: content.npz(
                    **{name.replace("/", "_"): row for name, row in zip(content.IDS, content.ROWS, strict=False)}
                ),
            ),
            reads.read_precomputed("v.npz"),
        ),
        Reader(
            "vectors by id, npy",
            "v.npy",
            one("v.npy", lambda: content.npy(content.ROWS[:3]), ids__txt=lambda: "\n".join(content.IDS).encode()),
            reads.read_precomputed("v.npy"),
        ),
        Reader(
            "vectors by id, parquet",
            "v.parquet",
            one("v.parquet", lambda: content.parquet(id=list(content.IDS), vector=content.ROWS[:3].tolist())),
            reads.read_precomputed("v.parquet"),
        ),
        Reader(
            "hub module",
            "module/saved_model.pb",
            lambda: {f"module/{name}": content for name, content in content.saved_model().items()},
            reads.read_hub("module"),
        ),
        Reader(
            "index of a hub module",
            "module/variables/variables.index",
            lambda: {f"module/{name}": content for name, content in content.saved_model().items()},
            reads.read_hub("module"),
        ),
        Reader(
            "hub archive, tar",
            "m.tar.gz",
            one("m.tar.gz", lambda: content.tarred(content.saved_model())),
            reads.read_hub("m.tar.gz"),
        ),
        Reader(
            "hub archive, zip",
            "m.zip",
            one("m.zip", lambda: content.zipped(**content.saved_model())),
            reads.read_hub("m.zip"),
        ),
        Reader(
            "archive of a data set",
            "archive.tar.gz",
            one("archive.tar.gz", lambda: content.tarred({"x/a.csv": content.CSV})),
            reads.read_archive("", "a.csv"),
        ),
        Reader(
            "archive of reviews",
            "archive.tar.gz",
            one("archive.tar.gz", lambda: content.tarred(content.reviews())),
            reads.read_archive("aclimdb", "train.jsonl"),
        ),
        Reader(
            "YAML",
            "study.yaml",
            one("study.yaml", lambda: b"name: x\narms: {a: [encoder=cnn]}\n"),
            reads.read_yaml_file,
        ),
        Reader(
            "table of results",
            "results.csv",
            one("results.csv", lambda: content.RESULTS, floor__csv=lambda: content.FLOOR),
            reads.read_report,
        ),
        Reader(
            "table of floors",
            "floor.csv",
            one("floor.csv", lambda: content.FLOOR, results__csv=lambda: content.RESULTS),
            reads.read_report,
        ),
        Reader(
            "probabilities",
            "p.npz",
            one("p.npz", lambda: content.npz(**content.PROBABILITIES)),
            reads.read_probabilities,
        ),
        Reader(
            "items of a study",
            "items.json.gz",
            one("items.json.gz", lambda: gzip.compress(content.as_json(content.ITEMS), mtime=0)),
            reads.read_items_file,
        ),
        Reader("predictions", "p.jsonl", one("p.jsonl", lambda: content.PREDICTIONS), reads.read_predictions),
        Reader(
            "record of a study",
            "study.json",
            one("study.json", lambda: content.as_json(content.RECORD)),
            reads.read_study,
        ),
        Reader(
            "trials of a search",
            "trials.json",
            one("trials.json", lambda: content.as_json(content.SEARCH)),
            reads.read_search,
        ),
        Reader(
            "senses",
            "s.tsv",
            one("s.tsv", lambda: b"# forms: work\nwork\ta b work\njob\twork c\n"),
            reads.read_senses("s.tsv"),
        ),
        Reader(
            "senses as CSV",
            "s.csv",
            one("s.csv", lambda: b"sense,text\nx,a work\ny,work b\n"),
            reads.read_senses("s.csv"),
        ),
        Reader(
            "checkpoint",
            "checkpoint.npz",
            one("checkpoint.npz", lambda: content.npz(record=np.frombuffer(b'{"a": 1}', np.uint8), w=content.ROWS)),
            reads.read_checkpoint,
        ),
        Reader(
            "vocabulary",
            "vocabulary.txt",
            one("vocabulary.txt", lambda: content.VOCABULARY, counts__txt=lambda: b"the 3\nfilm 2\n"),
            reads.read_vocabulary,
        ),
        Reader(
            "word counts",
            "counts.txt",
            one("counts.txt", lambda: b"the 3\nfilm 2\n", vocabulary__txt=lambda: content.VOCABULARY),
            reads.read_vocabulary,
        ),
        Reader(
            "index of shards",
            "index.json",
            lambda: {
                "index.json": content.as_json(content.INDEX),
                "counts.txt": b"a 1\n",
                "train-00000.txt": b"a b\n\n",
            },
            reads.read_shards,
        ),
        Reader("model folder", "manifest.json", model_files, reads.read_model_folder),
        Reader("model.json", "model.json", model_files, reads.read_model_files),
        Reader("weights of a model", "weights.safetensors", model_files, reads.read_model_files),
        Reader("words of a model", "words.json", model_files, reads.read_model_files),
        Reader("raw text", "a.txt", one("a.txt", lambda: b"One text.\n\nAnother one.\n"), reads.read_corpus),
        Reader(
            "fingerprints of texts",
            "trained_texts.npy",
            one("trained_texts.npy", lambda: content.npy(np.arange(6, dtype=np.uint64).reshape(2, 3))),
            reads.read_fingerprints,
        ),
        Reader("cached vectors", "about.json", content.stored_table, reads.read_cached_vectors),
        Reader("index of cached vectors", "hashes.npy", content.stored_table, reads.read_cached_vectors),
        Reader("cached layers", "entry", content.packed_entry, reads.read_entry),
        Reader("cached corpus", "corpus.npz", content.packed_corpus, reads.read_cached_corpus),
        *annotation_files.READERS,
    )
}
