from seedbed.report.sections.context import sections_of


def test_mappings_lists_and_values_become_sections():
    context = {
        "comparison": "abc",
        "settings": {"a": {"b": [1, 2]}, "c": None},
        "notes": ["one"],
        "nothing": None,
        "no": {},
    }
    about, settings, notes = sections_of(context)
    assert [(name, value.text) for name, value in about.pairs] == [("Comparison", "abc")]
    assert [(name, value.text) for name, value in settings.pairs] == [("a.b", "1, 2"), ("c", "None")]
    assert (notes.title, [line.text for line in notes.lines]) == ("Notes", ["one"])


def test_an_address_is_a_link_only_on_the_web():
    (section,) = sections_of({"links": ["https://a.org/x", "javascript:alert(1)", "see https://a.org", "file:///etc"]})
    assert [line.address for line in section.lines] == ["https://a.org/x", "", "", ""]
