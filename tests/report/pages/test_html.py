import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.pages.html import TEMPLATES, picture_on_page, render_page, template
from seedbed.report.pictures.rendering import Picture
from seedbed.report.pictures.scores import pictures_of
from seedbed.report.sections.contents import contents
from seedbed.report.wording import sanitize

NASTY = "<script>alert('x')</script>\n\"&amp;, </style> ${x} {{ 7 * 7 }}"
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(lambda name: name.strip())


class Seen(HTMLParser):
    """Tags and texts of a page as a browser takes them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.texts.append(data)


def page_of(table, *, pictures=False, title="A study", **inputs):
    analysis = analyse(table, inputs=ReportInputs(**inputs))
    return render_page(analysis, contents(analysis), pictures_of(analysis) if pictures else [], title=title)


def test_the_answer_comes_before_everything_else(cells):
    page = page_of(cells(replicates=8), pictures=True)
    places = [
        page.index(text)
        for text in ("glove is clearly the best at 200 examples", ">ties</th>", "<figure>", "glove beats random by",
                     ">Pictures</h2>", ">Differences</h2>", ">All cells</h2>")
    ]  # fmt: skip
    assert places == sorted(places)


def test_second_opinions_are_folded_below_the_differences(cells):
    page = page_of(cells(replicates=8))
    places = [page.index(text) for text in ("p (Holm)", "<details><summary>Accuracy (%), second opinions", "BCa 95 %")]
    assert places == sorted(places)


def test_below_six_pairs_the_interval_has_its_level(cells):
    page = page_of(cells(("a", "b"), (50,), 5)).replace("\N{NO-BREAK SPACE}", " ")
    assert "93.75 % interval</th>" in page
    assert "no 95 % interval but a 93.75 % one" in page


def test_the_page_loads_nothing(cells):
    page = page_of(cells(types=("pos", "neg")), pictures=True, context={"links": {"run": "http://127.0.0.1:5000/#/1"}})
    seen = Seen(page)
    outside = [value for name, value in seen.attributes if name in ("src", "href", "xlink:href") and value]
    assert [value for value in outside if not value.startswith(("#", "data:"))] == ["http://127.0.0.1:5000/#/1"]
    assert "@import" not in page
    assert "default-src 'none'" in page
    assert not re.findall(r"url\((?!#)", page)


def test_every_picture_has_an_alt_text(cells):
    page = page_of(cells(), pictures=True)
    figures = re.findall(r"<figure>.*?</figure>", page, re.DOTALL)
    assert len(figures) == 5
    assert all(re.search(r'(aria-label|alt)="[^"]{20,}', figure) for figure in figures)


def test_ids_are_unique(cells):
    ids = [value for name, value in Seen(page_of(cells(), pictures=True)).attributes if name == "id"]
    assert len(ids) == len(set(ids))


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.lists(names, min_size=2, max_size=2, unique=True), names, names)
def test_names_from_data_are_escaped(cells, arms, name, note):
    table = cells(tuple(arms), (50,), 3, types=(name,)).assign(dataset=name, status=["failed", *["finished"] * 5])
    table["error"] = note
    seen = Seen(page_of(table, title=name, context={name: {note: name}, "notes": [note]}))
    plainest = Seen(page_of(cells(("a", "b"), (50,), 3, types=("c",)).assign(status=["failed", *["finished"] * 5]),
                            context={"x": {"y": "z"}, "notes": ["n"]}))  # fmt: skip
    assert sorted(tag for tag in seen.tags if tag != "a") == sorted(tag for tag in plainest.tags if tag != "a")
    texts = "".join(seen.texts)
    assert all(sanitize(arm, 60) in texts for arm in arms)
    assert sanitize(note, 300) in texts


def test_markup_in_names_is_shown_as_text(cells):
    page = page_of(cells((NASTY, "b"), types=(NASTY,)), pictures=True, title=NASTY, context={NASTY: {NASTY: NASTY}})
    assert Seen(page).tags.count("script") == 1
    assert "{{ 7 * 7 }}" in page.replace("&#39;", "'")
    assert "alert(&#39;x&#39;)" in page or "alert(&#x27;x&#x27;)" in page


def test_only_web_addresses_become_links(cells):
    context = {
        "links": {"good": "https://example.org/a?b=1", "bad": "javascript:alert(1)", "odd": "https://x.org/ onx="}
    }
    seen = Seen(page_of(cells(), context=context))
    links = [value for name, value in seen.attributes if name == "href" and value != "data:,"]
    assert [link for link in links if not link.startswith("#")] == ["https://example.org/a?b=1"]


def test_the_contents_link_to_every_section(cells):
    seen = Seen(page_of(cells(types=("pos",)), pictures=True, context={"notes": ["n"]}))
    ids = [value for name, value in seen.attributes if name == "id"]
    links = [value[1:] for name, value in seen.attributes if name == "href" and value.startswith("#")]
    headings = [value for name, value in seen.attributes if name == "aria-labelledby"]
    contents = [link for link in links if link in headings]
    assert contents == headings
    assert set(contents) <= set(ids)


def test_failed_and_missing_cells_are_listed_with_the_reason(cells):
    table = cells(("a", "b"), (50,), 6).assign(error="").drop(index=[11])
    table.loc[0, ["status", "error"]] = ["failed", "the loss became infinite"]
    page = page_of(table)
    assert "the loss became infinite" in page
    assert "10 of 12 cells finished" in page
    assert "no row in the table" in page


def test_scores_of_types_have_a_table_a_size(cells):
    page = page_of(cells(("a", "b"), (50, 200), 3, "tagging", ("person",)))
    section = page[page.index(">Scores by type</h2>") : page.index(">Other scores</h2>")]
    assert section.count("<table>") == 2 + 2  # F1 side by side, and folded all scores
    assert "person" in section


def test_settings_and_versions_are_shown(cells):
    page = page_of(cells(), context={"comparison": "abc", "settings": {"training": {"epochs": 20}}})
    assert "training.epochs" in page
    assert "abc" in page


@pytest.mark.parametrize("arms", [("only",), ("a", "b")])
def test_one_replicate_or_one_arm_has_a_page(cells, arms):
    page = page_of(cells(arms, (50,), 1), pictures=True)
    assert not re.findall(r"\bnan\b", " ".join(Seen(page).texts))


def test_a_table_without_finished_cells_has_a_page(cells):
    table = (
        cells(replicates=2).assign(status="failed").drop(columns=["test/accuracy", "test/macro_f1", "test/log_loss"])
    )
    assert "No finished cell has a score" in page_of(table, pictures=True)


@pytest.mark.slow
def test_a_thousand_cells_make_a_page_under_five_megabytes(cells):
    page = page_of(cells(tuple("abcde"), (50, 100, 200, 400, 800), 40), pictures=True)
    assert len(page.encode()) < 5_000_000


def test_a_wide_picture_scrolls_sideways_on_a_narrow_page_and_others_are_shrunk(cells):
    environment, made = template(TEMPLATES / "index.html.j2").environment, {}
    for name, inches in (("narrow", 5.2), ("wide", 7.0)):
        picture = Picture(name, f"the {name} one", "alt", b"png", b"<svg></svg>", inches=inches)
        page = environment.from_string('{% from "parts.html.j2" import figure %}{{ figure(picture) }}')
        made[name] = page.render(picture=picture_on_page(picture))
    assert 'class="scroll" tabindex="0" role="region" aria-label="the wide one"' in made["wide"]
    assert "Swipe or scroll the picture sideways" in made["wide"]
    assert 'class="scroll"' not in made["narrow"]
