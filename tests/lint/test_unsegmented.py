"""Texts that have no spaces between words."""

from types import SimpleNamespace

import pytest

from seedbed.data.dataset import Dataset
from seedbed.data.readers import ClassFiles, JsonLines
from seedbed.lint.unsegmented import texts_unsegmented

UNSEGMENTED = {
    "Thai": "หนังเรื่องนี้แย่",
    "Lao": "ຮູບເງົານີ້ດີຫຼາຍທີ່ສຸດ",
    "Khmer": "ភាពយន្តនេះល្អណាស់ណាស់",
    "Burmese": "ဒီရုပ်ရှင်ကတော်တော်ကောင်းတယ်",
    "Japanese": "この映画は本当に面白かったです",
    "Chinese or Japanese": "这部电影非常好看",
}


@pytest.fixture
def looked(drawn):
    """What the rule says of some texts, read with these settings."""

    def made(*texts, tokenizer="reviews", reader=None, task="classification"):
        data = drawn({"train": [(text, "xy"[n % 2]) for n, text in enumerate(texts)]})
        settings = SimpleNamespace(tokenizer=tokenizer, reader=reader or ClassFiles(), task=task)
        settings.reads_texts = Dataset.reads_texts.fget(settings)
        vars(data.arms[0])["dataset"] = settings
        return list(texts_unsegmented(data))

    return made


@pytest.mark.parametrize("script", UNSEGMENTED)
@pytest.mark.parametrize("tokenizer", ["reviews", "spaces"])
def test_clauses_are_no_words(looked, script, tokenizer):
    (text,) = looked(f"{UNSEGMENTED[script]} .", f"{UNSEGMENTED[script]} 3 / 10", tokenizer=tokenizer)
    assert text == (
        f"mine: its {script} texts are not split into words, such as {UNSEGMENTED[script][:24]}; "
        'dataset.tokenizer=icu does it (pip install "seedbed[icu]")'
    )


@pytest.mark.parametrize(
    "text",
    [
        "หนัง เรื่อง นี้ แย่ มาก ที่ มหาวิทยาลัย",
        "这 部 电影 非常 好看 , 我 很 喜欢 陀思妥耶夫斯基 的 小说",
        "この 映画 は 本当に 面白かった です コンピューター インターネット",
        "ဒီ ရုပ်ရှင် ကောင်း တယ်",
        "이 영화는 정말 재미있었습니다",
        "यह फिल्म बहुत अच्छी है",
        "donaudampfschifffahrtsgesellschaft is a long word",
        "an English review of the film 千と千尋の神隠し by Miyazaki, which all the cinemas of our country had in 2003",
        "",
    ],
)
def test_words_are_words_also_where_one_is_long(looked, text):
    assert looked(text, text) == []


def test_tokens_that_are_given_are_left_alone(looked):
    text = UNSEGMENTED["Thai"]
    assert looked(text, tokenizer="icu") == []
    assert looked(text, task="tagging") == []
    assert looked(text, reader=JsonLines(tokens="tokens")) == []


def test_icu_splits_what_was_found(linted, tmp_path):
    pytest.importorskip("icu4py", reason="the extra icu is not installed")
    rows = [f"{UNSEGMENTED['Thai']} {n},{n % 2}" for n in range(24)]
    (tmp_path / "thai.csv").write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
    words = ["dataset=csv", f"dataset.files.train={tmp_path / 'thai.csv'}", "task=classification", "encoder=cnn"]
    assert "texts-unsegmented" in linted(*words, "embedding=random", "arm=mine").rules
    looked = linted(*words, "embedding=random", "arm=mine", "dataset.tokenizer=icu")
    assert "texts-unsegmented" not in looked.rules
