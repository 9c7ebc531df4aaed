"""Tables in a terminal of 80 columns, or another width: no line is longer, and no word is broken."""

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.report.analysis.analysis import analyse
from seedbed.report.pages.column_widths import cut_word, fit
from seedbed.report.pages.terminal import print_report

WORDS = st.text("abc_=.", min_size=1, max_size=30)
NAMES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)


@given(
    names=st.lists(NAMES, min_size=1, max_size=5), others=st.integers(0, 3), width=st.integers(60, 120),
)  # fmt: skip
def test_columns_fit_the_width_and_a_cell_has_its_own_words_or_both_ends_of_them(names, others, width):
    header = ["arm", "pairs", *(f"c{n}" for n in range(others)), "baseline"]
    rows = [[name, "8", *("12.3" for _ in range(others)), name] for name in names]
    fitted = fit(header, rows, width, ("pairs",))
    widths = {n: fitted.width.get(n, max(len(row[n]) for row in [header, *rows])) for n in fitted.shown}
    assert sum(widths.values()) + 2 * len(widths) <= width
    for row in rows:
        for n in fitted.shown:
            shown, words = fitted.text(n, row[n]).split(" "), row[n].split(" ")
            assert max(map(len, shown)) <= widths[n]
            for word, cut in zip(words, shown, strict=True):
                start, dots, end = cut.partition("...") if cut != word else (word, "", "")
                assert word.startswith(start)
                assert word.endswith(end)
                assert cut == word or (dots and len(cut) == widths[n])


def test_a_column_is_left_out_only_for_longer_names():
    short = [["a", "8", "b"]]
    assert fit(["arm", "pairs", "other"], short, 80, ("pairs",)).shown == (0, 1, 2)
    long = [["x" * 60, "8", "y" * 60]]
    assert fit(["arm", "pairs", "other"], long, 80, ("pairs",)).shown == (0, 2)


def test_a_long_word_keeps_both_ends():
    assert cut_word("static_elmo-bilstm-units=64", 15) == "static...its=64"
    assert cut_word("short", 15) == "short"


@settings(max_examples=5)
@given(names=st.lists(NAMES, min_size=2, max_size=4, unique=True))
def test_the_report_has_lines_of_at_most_80_characters_and_whole_words(names):
    import pandas as pd
    from rich.console import Console

    rows = [
        {"arm": name, "n_train": 50, "replicate": r, "test/accuracy": 0.5 + 0.01 * n + 0.001 * (r * (n + 1) % 5)}
        for n, name in enumerate(names)
        for r in range(8)
    ]
    for verbose in (False, True):
        file = io.StringIO()
        print_report(analyse(pd.DataFrame(rows)), Console(file=file, width=80), verbose)
        lines = file.getvalue().splitlines()
        assert max(map(len, lines)) <= 80
        assert verbose or len(lines) <= 30
        if all(len(word) <= 12 for name in names for word in name.split()):
            shown = " ".join(" ".join(lines).split())
            assert all(word in shown for name in names for word in name.split())
