"""Files of tagged sentences without blank lines, and in two schemes."""

import pytest

from seedbed.lint.tagged_files import schemes_mixed, sentences_undivided

IOB2 = "Ana{n} B-PER\nLee I-PER\nsaw O\nOslo B-LOC\n"
BIOES = "Ana{n} S-PER\nLee E-PER\nsaw O\nOslo S-LOC\n"
FEWSHOT = ["dataset=conll", "sampling=fewshot", "sizes=[4]", "replicates=2", "lint=off"]


@pytest.fixture
def file(tmp_path):
    """Writes a file of sentences, divided by blank lines or not, and returns its path."""

    def made(name, text, number, between="\n"):
        (tmp_path / name).write_text(between.join(text.format(n=n) for n in range(number)), encoding="utf-8")
        return str(tmp_path / name)

    return made


def test_a_file_without_a_blank_line_is_one_sentence(linted, file):
    train = file("train.conll", IOB2, 20)
    looked = linted(*FEWSHOT, f"dataset.files.train={train}", f"dataset.files.test={file('one.conll', IOB2, 20, '')}")
    assert looked.text("sentences-undivided") == (
        "conll: a file has no blank line, and is read as one sentence, of up to 80 tokens"
    )
    divided = linted(*FEWSHOT, f"dataset.files.train={train}", f"dataset.files.test={file('more.conll', IOB2, 20)}")
    assert "sentences-undivided" not in divided.rules


def test_sentences_of_two_schemes_are_reported_with_the_numbers(linted, file, tmp_path):
    file("train.conll", IOB2, 10)
    with (tmp_path / "train.conll").open("a", encoding="utf-8") as train:
        train.write("\n" + "\n".join(BIOES.format(n=n) for n in range(10)))
    looked = linted(*FEWSHOT, f"dataset.files.train={tmp_path / 'train.conll'}")
    assert looked.text("schemes-mixed") == (
        "conll: read as BIOES, 20 of 50 entities lack their end and 10 their beginning: are some sentences in another "
        "scheme, such as IOB2?"
    )


@pytest.mark.parametrize(("lacking", "found"), [(0, False), (1, False), (2, True)])
def test_a_few_ends_that_annotators_forgot_are_no_other_scheme(drawn, lacking, found):
    tags = ("B-PER", "O")
    data = drawn({"train": [(f"Ana{n} saw", tags) for n in range(40)]}, tagging=True,
                 counts={"entities_that_lack_their_end": lacking})  # fmt: skip
    assert bool(list(schemes_mixed(data))) == found
    assert not list(sentences_undivided(data))
