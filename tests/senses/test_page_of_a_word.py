"""The picture, the page and the tables of a word."""

import csv
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from seedbed.senses.exploration import StaticNeighbors
from seedbed.senses.page import render_page
from seedbed.senses.picture import senses_picture
from seedbed.senses.tables import neighbours_csv, points_csv
from seedbed.senses.terminal import print_exploration
from seedbed.senses.write import write_exploration

NASTY = "<script>alert('x')</script>"
words = st.text(st.characters(exclude_categories=["Cs", "Z", "Cc"]), min_size=1, max_size=20)


class Seen(HTMLParser):
    """Tags, attributes and texts of a page as a browser takes them."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.texts = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture
def nasty(explored):
    static = StaticNeighbors(NASTY, {NASTY: [(NASTY, 0.5)]})
    return explored(
        [(NASTY, f"{NASTY} work \"&amp; </style>"), ("b", f"work {NASTY} {{{{7*7}}}}"), ("b", "work ${x}")],
        static=static, word=NASTY, source=NASTY, model=NASTY, extra_notes=(NASTY,),
    )  # fmt: skip


def test_text_from_data_is_text(nasty):
    page = render_page(nasty, {NASTY: NASTY})
    seen = Seen(page)
    assert seen.tags.count("script") == 1
    assert page.count("alert(") == page.count("alert(&#39;x&#39;)")
    assert "49" not in "".join(seen.texts).replace("0.49", "")
    assert NASTY in "".join(seen.texts)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words, words)
def test_whatever_the_words_the_page_has_the_same_elements(explored, word, sense):
    plain = Seen(render_page(explored([("a", "x work"), ("b", "work y"), ("b", "work work")]), {}))
    pairs = [(sense, f"{word} work"), ("b" + sense, f"work {word}"), ("b" + sense, "work work")]
    seen = Seen(render_page(explored(pairs), {}))
    kept = [[tag for tag in one.tags if tag not in ("text", "path")] for one in (plain, seen)]
    assert kept[0] == kept[1]
    assert all(not name.startswith("on") for name, _ in seen.attributes)


def test_the_page_needs_nothing_from_elsewhere(document):
    page = render_page(document, {})
    links = [value for name, value in Seen(page).attributes if name in ("src", "href", "xlink:href")]
    assert all(link.startswith("#") or link == "data:," for link in links)
    assert "default-src 'none'" in page
    assert "@import" not in page
    assert not re.findall(r"url\(", page)


def test_every_point_is_there_in_every_panel_and_one_of_each_can_be_tabbed_to(document):
    attributes = Seen(render_page(document, {})).attributes
    numbers = [value for name, value in attributes if name == "data-number"]
    assert numbers == [str(n) for n in (1, 2, 3, 4, 5)] * 4  # three panels, and the table
    assert [value for name, value in attributes if name == "tabindex"].count("-1") == 3 * 4
    ids = [value for name, value in attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {value[1:] for name, value in attributes if name == "href" and value.startswith("#")} <= set(ids)


def test_static_neighbours_stand_on_the_page(explored):
    static = StaticNeighbors("glove", {"work": [("job", 0.91)]})
    page = render_page(explored([("", "work a"), ("", "work b")], static=static), {})
    texts = " ".join(" ".join(Seen(page).texts).split())
    assert "Nearest words in glove, whatever the context work job 0.91" in texts


def test_the_same_exploration_gives_the_same_bytes(document, tmp_path):
    first = [path.read_bytes() for path in write_exploration(document, tmp_path / "a", {})]
    second = [path.read_bytes() for path in write_exploration(document, tmp_path / "b", {})]
    assert first == second
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [
        "neighbours.csv", "points.csv", "senses.html", "senses.png", "senses.svg",
    ]  # fmt: skip


def test_the_picture_has_a_panel_a_layer_and_the_snippets(document):
    svg = senses_picture(document).svg.decode()
    for text in ("Layer 0: token alone, silhouette", "equal tokens have equal vectors", "Layer 1, silhouette",
                 "Layer 2, silhouette", "object made", "work × 3",
                 "My sister likes working at Google"):  # fmt: skip
        assert text in svg
    assert "<dc:date>" not in svg


def test_names_are_never_formulas(explored):
    found = explored([("$x^2", "work $a_b$ c"), ("b", "work d"), ("b", "work \\frac")])
    assert "$a_b$" in senses_picture(found).svg.decode()


def test_many_senses_and_many_points_are_drawn(explored):
    found = explored([(f"sense number {n % 12}", f"work n{n}") for n in range(100)])
    picture = senses_picture(found)
    assert picture.svg.decode().count("sense number") >= 12
    assert len(found.groups) == 12


def test_the_tables_hold_what_was_computed(document):
    rows = list(csv.DictReader(io.StringIO(points_csv(document).decode())))
    assert [row["form"] for row in rows] == ["work", "works", "working", "work", "work"]
    for row, (x, y) in zip(rows, document.layers[2].plane.points.tolist(), strict=True):
        assert float(row["layer_2_x"]) == pytest.approx(x, rel=1e-5)
        assert float(row["layer_2_y"]) == pytest.approx(y, rel=1e-5)
    near = list(csv.DictReader(io.StringIO(neighbours_csv(document).decode())))
    assert len(near) == 2 * 5 * 3
    first = document.layers[1].nearest[0][0]
    assert (near[0]["vectors"], near[0]["of"], near[0]["number"]) == ("layer 1", "1", str(first.number + 1))
    assert float(near[0]["cosine"]) == pytest.approx(first.cosine, abs=1e-6)


def test_the_terminal_says_layers_contexts_and_notes(nasty):
    out = io.StringIO()
    print_exploration(nasty, Console(file=out, width=80, force_terminal=False))
    told = out.getvalue()
    assert "0 (token alone)" in told
    assert f"work {NASTY}" in told
    assert "! " in told
    assert "[b]" in told


def test_page_and_picture_have_their_panels_in_one_order(document):
    titles = [f"Layer {n}" for n in (0, 1, 2)]
    for text in (render_page(document, {}).split("<figure>", 1)[1], senses_picture(document).svg.decode()):
        places = [text.index(title) for title in titles]
        assert places == sorted(places)


def test_many_points_are_said_to_have_no_labels(document, explored):
    told = "Too many points for labels: senses.html has their sentences."
    many = explored([("", f"work n{n}") for n in range(30)])
    assert told in senses_picture(many).svg.decode()
    assert told not in senses_picture(document).svg.decode()


def shown(exploration):
    out = io.StringIO()
    print_exploration(exploration, Console(file=out, width=100, force_terminal=False))
    page = " ".join(" ".join(Seen(render_page(exploration, {})).texts).split())
    return out.getvalue(), page


def test_equal_vectors_have_no_shares_and_senses_a_silhouette(explored):
    for told in shown(explored([("a", "the work"), ("b", "a work"), ("b", "one work")])):
        assert "all equal" in told
        assert "variance on axis 1" in told
        assert "silhouette" in told


def test_without_senses_there_is_no_column_for_them(explored, document):
    told, page = shown(explored([("", "the work"), ("", "a work")]))
    assert "silhouette" not in told.partition("!")[0]
    assert "silhouette of the senses" not in page
    assert "silhouette of the senses" in shown(document)[1]


def test_cosines_that_are_nearly_1_are_told_from_1(document):
    layer = document.layers[1]
    near = tuple(tuple(one._replace(cosine=0.9999) for one in own) for own in layer.nearest)
    close = replace(document, layers=(document.layers[0], replace(layer, nearest=near)))
    for told in shown(close):
        assert "0.99990" in told
        assert "1.000" not in told
