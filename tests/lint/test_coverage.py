"""Vectors that have few of the words, and why."""

import unicodedata
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from seedbed.cells import Finding
from seedbed.data.readers import ClassFiles
from seedbed.embeddings.stack import Stack
from seedbed.embeddings.static import Static
from seedbed.lint.coverage import vectors_cover_little
from seedbed.lint.rules import with_findings
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs

RULE = "vectors-cover-little"
TEXTS = ("the film is very good", "a bad and dull movie", "good acting and music", "dull story with bad actors")


@pytest.fixture
def looked(drawn, tmp_path):
    """What the rule says of vectors of these words for these texts; None where it says nothing."""

    def check_vectors(words, texts=TEXTS, key="embedding", tokenizer="reviews", **settings):
        data = drawn({"train": [(f"{text} .", "xy"[n % 2]) for n, text in enumerate(texts)]})
        lines = [f"{word} {n} 1" for n, word in enumerate(dict.fromkeys((*words, ".")))]
        (tmp_path / "own.vec").write_text("\n".join(lines) + "\n", encoding="utf-8")
        static = Static(path=str(tmp_path / "own.vec"), dim=2, **settings)
        embedding = Stack({"own": static}) if "parts" in key else static
        dataset = SimpleNamespace(task="classification", reader=ClassFiles(), tokenizer=tokenizer, reads_texts=True)
        arm = SimpleNamespace(name="mine", embedding=embedding, dataset=dataset)
        findings = list(vectors_cover_little(replace(data, arms=(arm,))))
        return findings[0] if findings else None

    return check_vectors


def words_of(texts):
    return sorted({word for text in texts for word in text.split()})


WORDS = words_of(TEXTS)
ACCENTED = ("très géniale été", "comédie ratée hélas", "où êtes-vous né")
TURKISH = ("İYİ BİR FİLM", "ISLAK SIKICI")


def test_all_words_there_is_no_finding(looked):
    assert looked(WORDS) is None
    assert looked(WORDS, [text.upper() for text in TEXTS]) is None


def test_the_shares_the_file_the_arm_and_the_most_frequent_words_are_named(looked):
    assert looked(["zebra"]) == (
        "mine: in the drawn examples, 17 % of tokens and 6 % of words have a vector in own.vec (mine); "
        "without a vector: and, bad, dull, good, a"
    )


@pytest.mark.parametrize(
    ("words", "texts", "more", "why"),
    [
        ([word.upper() for word in WORDS], TEXTS, {},
         "100 % of them are in the file in capitals: set embedding.case=any"),
        ([word.title() for word in WORDS], TEXTS, {},
         "100 % of them are in the file with a capital letter: set embedding.case=any"),
        (WORDS, [text.upper() for text in TEXTS], {"case": "exact"},
         "100 % of them are in the file in lower case: set embedding.case=back_off"),
        ([f"/c/en/{word}" for word in WORDS], TEXTS, {},
         "100 % of them are in the file as /c/en/word: write the words of the file without it"),
        ([f"{word}_{pos}" for word in WORDS for pos in ("NOUN", "ADJ")], TEXTS, {}, "are in the file as word_"),
        ([f"b'{word}'" for word in WORDS], TEXTS, {}, "are in the file as b'word'"),
        ([f"Ġ{word}" for word in WORDS], TEXTS, {}, "are in the file as Ġword"),
        ([f"ENTITY/{word.title()}" for word in WORDS], TEXTS, {}, "are in the file as ENTITY/word"),
        ([f"x{n}" for n in range(30)] + WORDS, TEXTS, {"limit": 30},
         "they are in the file after the first 30 words (embedding.limit)"),
        (WORDS, [f'("{text}!")'.replace('"', "'") for text in ("film", "good", "bad")], {"tokenizer": "spaces"},
         "have punctuation attached: set dataset.tokenizer=reviews"),
        (WORDS, ("очень хороший фильм", "плохой скучный"), {},
         "they are in Cyrillic letters, and the words of the file in Latin letters"),
        (words_of(unicodedata.normalize("NFD", text) for text in ACCENTED), ACCENTED, {},
         "100 % of them are in the file in another normal form of Unicode"),
        (words_of(unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode() for text in ACCENTED), ACCENTED,
         {}, "100 % of them are in the file with other accents or marks, or none"),
        (["هذا", "فيلم", "سيئ"], ("هٰذَا فِيلْمٌ سَيِّئٌ",), {}, "are in the file with other accents or marks, or none"),
        ([word.encode().decode("latin-1") for word in words_of(ACCENTED)], ACCENTED, {},
         "are in the file in another encoding"),
        (words_of(ACCENTED), [text.encode().decode("latin-1") for text in ACCENTED], {"tokenizer": "spaces"},
         "were written with another encoding than they are read with: set dataset.reader.encoding"),
        ([word.replace("İ", "i").replace("I", "ı").lower() for word in words_of(TURKISH)], TURKISH, {},
         "are in the file in Turkish lower or upper case"),
        (["نمیخواهم", "فیلمها"], ("نمی‌خواهم فیلم‌ها",), {}, "have invisible characters inside"),
        (["l’été", "d’où"], ("l'été d'où",), {}, "are in the file with other apostrophes or quotes"),
        (["#", "####"], ("1 2 1999", "3 4 2005"), {}, "are in the file with one sign for digits or numbers"),
        (["电影"], ("这部电影非常好看", "非常糟糕的剧情"), {},
         "the texts are not split into words (texts-unsegmented)"),
        (words_of(TEXTS), ("der Film war nicht gut", "die schlechten Schauspieler"), {}, "without a vector: "),
    ],
)  # fmt: skip
def test_a_cause_that_shows_is_named_with_what_to_do(looked, words, texts, more, why):
    assert why in looked(words, texts, **more)


@pytest.mark.parametrize("change", [str.upper, str.title])
def test_the_setting_that_is_named_helps(looked, change):
    assert looked([change(word) for word in WORDS], case="any") is None


def test_a_cause_is_worth_a_finding_where_most_words_are_there(looked):
    texts = ("the film is very good and GREAT", "a bad and dull movie , REALLY", "good acting GREAT music and story")
    words = words_of([text.lower() for text in texts])
    assert "in lower case" in looked(words, texts, case="exact")
    assert looked([word for word in words if word not in ("great", "really")], texts, case="exact") is None


def test_a_part_of_a_stack_has_its_own_key(looked):
    words = [word.upper() for word in WORDS]
    assert "set embedding.parts.own.case=any" in looked(words, key="embedding.parts.own")


def test_a_file_that_several_arms_have_is_one_finding(linted, tmp_path):
    rows = [f"film {n},{n % 2}" for n in range(24)]
    (tmp_path / "t.csv").write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
    (tmp_path / "own.vec").write_text("x 1 2\n", encoding="utf-8")
    findings = linted(
        "dataset=csv", f"dataset.files.train={tmp_path / 't.csv'}", "task=classification", "embedding=fasttext",
        f"embedding.path={tmp_path / 'own.vec'}", "embedding.dim=2",
        "arms={pool: [encoder=pool], cnn: [encoder=cnn], trained: [encoder=cnn,embedding.trainable=true], "
        "wide: [encoder=cnn,encoder.filters=9]}",
    )  # fmt: skip
    assert "(pool, cnn and two more arms); without a vector: film" in findings.text(RULE)


def test_the_file_is_opened_once_however_many_spellings_are_tried(looked, monkeypatch):
    from seedbed.embeddings import vector_cache

    opened = []
    load = vector_cache.load
    monkeypatch.setattr(vector_cache, "load", lambda *arguments: opened.append(arguments) or load(*arguments))
    looked([word.upper() for word in WORDS])
    assert len(opened) == 1


def table(**columns):
    rows = [
        {"arm": "a", "n_train": 50, "replicate": r, "test/f1": 0.5 + r / 100, "status": "finished"} for r in range(3)
    ]
    return pd.DataFrame([row | {name: values[r] for name, values in columns.items()} for r, row in enumerate(rows)])


def findings(cells, *before):
    study = with_findings(analyse(cells, inputs=ReportInputs({}, findings=before)))
    return [finding.text for finding in study.inputs.findings if finding.rule == RULE]


def test_a_table_of_results_says_it_too():
    low = {"embedding/tokens_share": [0.1, 0.3, 0.2], "embedding/types_share": [0.05, 0.1, 0.03]}
    assert findings(table(**low)) == ["a: 20 % of tokens and 6 % of words in its draws have a vector"]
    part = {f"static/{name}": values for name, values in low.items()}
    assert findings(table(**part)) == ["a, part static: 20 % of tokens and 6 % of words in its draws have a vector"]
    assert findings(table(**{"embedding/tokens_share": low["embedding/tokens_share"]})) == [
        "a: 20 % of tokens in its draws have a vector"
    ]


def test_what_was_found_before_training_is_not_repeated():
    low = table(**{"embedding/tokens_share": [0.1] * 3, "embedding/types_share": [0.1] * 3})
    assert findings(low, Finding(RULE, "csv: 10 %")) == ["csv: 10 %"]


def test_a_table_with_enough_or_nothing_of_vectors_says_nothing():
    assert findings(table()) == []
    assert findings(table(**{"embedding/tokens_share": [0.9] * 3, "embedding/types_share": [0.5] * 3})) == []
    assert findings(table(**{"embedding/tokens_share": [np.nan] * 3, "embedding/types_share": [np.nan] * 3})) == []
