import gzip

import pytest

from seedbed.data.csv_readers import Table
from seedbed.data.dataset import Dataset
from seedbed.data.hashes import file_sha256
from seedbed.data.readers import ClassFiles, Columns, JsonLines, LabelLines
from seedbed.errors import InputError


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def lines(folder, files, **settings):
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    named = {name.removesuffix(".txt"): name for name in files}
    return Dataset(**{"name": "toy", "reader": LabelLines(), "path": str(folder), "files": named, **settings})


def columns(folder, files, **settings):
    return lines(folder, files, **{"task": "tagging", "reader": Columns(), **settings})


def words(examples):
    return [" ".join(example.tokens) for example in examples]


TWO = {"train.txt": "0 A b\n1 c d e\n0 \n1 f\n", "test.txt": "0 A b\n1 g\n"}


def test_ids_count_the_examples_of_a_file_and_empty_ones_are_dropped(folder):
    corpus = lines(folder, TWO).load()
    assert [example.id for example in corpus.splits["train"]] == ["train/0", "train/1", "train/3"]
    assert words(corpus.splits["train"]) == ["A b", "c d e", "f"]
    assert corpus.labels == ("0", "1")
    assert corpus.counts["empty"] == 1


def test_the_second_start_gives_the_same_corpus_and_reads_no_file(folder, monkeypatch):
    dataset = lines(folder, TWO)
    corpus = dataset.load()
    monkeypatch.setattr(LabelLines, "read", lambda *_: pytest.fail("read again"))
    again = dataset.load()
    assert again == corpus
    assert again.digest == corpus.digest


def test_a_changed_file_or_setting_is_read_again(folder):
    lines(folder, TWO).load()
    corpus = lines(folder, {**TWO, "test.txt": "0 new\n1 g\n"}).load()
    assert words(corpus.splits["test"]) == ["new", "g"]
    assert words(lines(folder, TWO, lowercase=True).load().splits["test"]) == ["a b", "g"]


def test_long_examples_are_cut_and_counted(folder):
    corpus = lines(folder, TWO, max_tokens=1).load()
    assert words(corpus.splits["train"]) == ["A", "c", "f"]
    assert (corpus.counts["cut"], corpus.counts["cut/train"], corpus.counts["cut/test"]) == (3, 2, 1)
    assert lines(folder, TWO, max_tokens=3).load().counts["cut"] == 0
    tagged = columns(folder, {"train.txt": "a B-x\nb I-x\nc O\n\nd O\n", "test.txt": "e B-x\n"}, max_tokens=2).load()
    assert tagged.splits["train"][0].target == ("B-x", "I-x")


def test_duplicates_are_counted_and_dropped_from_the_earlier_split(folder):
    files = {
        "train.txt": "0 a\n1 b\n1 c\n0 a\n0 d\n",
        "validation.txt": "1 b\n0 x\n1 e\n",
        "test.txt": "0 a\n1 e\n0 f\n",
    }
    kept = lines(folder, files).load()
    assert {k: n for k, n in kept.counts.items() if n} == {
        "duplicates": 3, "duplicates/validation": 1, "duplicates/test": 2, "repeated_texts": 1,
    }  # fmt: skip
    corpus = lines(folder, files, drop_duplicates=True).load()
    assert [words(corpus.splits[split]) for split in ("train", "validation", "test")] == [
        ["c", "d"], ["b", "x"], ["a", "e", "f"],
    ]  # fmt: skip
    assert corpus.counts["dropped"] == 4
    assert corpus.counts["duplicates"] == 3


def test_a_file_without_splits_counts_the_texts_that_repeat_another(folder):
    corpus = lines(folder, {"all.txt": "0 a\n1 a\n0 b\n0 a\n1 c\n"}).load()
    assert dict(corpus.counts) == {"repeated_texts": 2}
    assert "repeated_texts" not in lines(folder, {"all.txt": "0 a\n1 b\n"}).load().counts


def test_splits_that_lack_are_made_by_rule_and_the_others_left_alone(folder):
    many = "".join(f"{n % 2} w{n}\n" for n in range(100))
    all_in_one = lines(folder, {"all.txt": many}, held_out={"test": 0.2, "validation": 0.1}, split_seed=3).load()
    assert {split: len(own) for split, own in all_in_one.splits.items()} == {"train": 72, "validation": 8, "test": 20}
    assert sorted(e.id for e in all_in_one) == sorted(f"all/{n}" for n in range(100))
    numbers = [int(e.id.partition("/")[2]) for e in all_in_one.splits["train"]]
    assert numbers == sorted(numbers)
    files = {"train.txt": many, "test.txt": "0 a\n1 b\n"}
    given = lines(folder, files, held_out={"test": 0.2, "validation": 0.1}).load()
    assert {split: len(own) for split, own in given.splits.items()} == {"train": 90, "validation": 10, "test": 2}


def test_too_few_examples_to_divide_are_refused(folder):
    with pytest.raises(InputError, match=r"toy: its train split is empty once dataset\.held_out="):
        lines(folder, {"all.txt": "0 a\n1 b\n"}, held_out={"test": 0.2, "validation": 0.1}).load()


def test_labels_can_be_renamed_and_unknown_ones_are_refused(folder):
    corpus = lines(folder, TWO, labels={"0": "bad", "1": "good"}).load()
    assert corpus.labels == ("bad", "good")
    with pytest.raises(InputError, match=r"train\.txt:2: unknown label '1'"):
        lines(folder, TWO, labels={"0": "bad"}).load()


def test_a_set_with_one_class_is_refused(folder):
    with pytest.raises(InputError, match=r"toy: has one class \(0\); at least two are needed"):
        lines(folder, {"train.txt": "0 a\n0 b\n"}).load()
    with pytest.raises(InputError, match="every tag is O"):
        columns(folder, {"train.txt": "a O\nb O\n"}).load()


def test_the_scheme_is_told_from_all_files_together(folder):
    corpus = columns(folder, {"train.txt": "a I-x\nb I-x\nc B-x\n", "test.txt": "d I-x\n"}).load()
    assert corpus.splits["train"][0].target == ("B-x", "I-x", "B-x")
    assert corpus.splits["test"][0].target == ("B-x",)
    assert corpus.labels == ("O", "B-x", "I-x")


def test_an_unknown_tag_is_refused_with_file_and_line(folder):
    dataset = columns(folder, {"train.txt": "a O\n\nb B-x\nc X-x\n", "test.txt": "d B-x\n"})
    with pytest.raises(InputError, match=r"train\.txt:4: unknown tag 'X-x'"):
        dataset.load()
    (folder / "a.jsonl").write_text('{"w": ["a"], "t": ["B-x"]}\n{"w": ["a", "b"], "t": ["O", "X"]}\n')
    reader = JsonLines(tokens="w", tags="t", scheme="iob2")
    with pytest.raises(InputError, match=r"a\.jsonl:2: unknown tag 'X'"):
        Dataset(task="tagging", reader=reader, path=str(folder), files={"train": "a.jsonl"}).load()


def test_twitter_words_are_masked_also_in_lower_case(folder):
    files = {"train.txt": "@You B-x\nHTTP O\nhttp://A O\n"}
    assert words(columns(folder, files, normalise="twitter").load().splits["train"]) == ["<USR> HTTP <URL>"]
    lowered = columns(folder, files, normalise="twitter", lowercase=True).load()
    assert words(lowered.splits["train"]) == ["<USR> http <URL>"]


def test_digits_become_zeros_for_every_part_that_reads_the_words(folder):
    files = {"train.txt": "@You7 B-x\nB2B O\n1,999 O\n"}
    zeros = columns(folder, files, normalise="digits")
    assert words(zeros.load().splits["train"]) == ["@You0 B0B 0,000"]
    lowered = columns(folder, files, normalise="twitter_digits", lowercase=True)
    assert words(lowered.load().splits["train"]) == ["<USR> b0b 0,000"]


def test_a_class_a_file_has_ids_with_the_name_of_the_file(folder):
    (folder / "rt.neg").write_text("bad\nworse\n")
    (folder / "rt.pos.gz").write_bytes(gzip.compress(b"good\n"))
    files = {"train": ["rt.neg", "rt.pos"]}
    corpus = Dataset(
        name="rt", reader=ClassFiles(), path=str(folder), files=files, labels={"rt.neg": "n", "rt.pos": "p"}
    ).load()
    assert [(e.id, e.target) for e in corpus] == [
        ("train/rt.neg/0", "n"), ("train/rt.neg/1", "n"), ("train/rt.pos/0", "p"),
    ]  # fmt: skip


def test_own_ids_are_kept_and_must_be_unique(folder):
    (folder / "a.csv").write_text("id,text,label\nx,a,0\ny,b,1\n")
    dataset = Dataset(reader=Table(id_column="id"), path=str(folder), files={"train": "a.csv"})
    assert [example.id for example in dataset.load()] == ["x", "y"]
    (folder / "a.csv").write_text("id,text,label\nx,a,0\nx,b,1\n")
    with pytest.raises(InputError, match=r"a\.csv:3: 2 examples have the id 'x'.* dataset\.reader\.id_column="):
        dataset.load()


def test_files_may_be_named_from_the_working_directory(folder, monkeypatch):
    lines(folder, TWO)
    monkeypatch.chdir(folder)
    files = {"train": "train.txt", "validation": "", "test": str(folder / "test.txt")}
    assert list(Dataset(reader=LabelLines(), files=files).load().splits) == ["train", "test"]
    with pytest.raises(InputError, match=r"none\.txt: there is no such file"):
        Dataset(reader=LabelLines(), files={"train": "none.txt"}).load()
    with pytest.raises(InputError, match=r"^dataset\.path: name the file, such as dataset\.path=mine\.csv"):
        Dataset(reader=LabelLines(), files={"train": ""}).load()


def test_a_path_alone_names_the_file_of_all_examples(folder, monkeypatch):
    lines(folder, TWO)
    monkeypatch.chdir(folder)
    for path in ("train.txt", str(folder / "train.txt")):
        corpus = Dataset(reader=LabelLines(), path=path, files={"train": ""}).load()
        assert set(corpus.splits) == {"train"}
        assert all(example.id.startswith("all/") for example in corpus)
    with pytest.raises(InputError, match=r"none\.txt: there is no such file"):
        Dataset(reader=LabelLines(), path="none.txt").load()


def test_fractions_of_null_hold_out_nothing_of_a_single_file_unless_it_is_divided(folder):
    many = "".join(f"{n % 2} w{n}\n" for n in range(50))
    unset = {"test": None, "validation": None}
    whole = lines(folder, {"all.txt": many}, held_out=unset)
    assert {split: len(examples) for split, examples in whole.load().splits.items()} == {"train": 50}
    usual = lines(folder, {"all.txt": many}, held_out={"test": 0.2, "validation": 0.1}).load()
    assert whole.divided().load().splits == usual.splits
    none = lines(folder, {"all.txt": many}, held_out={"test": 0, "validation": 0}).load()
    assert set(none.splits) == {"train"}
    two = {"train.txt": many, "test.txt": "0 a\n1 b\n"}
    with_test = lines(folder, two, held_out=unset).load()
    assert with_test.splits == lines(folder, two, held_out={"test": 0.2, "validation": 0.1}).load().splits


def test_sets_are_found_in_the_data_folder_and_their_hashes_told(data_folder):
    (data_folder / "toy").mkdir()
    (data_folder / "toy" / "train.txt").write_text("0 a\n1 b\n")
    dataset = Dataset(reader=LabelLines(), folder="toy", files={"train": "train.txt"}, sha256={"train.txt": "0" * 64})
    assert len(dataset.load().splits["train"]) == 2
    (status,) = dataset.status()
    assert (status.where, status.ok) == ("data", False)
    assert dataset.status(verify=False)[0].ok is None


def test_the_file_of_a_package_must_be_the_one_known():
    settings = {"files": {"train": "v"}, "package": "numpy:numpy/version.py", "sha256": {"v": "0" * 64}}
    with pytest.raises(InputError, match="another sha256"):
        Dataset(reader=LabelLines(), **settings).load()


@pytest.mark.parametrize(
    "settings",
    [
        {"task": "parsing"},
        {"task": "tagging"},
        {"tokenizer": "bpe"},
        {"normalise": "all"},
        {"unpack": "rar"},
        {"max_tokens": 0},
        {"reader": None},
        {"files": {"dev": "x"}},
        {"held_out": {"train": 0.5}},
        {"held_out": {"test": 1.5}},
        {"split_seed": -1},
    ],
)
def test_settings_that_cannot_be_are_refused_with_their_key(settings):
    with pytest.raises(InputError, match=rf"^dataset\.{next(iter(settings))}"):
        Dataset(**{"reader": LabelLines(), **settings})


@pytest.mark.parametrize(("keep", "left"), [("first", ("a", "b")), ("last", ("c", "d"))])
def test_a_long_example_keeps_its_first_or_last_tokens_with_their_tags(folder, keep, left):
    text = "a O\nb B-x\nc B-y\nd O\n\ne O\n"
    corpus = columns(folder, {"train.txt": text}, max_tokens=2, keep_tokens=keep).load()
    long, short = corpus.splits["train"]
    assert (long.tokens, short.tokens) == (left, ("e",))
    assert long.target == (("O", "B-x") if keep == "first" else ("B-y", "O"))
    assert corpus.counts["cut"] == 1


def test_an_entity_that_lost_its_beginning_is_an_entity_still(folder):
    text = "a O\nb B-x\nc I-x\nd I-x\n\ne O\n"
    corpus = columns(folder, {"train.txt": text}, max_tokens=2, keep_tokens="last").load()
    assert corpus.splits["train"][0].target == ("B-x", "I-x")


def test_a_hash_of_a_file_that_is_nowhere_else_is_of_the_users_own_file(folder):
    lines(folder, TWO)
    own = {"train.txt": file_sha256(folder / "train.txt")}
    assert lines(folder, TWO, sha256=own).load()
    with pytest.raises(InputError, match=r"train\.txt: not the file that this config knows \(another sha256\)"):
        lines(folder, TWO, sha256={"train.txt": "0" * 64}).load()
    assert lines(folder, TWO, sha256={"train.txt": "0" * 64}, url="http://nowhere/").load()
