"""Words beyond ASCII: with their marks and joiners, and otherwise as they always were."""

import re
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seedbed.data import unicode_words
from seedbed.data.tokenization import tokenize


def reviews(text):
    return tokenize(text, "reviews")


WHOLE = {
    "Hindi": "यह फिल्म बहुत अच्छी है",
    "Hindi, initials": "बी.जे.पी. क़लम",
    "Bengali": "এই ছবিটি খারাপ ড়",
    "Tamil": "இந்த படம் மோசம்",
    "Sinhala": "ශ්‍රී ලංකා",
    "Malayalam": "അവന്‍ പറഞ്ഞു",
    "Kannada": "ಕಂಪ್ಯೂಟರ್‌ ಒಳ್ಳೆಯದು",
    "Thai": "หนังเรื่องนี้แย่ 0",
    "Lao": "ຮູບເງົານີ້ ດີ",
    "Khmer": "ភាពយន្តនេះ ល្អ",
    "Burmese": "ရုပ်ရှင် ကောင်းတယ်",
    "Tibetan": "བོད ་ སྐད",
    "Arabic, vowelled": "هٰذَا فِيلْمٌ سَيِّئٌ",
    "Arabic numbers": "٣٫٥ ١٬٠٠٠",
    "Persian": "نمی‌خواهم فیلم بد",
    "Hebrew, vowelled": "סֶרֶט גָּרוּעַ",
    "Hebrew, gershayim and geresh": "צה\"ל צה״ל ז'בוטינסקי ג׳ורג׳ פרופ' כהן",
    "Yoruba": "ẹ̀kọ́ s̩é o's̩e",
    "Vietnamese": unicodedata.normalize("NFC", "tiếng Việt không đẹp"),
    "Turkish in lower case": "İstanbul".lower(),
    "Georgian": "ქართული ენა",
    "Armenian": "ի՞նչ",
    "Catalan": "col·legi l'home",
    "Hawaiian, Uzbek": "Hawaiʻi oʻzbek",
    "tone letters": "ma˥˩ si˧˥",
    "soft hyphen, word joiner": "Donau\xaddampf l'\u2060home",
    "emoji": "👨‍👩‍👧 👍🏽 🏳️‍🌈 ❤️ ☝🏽",
    "flags and keycaps": "🇩🇪 🇫🇷 1️⃣ #️⃣ 10/10️⃣ 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
}


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_words_keep_their_marks_and_joiners(text):
    assert reviews(text) == text.split(" ")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("यह अच्छी है। (फिल्म)", "यह|अच्छी|है|।|(|फिल्म|)"),
        ('\'שלום\' "צה"ל".', '\'|שלום|\'|"|צה"ל|"|.'),
        ("שלום\u200f. point\xad. ", "שלום|\u200f|.|point|\xad|."),
        ("· Lame, ·Stupid 列夫·托尔斯泰", "·|Lame|,|·|Stupid|列夫|·|托尔斯泰"),
        ("I don’t think it’s ❤️it", "I|do|n't|think|it|'s|❤️|it"),
        ("🇩🇪🇫🇷🇮 😀😀", "🇩🇪|🇫🇷|🇮|😀|😀"),
        ("ល្អ\u200bណាស់ x\xa0y\u3000z", "ល្អ|ណាស់|x|y|z"),
    ],
)
def test_what_is_no_part_of_a_word_stands_alone(text, tokens):
    assert reviews(text) == tokens.split("|")


LETTERS = "abéøßжщλωकरতরதமලශනවหรนປຍកមကရབདكتبفیلمסרטაბẹọ한국中映"
MARKS = (
    "\u0301\u0323\u0329\u0308\u093f\u094d\u0902\u09be\u0bcd\u0e34\u0e48\u17d2\u1039\u0f72\u064e\u0651\u0670\u05b6\u05bc"
)
JOINERS = "\u200c\u200d\xad\u2060"


@st.composite
def words(draw):
    """A letter, and more letters, each with marks, or with a joiner before it."""
    word = draw(st.sampled_from(LETTERS))
    for _ in range(draw(st.integers(0, 5))):
        word += (
            draw(st.sampled_from(["", *MARKS]))
            + draw(st.sampled_from(["", "", "", *JOINERS]))
            + draw(st.sampled_from(LETTERS))
        )
    return unicodedata.normalize("NFC", word + draw(st.sampled_from(["", *MARKS])))


@given(
    st.lists(
        st.tuples(words(), st.sampled_from([" ", "  ", "\n", ", ", "! ", " (", ") ", "/", " & ", '" '])), max_size=6
    )
)
def test_words_of_any_script_come_back_as_they_were(pairs):
    text = "".join(word + between for word, between in pairs)
    assert [token for token in reviews(text) if not token.isascii() or token.isalnum()] == [word for word, _ in pairs]


ANY = st.text(
    st.sampled_from("abst'’.,!-1 ·\"<>_" + LETTERS + MARKS + JOINERS + "של🇩🇪👍🏽❤\ufe0f😀\u200b\xa0") | st.characters(),
    max_size=50,
)


@given(ANY)
def test_composed_and_decomposed_text_have_the_same_tokens(text):
    assert reviews(unicodedata.normalize("NFC", text)) == reviews(unicodedata.normalize("NFD", text))


@given(ANY)
def test_every_character_that_is_no_blank_is_in_one_token(text):
    text = re.sub("[‘’“”…´\x85\x91-\x97<]", "", text)  # those that are written otherwise
    assert "".join(reviews(text)) == re.sub(r"[\s\u200b]", "", unicodedata.normalize("NFC", text))


OLD = re.compile(
    r"\d+(?:[.,:/]\d+)+|(?:[^\W\d_]\.){2,}|[^\W_]+(?:[-'][^\W_]+)*|'(?:s|re|ve|ll|d|m)\b|\.{2,}|-{2,}|\S", re.IGNORECASE
)
"""What split words before marks were looked at."""


def as_before(text):
    text = re.sub(r"n't\b", r" \g<0>", text, flags=re.IGNORECASE)
    return OLD.findall(re.sub(r"'(?:s|re|ve|ll|d|m)\b", r" \g<0>", text, flags=re.IGNORECASE))


ASCII = st.text(st.sampled_from("nsdtmrvel'’.,-_:/019 \n\x1c\"") | st.characters(max_codepoint=127), max_size=50).map(
    lambda text: text.replace("<", "").replace("’", "'")
)


@given(ASCII)
def test_ascii_texts_have_the_tokens_that_they_always_had(text):
    assert reviews(text) == as_before(text)
    assert unicode_words._of_unicode().token.findall(text) == unicode_words.PLAIN.token.findall(text)


PLAIN_LETTERS = st.characters(
    categories=("Lu", "Ll", "Lt", "Lo", "Nd", "Nl", "No", "Zs", "Sc", "Pd", "Ps", "Pe", "Pi", "Pf"),
    exclude_characters="\u058a\u30a0",
)


@given(st.text(PLAIN_LETTERS | st.sampled_from("'-.,s1 \u2013é"), max_size=40))
def test_texts_without_marks_have_the_tokens_that_they_always_had(text):
    text = re.sub("[‘’“”]", "", unicodedata.normalize("NFC", text))
    assume(not any(unicodedata.category(letter)[0] == "M" for letter in text))
    assume(not re.search("[א-ת]['\"]", text))
    assert reviews(text) == as_before(text)


@given(st.text(st.sampled_from(sorted(set(map(chr, range(0x530))) - set("\xad\xb7\u0387"))), max_size=60))
def test_plain_texts_may_take_either_pattern(text):
    assume(unicode_words._PLAIN.fullmatch(text))
    for plain, full in zip(unicode_words.PLAIN, unicode_words._of_unicode(), strict=True):
        assert plain.findall(text) == full.findall(text)
