"""The settings of ELMo: what is refused, what is found where, and what a model's digest depends on."""

import dataclasses
import json

import pytest
from tests.bench.bilm_files import write_bilm

from seedbed.data.corpus import Example
from seedbed.embeddings.checks import check_lengths
from seedbed.embeddings.elmo import Elmo
from seedbed.errors import InputError

OPTIONS = {
    "char_cnn": {
        "activation": "relu", "embedding": {"dim": 4}, "filters": [[1, 4], [2, 4]], "max_characters_per_token": 50,
        "n_characters": 262, "n_highway": 1,
    },
    "lstm": {
        "use_skip_connections": True, "projection_dim": 8, "cell_clip": 3, "proj_clip": 3, "dim": 16, "n_layers": 2,
    },
}  # fmt: skip


@pytest.fixture
def files(tmp_path):
    (tmp_path / "options.json").write_text(json.dumps(OPTIONS), encoding="utf-8")
    write_bilm(tmp_path, OPTIONS)
    return {key: str(tmp_path / name) for key, name in (("options", "options.json"), ("weights", "weights.hdf5"))}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"source": "torch"}, r"embedding\.source=torch: must be one of bilm, hub"),
        ({"mix": "layers"}, r"embedding\.mix=layers: must be one of layer0, layer1, layer2, average, learned"),
        ({"mix_l2": -1.0}, r"embedding\.mix_l2=-1\.0: must be at least 0"),
        ({"mix_l2": 0.1, "mix": "average"}, r"embedding\.mix_l2=0\.1: applies only to mix=learned"),
        ({"precision": "float16"}, r"embedding\.precision=float16: must be one of"),
        ({"state": "stale"}, r"embedding\.state=stale: must be one of fresh, carried"),
        ({"max_tokens": 0}, r"embedding\.max_tokens=0"),
        ({"cache_gb": 0.0}, r"embedding\.cache_gb=0\.0: must be above 0"),
        ({"token_embeddings": "x.hdf5"}, r"embedding\.vocabulary: is missing; it goes with embedding\.token_emb"),
        ({"token_embeddings": "x.hdf5", "vocabulary": "x.txt", "source": "hub"}, r"token_embeddings: of source=bilm"),
        ({"precision": "bfloat16", "source": "hub"}, r"embedding\.precision=bfloat16: of source=bilm"),
    ],
)
def test_a_setting_without_a_meaning_is_refused(settings, said):
    with pytest.raises(InputError, match=said):
        Elmo(**settings)


def test_a_model_without_files_is_refused_by_name(files):
    with pytest.raises(InputError, match=r"embedding\.options: name the file"):
        Elmo().files()
    with pytest.raises(InputError, match=r"nowhere\.hdf5: there is no such file"):
        Elmo(options=files["options"], weights="nowhere.hdf5").files()


def test_without_a_folder_urls_of_other_places_are_other_files(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEDBED_DATA", str(tmp_path))
    for place in ("a.org-m", "b.org-m"):
        (tmp_path / "elmo" / place).mkdir(parents=True)
        for name in ("options.json", "weights.hdf5"):
            (tmp_path / "elmo" / place / name).write_bytes(place.encode())
    for place in ("a.org", "b.org"):
        found = Elmo(options=f"https://{place}/m/options.json", weights=f"https://{place}/m/weights.hdf5").files()
        assert {path.read_text() for path in found.values()} == {f"{place}-m"}


def test_files_inside_a_package_are_found_where_it_is_installed(files, tmp_path, monkeypatch):
    (tmp_path / "models_of_mine" / "deep").mkdir(parents=True)
    for name in ("options.json", "weights.hdf5"):
        (tmp_path / "models_of_mine" / "deep" / name).write_bytes((tmp_path / name).read_bytes())
    monkeypatch.syspath_prepend(tmp_path)
    place = "package:models_of_mine/deep"
    model = Elmo(options=f"{place}/options.json", weights=f"{place}/weights.hdf5")
    assert model.files()["weights"] == tmp_path / "models_of_mine/deep/weights.hdf5"
    assert model.digest() == Elmo(**files).digest()
    assert model.name_of_model() == "deep/weights"
    with pytest.raises(InputError, match=r"weights\.hdf5: not the file of embedding\.weights_sha256=00"):
        dataclasses.replace(model, weights_sha256="00").files()
    with pytest.raises(InputError, match=r"package:models_of_mine/deep/other\.hdf5: there is no such file in "):
        dataclasses.replace(model, weights=f"{place}/other.hdf5").files()
    with pytest.raises(InputError, match=r"package:nobodys/weights\.hdf5: there is no package nobodys"):
        dataclasses.replace(model, weights="package:nobodys/weights.hdf5").files()


def test_a_file_that_is_not_the_one_of_its_sha256_is_refused(files):
    with pytest.raises(InputError, match=r"weights\.hdf5: not the file of embedding\.weights_sha256=00"):
        Elmo(**files, weights_sha256="00").files()


def test_the_digest_is_of_the_files_and_the_precision_and_of_no_mix(files, tmp_path):
    elmo = Elmo(**files)
    assert elmo.digest() == dataclasses.replace(elmo, mix="layer1", cache=False, folder="x", max_tokens=7).digest()
    assert elmo.digest() != dataclasses.replace(elmo, precision="bfloat16").digest()
    moved = tmp_path / "moved.hdf5"
    moved.write_bytes((tmp_path / "weights.hdf5").read_bytes())
    assert elmo.digest() == dataclasses.replace(elmo, weights=str(moved)).digest()
    moved.write_bytes(b"other weights")
    assert elmo.digest() != dataclasses.replace(elmo, weights=str(moved)).digest()
    assert elmo.content() == {"model": elmo.digest()}


def test_the_digest_of_a_hub_module_is_of_its_files_and_the_signature(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01")
    module = Elmo(source="hub", handle=str(tmp_path), trust=True)
    assert module.digest() == dataclasses.replace(module, mix="layer1", precision="auto").digest()
    assert module.digest() != dataclasses.replace(module, signature="default").digest()
    before = module.digest()
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x02")
    assert module.digest() != before


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"weights": "https://there.org/a/weights.hdf5", "folder": "elmo/small"}, "elmo/small"),
        ({"weights": "https://there.org/a/weights.hdf5?download=1"}, "a/weights"),
        ({"weights": "/home/me/pt/weights.hdf5", "folder": "elmo/small"}, "pt/weights"),
        ({"weights": "weights.hdf5", "folder": "elmo/small"}, "weights"),
        ({"source": "hub", "handle": "https://tfhub.dev/google/elmo/3", "folder": "elmo/small"}, "google/elmo/3"),
    ],
)
def test_a_file_of_ones_own_does_not_go_by_the_name_of_another_model(settings, name):
    assert Elmo(**settings).name_of_model() == name


def test_a_layer_that_the_model_lacks_is_refused_before_the_model_is_opened(files, tmp_path):
    assert Elmo(**files, mix="layer2").content() == Elmo(**files).content()
    with pytest.raises(InputError, match=r"embedding\.mix=layer3: the model has layers 0 to 2"):
        Elmo(**files, mix="layer3").content()
    with pytest.raises(InputError, match=r"embedding\.mix=layer3: the model has layers 0 to 2"):
        Elmo(source="hub", handle=str(tmp_path), mix="layer3").content()


def test_a_carried_state_has_no_place_in_a_study(files):
    with pytest.raises(InputError, match=r"embedding\.state=carried: .*`seedbed embed"):
        Elmo(**files, state="carried").content()


def test_words_that_are_cut_are_counted_in_each_replicate_whatever_the_cache_holds(files):
    examples = [Example("a/0", ("one", "é" * 30), "x"), Example("a/1", ("x" * 48, "x" * 49, "y" * 60), "x")]
    assert Elmo(**files)._counts(examples, [{"train": [0], "test": [1]}]) == [{"embedding/cut_words": 3}]
    assert Elmo(**files)._counts(examples[1:], [{"train": []}]) == [{}]


def test_a_text_over_the_limit_is_refused_with_both_numbers(files):
    examples = [Example("a/0", ("one",), "x"), Example("a/1", ("one",) * 8, "x")]
    with pytest.raises(InputError, match=r"; 2 texts are too long, up to 9 tokens; raise it"):
        check_lengths(7, [("a", 8), ("b", 7), ("c", 9)])
    with pytest.raises(InputError, match=r"a/1: 8 tokens, and embedding\.max_tokens=7; raise it"):
        Elmo(**files, max_tokens=7).features(examples, [{"train": [0, 1]}], [0])
