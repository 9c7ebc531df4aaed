"""Overrides that Hydra cannot read: what is wrong, and what to type."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.config.compose import compose
from seedbed.config.hydra_grammar import shell_word
from seedbed.config.override_checks import refuse_unsupported
from seedbed.errors import InputError

TYPED = {
    "note=it's": """type "note=\\"it's\\"\"""",
    "note=a,b": """a list is note=[...], and `seedbed run -m` sweeps over them; one text is 'note="a,b"'""",
    "output=a,b": """one text is 'output="a,b"'""",
    "note=a=b": """cannot read 'note=a=b': write key=value; a text with = goes in quotes: type 'note="a=b"'""",
    "note=a#b": """a text with # goes in quotes: type 'note="a#b"'""",
    "note=what?!": """a text with ! goes in quotes: type 'note="what?!"'""",
    "note=(draft) 50%": """a text with ( ) goes in quotes: type 'note="(draft) 50%"'""",
    "note=a[1]": """a text with [ ] goes in quotes: type 'note="a[1]"'""",
    "note=[draft": """each bracket is closed, and within them a text with other signs than letters""",
    "note=café": """a text with é goes in quotes: type 'note="café"'""",
    "dataset.path=/tmp/my files (1), b": """type 'dataset.path="/tmp/my files (1), b"'""",
    "dataset.files.train=my file (1).csv": """type 'dataset.files.train="my file (1).csv"'""",
    "dataset.files.train=a,b.csv": """type 'dataset.files.train="a,b.csv"'""",
    "note=foo(1)": """a text with ( ) goes in quotes: type 'note="foo(1)"'""",
    "seed=range(a,b)": "cannot read 'seed=range(a,b)': mismatch type argument start",
    "seed=range(1,3)": "several values, which `seedbed run -m` sweeps over",
    "encoder.units = 3": "write key=value, with no blank before the =",
    "=": "cannot read '=': write key=value, with no blank before the =",
    "encoder.units:3": "cannot read 'encoder.units:3': write key=value",
    "sizes=[1,2": "cannot read 'sizes=[1,2': write key=value; each bracket is closed",
    "note=${nope}": "note (command line): Interpolation key 'nope' not found; a text with ${ in it is written \\${",
    "note=${oc.env:NO_SUCH_VARIABLE}": "the environment variable NO_SUCH_VARIABLE is not set; with a default it is ${",
    "note=${arm": "a text with { goes in quotes",
    "training.epochs=???": "training.epochs (command line): is ???, which stands for a value that must be set",
    "+experiment=quickstart": "+experiment=quickstart: write experiment=quickstart, without the plus",
    "++experiment=quickstart": "write experiment=quickstart, without the plus",
    "+encoder=cnn": "+encoder=cnn: write encoder=cnn, without the plus",
    "+name=x": "+name=x: write name=x, without the plus",
    "~experiment": "~experiment: leave it out",
    "experiment=null": "experiment=null: leave it out",
    "experiment=2024": """a name like a number goes in quotes: type 'experiment="2024"'""",
    "sweeps=learning_curve": "write +sweeps=learning_curve, with a plus",
    "dataset={path: x}": "dataset= takes one name; keys are set by dataset.KEY=VALUE",
    "hydra.run.dir=x": "hydra.run.dir=x: applies only to a sweep, `seedbed run -m`; results go into output=FOLDER",
    "hydra/launcher=joblib": "hydra/launcher=joblib: applies to `seedbed compare` and `seedbed run` only",
    "experiment=a,b": "several values; a list is experiment=[...], and `seedbed run -m` sweeps over them",
    f"experiment={'a' * 5_000}": "no file has a name of 5,000 characters",
    f"{'a' * 5_000}=1": "no key has 5,000 characters",
    f"note={'[' * 100_000}": "note: brackets nested too deep: more than 50 levels",
    f"dataset.labels={'{a: ' * 100_000}": "dataset.labels: brackets nested too deep",
    "note=\udcff": "note: has bytes that are not UTF-8",
}


@pytest.mark.parametrize("override", TYPED, ids=range(len(TYPED)))
def test_the_line_says_what_to_type(override):
    from hydra.core.global_hydra import GlobalHydra

    with pytest.raises(InputError) as refused:
        compose([override])
    assert TYPED[override] in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not GlobalHydra.instance().is_initialized()


@given(st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"), min_size=1))
def test_what_is_to_be_typed_arrives_as_the_text_that_was_meant(text):
    from hydra.core.override_parser.overrides_parser import OverridesParser

    [word] = shlex.split(shell_word("note", text))
    assert OverridesParser.create().parse_override(word).value() == text


def test_words_that_need_no_quotes_are_let_through():
    for word in (
        "note=50%",
        "note=a:b",
        "note=a b",
        "note=$x",
        "dataset.path=C:\\Users\\x",
        "note='a,b'",
        "sizes=[1,2]",
    ):
        refuse_unsupported(word)
    config = compose(["note=50% of a:b, 'or so'".replace(", 'or so'", ""), 'name="it\'s (1), a=b #2"'])
    assert (config.note, config.name) == ("50% of a:b", "it's (1), a=b #2")


def test_hydra_is_left_as_it_was_found_when_it_is_in_use():
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra

    from seedbed.config.conf_files import conf_dir

    with initialize_config_dir(version_base="1.3", config_dir=str(conf_dir())):
        before = GlobalHydra.instance().hydra
        assert compose([]).name == "study"
        with pytest.raises(InputError):
            compose(["encoder.unitss=3"])
        assert GlobalHydra.instance().hydra is before
    assert not GlobalHydra.instance().is_initialized()
