from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.data.notations import detect_notation
from seedbed.data.tag_settings import SCHEMES, TagSettings
from seedbed.data.tags import TagError, from_spans, spans
from seedbed.errors import InputError

FAMILIES = {
    "IOB2": "BIII",
    "IOB1": "BIII",
    "IOE": "IIEE",
    "BILOU": "BILU",
    "BIOES": "BIES",
    "BMES": "BMES",
    "BMEWO": "BMEW",
}
SETTING = {"IOB2": "iob2", "IOB1": "iob1", "IOE": "ioe"}
WORDS = {"B": "begin", "I": "inside", "M": "middle", "E": "end", "L": "last", "S": "single", "U": "unit", "W": "whole"}
TYPES = ("per", "geo-loc", "Time_of", "I-x")
SURE = [("per", 0, 3), ("per", 3, 4), ("per", 6, 8)]
"""Entities that show the notation: a type with several prefixes, also in IOB1."""


def letters(entities, length, scheme):
    """The letter and type of each token, straight from the scheme's definition; IOE is IOE2."""
    tags = [None] * length
    begin, inside, last, single = FAMILIES[scheme]
    for number, (kind, first, end) in enumerate(entities):
        prefixes = [begin, *[inside] * (end - first - 2), last][: end - first] if end - first > 1 else [single]
        if scheme == "IOB2":
            prefixes[0] = "B"
        if scheme == "IOB1":
            touches = number and entities[number - 1][0] == kind and entities[number - 1][2] == first
            prefixes = ["B" if touches else "I", *prefixes[1:]]
        tags[first:end] = [(letter, kind) for letter in prefixes]
    return tags


@st.composite
def sentences(draw, types=TYPES):
    """Sentences as entities and lengths, the first of which shows the notation."""
    samples = [(SURE, 9)]
    for _ in range(draw(st.integers(0, 4))):
        length = draw(st.integers(1, 8))
        entities, at = [], 0
        while at < length:
            end = draw(st.integers(at, length))
            if end > at:
                entities.append((draw(st.sampled_from(types)), at, end))
            at = max(end, at + 1)
        samples.append((entities, length))
    return samples


def written(samples, scheme, mark):
    """The tags of all sentences; ``mark`` makes one of a letter and a type, or of none."""
    return [tuple(mark(*(pair or (None, None))) for pair in letters(*sentence, scheme)) for sentence in samples]


def read(tags, **settings):
    notation = detect_notation(tags, TagSettings(**settings))
    return [notation.spans(row_tags) for row_tags in tags]


SEPARATORS = ("-", "_", ":", "/", ".", "|", "::", "–")
NAMES = ("O", "o", "OTHER", "Other", "_", "-", "NONE", "0")


@given(
    sentences(), st.sampled_from(sorted(FAMILIES)), st.sampled_from(SEPARATORS), st.booleans(), st.booleans(),
    st.booleans(), st.sampled_from(NAMES),
)  # fmt: skip
def test_every_notation_of_types_is_found_out(samples, scheme, separator, suffix, lower, words, outside):
    words = words and scheme != "IOB1"  # I alone as a word may be a type

    def mark(letter, kind):
        if letter is None:
            return outside
        parts = [WORDS[letter] if words else letter, kind]
        tag = separator.join(reversed(parts) if suffix else parts)
        return tag.lower() if lower else tag

    expected = [[(kind.lower() if lower else kind, *where) for kind, *where in entities] for entities, _ in samples]
    tags = written(samples, scheme, mark)
    assert read(tags) == expected
    settings = {
        "scheme": SETTING.get(scheme, "bilou"),
        "tag_separator": separator,
        "tag_suffix": suffix,
        "outside": outside,
    }
    assert read(tags, **settings) == expected


@given(
    sentences(), st.sampled_from(sorted({*FAMILIES} - {"IOB1"})), st.booleans(), st.sampled_from(NAMES), st.booleans()
)
def test_every_notation_without_types_is_found_out(samples, scheme, lower, outside, joint):
    def mark(letter, kind):
        tag = outside if letter is None else f"{letter}-" if joint else letter
        return tag.lower() if lower else tag

    samples = [([("x", *where) for _, *where in entities], length) for entities, length in samples]
    tags = written(samples, scheme, mark)
    assert read(tags, untyped="x") == [entities for entities, _ in samples]
    assert read(tags) == [[("entity", *where) for _, *where in entities] for entities, _ in samples]


@given(sentences(), st.sampled_from(["(a*|*|*)|(a)", "(a*|*|*)|(a*)", "(a|-|a)|(a)"]))
def test_brackets_are_found_out(samples, forms):
    opens, inside, closes, single = forms.split("|")
    tags = []
    for entities, length in samples:
        row_tags = [inside] * length
        for kind, first, end in entities:
            row_tags[first], row_tags[end - 1] = opens.replace("a", kind), closes.replace("a", kind)
            if end - first == 1:
                row_tags[first] = single.replace("a", kind)
        tags.append(tuple(row_tags))
    assert read(tags) == read(tags, scheme="brackets") == [entities for entities, _ in samples]


@given(sentences(TYPES[:3]), st.sampled_from(["O", "OTHER"]))
def test_bare_tags_stay_names_of_types_and_touching_ones_are_one(samples, outside):
    samples.append(([], 30))  # what is outside is the most frequent
    tags = [tuple(tag[2:] or outside for tag in from_spans(*sample)) for sample in samples]
    for row_tags, (entities, _) in zip(read(tags), samples, strict=True):
        covered = {at for _, first, end in row_tags for at in range(first, end)}
        assert covered == {at for _, first, end in entities for at in range(first, end)}
        assert {kind for kind, _, _ in row_tags} == {kind for kind, _, _ in entities}


@pytest.mark.parametrize(
    ("tags", "shown"),
    [
        ("B-a I-a O B-a", "IOB2"),
        ("I-a I-a B-a", "IOB1"),
        ("I-a I-a I-a O I-b B-c", "IOB1"),  # more entities begin with I than with a needless B
        ("B-a O I-a B-b", "IOB2"),
        ("I-a O", "IO"),
        ("I-a E-a", "IOE"),
        ("O U-a", "BILOU"),
        ("O S-a", "BIOES"),
        ("B-a M-a E-a", "BMES, written B-a, M-a"),
        ("O a geo-loc", "bare"),
        ("B_a I_a OTHER", "IOB2, written B_a, I_a, outside OTHER"),
        ("* (a* *) *", "brackets, outside *"),
    ],
)
def test_what_was_understood_is_named(tags, shown):
    assert str(detect_notation([tags.split()], TagSettings())) == shown


@pytest.mark.parametrize(
    "tags",
    ["person geo-loc O", "NN VB DT . ''", "NOUN PUNCT X _ _", "B_cell T_cell O", "hepatitis-B O", "I I O", "no no yes",
     "start_time end_time city O", "S E B RD FF I", "e-mail person O", "s-bahn b-team x O", "PER other O O O",
     "type-I type-II O"],
)  # fmt: skip
def test_names_of_types_that_look_a_little_like_prefixes_stay_as_they_are(tags):
    row_tags = tags.split()
    notation = detect_notation([row_tags], TagSettings())
    assert notation.name == "bare"
    bare_tags = {tag for tag in row_tags if notation.meaning[tag] == ("I", tag)}
    assert bare_tags | {"O", "_"} >= set(row_tags)


@pytest.mark.parametrize(
    ("tags", "tag", "message"),
    [
        ("B-per X-per", "X-per", "begin with B-, I-; dataset.reader.outside names"),
        ("B-per per", "per", "did you mean B-per? tags of scheme iob2 are O or begin with B-, I-"),
        ("B_cell O", "B_cell", "dataset.reader.scheme=bare takes tags as they are"),
        ("X-PER O X-LOC", "X-PER", "begin with B-, I-"),
        ("O X-PER", "X-PER", "begin with B-, I-"),
        ("B-per I-per NEG NEG", "NEG", "dataset.reader.outside names the tag outside entities"),
        ("O B-per o", "o", "tags of scheme iob2 are O or"),
        ("B_PER I_PER misc O", "misc", "other tags are written like B_PER and I_PER"),
        ("B_cell O", "B_cell", "type cell with a prefix? dataset.reader.tag_separator=_"),
        ("B–cell O", "B–cell", "'dataset.reader.tag_separator=\"–\"'"),
        ("PER-B LOC-B O", "PER-B", "dataset.reader.tag_separator=- dataset.reader.tag_suffix=true"),
        ("BPER IPER O", "BPER", "dataset.reader.tag_separator=none"),
        ("PERB PERI O", "PERB", "dataset.reader.tag_separator=none dataset.reader.tag_suffix=true"),
        ("B I O X", "X", "written like B and I"),
        ("NER=B-PER NER=I-PER _ _", "NER=B-PER", "B and I stand inside the tags"),
        ("0 1 2 0", "1", "dataset.reader.tag_names="),
        ("(12 - 12) (3)", "(12", "dataset.reader.tag_column"),
        ("(a(b* * *) *)", "(a(b*", "one entity at a time"),
        ("B-ORG I-ORG|B-LOC I-ORG O", "I-ORG|B-LOC", "several tags of one token, as of nested or overlapping entities"),
        ("B-ORG,O I-ORG,B-LOC O,O O", "B-ORG,O", "only flat ones are read: keep one tag"),
        ("O|O B_a+S_b O", "O|O", "several tags of one token"),
    ],
)
def test_what_is_not_plain_is_refused_with_the_setting_to_type(tags, tag, message):
    row_tags = tags.split()
    with pytest.raises(TagError) as caught:
        detect_notation([row_tags], TagSettings()).spans(row_tags)
    assert f"unknown tag {tag!r}: " in str(caught.value)
    assert message in str(caught.value)
    assert row_tags[caught.value.token] == tag


@pytest.mark.parametrize(
    ("tags", "settings", "types"),
    [
        ("B-team person", {"scheme": "bare"}, {"B-team", "person"}),
        ("B_cell", {"tag_separator": "_"}, {"cell"}),
        ("B_cell", {"scheme": "bare"}, {"B_cell"}),
        ("B-a|B-b", {"scheme": "bare"}, {"B-a|B-b"}),
        ("hepatitis-B", {"tag_suffix": True}, {"hepatitis"}),
        ("BPER IPER", {"tag_separator": "none"}, {"PER"}),
        ("PERB PERI", {"tag_separator": "none", "tag_suffix": True}, {"PER"}),
        ("B-per NEG", {"outside": "NEG"}, {"per"}),
        ("per O NEG", {"outside": "NEG"}, {"per", "O"}),
        ("I I", {"untyped": "name"}, {"name"}),
        ("b i", {"scheme": "iob2"}, {"entity"}),
        ("B-a", {"scheme": "iob1"}, {"a"}),
        ("0 1", {"scheme": "bare"}, {"1"}),
    ],
)
def test_settings_decide(tags, settings, types):
    assert {kind for row_tags in read([tags.split()], **settings) for kind, _, _ in row_tags} == types


@pytest.mark.parametrize(
    ("tags", "settings"),
    [("B-a U-a", {"scheme": "iob2"}), ("B-a", {"scheme": "ioe"}), ("a", {"scheme": "brackets"}),
     ("B_a", {"tag_separator": ":"}), ("B-a", {"tag_suffix": True}), ("B-a", {"untyped": "x"}),
     ("OTHER B-a", {"outside": "O"})],
)  # fmt: skip
def test_tags_that_the_settings_do_not_allow_are_refused(tags, settings):
    with pytest.raises(TagError, match="unknown tag"):
        read([tags.split()], **settings)


@pytest.mark.parametrize(
    "settings", [{"scheme": "iob3"}, {"scheme": "bare", "tag_suffix": True}, {"untyped": "x", "tag_separator": "_"}]
)
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(InputError, match=r"^dataset\.reader\."):
        TagSettings(**settings)


def test_every_scheme_can_be_asked_for():
    for scheme in SCHEMES:
        assert replace(TagSettings(), scheme=scheme).scheme == scheme


SENTENCES = [["B-PER", "O", "O", "B-LOC", "I-LOC"], ["B-PER", "I-PER", "O", "B-LOC", "O"]] * 6


def rewritten(before, inside, close=""):
    marks = {"B-": before, "I-": inside}
    return [[tag if tag == "O" else f"{marks[tag[:2]]}{tag[2:]}{close}" for tag in tags] for tags in SENTENCES]


@pytest.mark.parametrize(
    ("before", "inside", "close"),
    [("BEGIN_", "IN_", ""), ("BEG-", "INS-", ""), ("Beginning:", "Inner:", ""), ("B(", "I(", ")"), ("B--", "I--", "")],
)
def test_words_brackets_and_double_separators_are_prefixes(before, inside, close):
    written = rewritten(before, inside, close)
    notation = detect_notation(written, TagSettings())
    assert [notation.spans(tags) for tags in written] == [spans(tags) for tags in SENTENCES]


@pytest.mark.parametrize(("before", "inside"), [("\uff22-", "\uff29-"), ("FOO-", "BAR-"), ("x_", "y_")])
def test_unknown_prefixes_of_which_one_only_continues_are_refused(before, inside):
    written = rewritten(before, inside)
    with pytest.raises(InputError, match=r"only ever follows .* or itself, as inside"):
        detect_notation(written, TagSettings()).spans(written[0])


def test_types_with_parts_that_begin_entities_stay_types():
    written = [["geo-loc", "O", "geo-per", "org-loc"], ["org-loc", "O", "geo-loc", "geo-loc"]] * 6
    assert detect_notation(written, TagSettings()).name == "bare"
