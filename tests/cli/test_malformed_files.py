"""Malformed files on the command line: one line, exit code 2, nothing left behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fence.malformed import kinds

ARM = ["dataset=csv", "dataset.files.train=data.csv", "task=classification", "encoder=pool"]
SAMPLE = {
    "csv: 20,000 columns": ["data", "show", "csv", "dataset.files.train=data.csv"],
    "csv: a link to itself": ["data", "show", "csv", "dataset.files.train=data.csv"],
    "csv: a sparse file of 30 GB": ["data", "show", "csv", "dataset.files.train=data.csv"],
    "JSON lines: 70 levels": ["data", "show", "jsonl", "dataset.files.train=data.jsonl"],
    "table of results: 20,000 columns": ["report", "from=results.csv"],
    "table of results: a socket": ["report", "from=results.csv"],
    "senses: several tabs": ["explore", "word=work", "embedding=elmo_tiny", "senses=./s.tsv"],
}
OF_AN_ARM = {
    "GloVe text: a number that is not finite": ["embedding=glove", "embedding.path=v.txt", "embedding.dim=3"],
    "word2vec text: a header of 10^12 numbers": ["embedding=glove", "embedding.path=v.vec", "embedding.dim=3"],
    "fastText model: 2^31 buckets declared": [
        "embedding=fasttext_bin", "embedding.path=model.bin", "embedding.dim=3"],
    "ELMo options: 10^12 filters": [
        "embedding=elmo_own", "embedding.options=options.json", "embedding.weights=weights.hdf5"],
    "ELMo weights: a link into another file": [
        "embedding=elmo_own", "embedding.options=options.json", "embedding.weights=weights.hdf5"],
    "hub archive, tar: a path that leads out": [
        "embedding=elmo_own", "embedding.source=hub", "embedding.handle=m.tar.gz"],
    "vectors by id, npz: 10^15 rows declared": [
        "embedding=precomputed", "embedding.path=v.npz", "encoder=probe", "encoder.pooling=sentence"],
}  # fmt: skip
KINDS = {str(kind): kind for kind in kinds()}


@pytest.mark.parametrize("name", SAMPLE)
def test_it_is_one_line(refused, name):
    KINDS[name].make(KINDS[name].reader.write(Path.cwd()))
    line = refused(*SAMPLE[name])
    assert KINDS[name].reader.file in line
    assert len(line) < 500


@pytest.mark.parametrize("name", OF_AN_ARM)
def test_it_is_one_line_before_anything_is_trained(refused, name):
    KINDS[name].make(KINDS[name].reader.write(Path.cwd()))
    Path("data.csv").write_text("text,label\n" + "good film,pos\nbad film,neg\n" * 20, encoding="utf-8")
    line = refused("run", *ARM, *OF_AN_ARM[name], "arm=mine")
    assert KINDS[name].reader.file in line
    assert not Path("cache", "hub").exists()


def test_a_hub_module_that_is_not_trusted_is_named_as_a_program(refused):
    for name in ("saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"):
        path = Path("module", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(KINDS["hub module: empty"].reader.valid[f"module/{name}"])
    Path("s.txt").write_text("a b\n", encoding="utf-8")
    line = refused(
        "embed", "embedding=elmo_own", "embedding.source=hub", "embedding.handle=module", "input=s.txt", "output=o.npz"
    )
    assert "a SavedModel is a program" in line
    assert "set embedding.trust=true" in line


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON: it is empty"), (b'{"cells": [', "not JSON: "), (b"[1]", "it must be an object"),
        (b'{"cells": 1}', "cells must be a list, not 1"),
        (b'{"cells": [{"arm": "a"}]}', "the key cells.0.dataset is missing"),
        (b"[" * 100_000, "nested too deep"), (b"\xff", "is not UTF-8"),
    ],
)  # fmt: skip
def test_a_damaged_record_of_a_study_is_one_line(copied, content, said):
    [file] = Path("mlartifacts").rglob("study.json")
    assert json.loads(file.read_bytes())["cells"]
    file.write_bytes(content)
    for words in (["report"], ["report", "study=mine"]):
        result = copied(*words)
        assert result.code == 2, result
        [line] = [line for line in result.err.splitlines() if line.startswith("seedbed: ")]
        assert "study.json of run " in line
        assert said in line


@pytest.mark.slow
def test_a_report_leaves_out_damaged_times_and_floors_and_says_so(copied, trained):
    damaged = {}
    for name in ("times.json", "floor.csv", "cells.json"):
        [damaged[name]] = Path("mlartifacts").rglob(name)
        damaged[name].write_bytes(b'[{"a": ')
    for words in (["report"], ["report", "study=mine"]):
        result = copied(*words)
        assert result.code == 0, result
        said = [line for line in result.err.splitlines() if line.startswith("not used: ")]
        assert sum(line.startswith("not used: floor.csv of run ") for line in said) == 1
        assert sum(line.startswith("not used: times.json of run ") for line in said) == (words == ["report"])
    assert "cells.json of run " in copied("status").err
    again = copied(*trained.words)
    assert again.code == 0, again
    assert "not used: times.json of run " in again.err
    assert len(json.loads(damaged["cells.json"].read_bytes())) == 8
    assert damaged["floor.csv"].read_text(encoding="utf-8").startswith("dataset,")
    assert "8 finished" in copied("status", "mine").out


@pytest.mark.slow
def test_a_missing_record_of_a_study_is_named_and_the_same_comparison_writes_it(copied, trained):
    def own(said):
        return [line for line in said.err.splitlines() if "study.json" in line]

    assert own(copied("report", "study=mine")) == []
    [file] = Path("mlartifacts").rglob("study.json")
    run, cell = file.parts[-3], next(Path("mlartifacts").rglob("predictions.jsonl")).parts[-3]
    before = json.loads(file.read_bytes())["cells"]
    file.unlink()
    for words in (["report"], ["report", f"comparison={run}"]):
        result = copied(*words)
        assert result.code == 2
        assert own(result) == [
            f"seedbed: comparison={run}: study.json is missing among its files; the same `seedbed compare` again "
            "writes it anew, and trains nothing"
        ]
    result = copied("report", "study=mine")
    assert result.code == 0
    [line] = own(result)
    assert f"comparison {run}: study.json is missing" in line
    assert copied("report", f"comparison={cell}").err.endswith(f"comparison={cell}: is no comparison of seedbed\n")
    again = copied(*trained.words)
    assert "nothing is missing" in again.err
    assert json.loads(file.read_bytes())["cells"] == before


def test_a_working_directory_that_is_gone_is_one_line(tmp_path):
    (tmp_path / "gone").mkdir()
    program = "import os, sys; os.rmdir(os.getcwd()); from seedbed.cli.main import main; sys.exit(main(['show']))"
    path = os.pathsep.join(filter(None, [str(Path(__file__).parents[2] / "src"), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path / "gone", capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == 2
    assert (
        done.stderr
        == "seedbed: the working directory cannot be used: No such file or directory; cd into one that is there\n"
    )


def test_a_device_as_output_is_not_replaced(seedbed):
    Path("full.jsonl").symlink_to("/dev/full")
    Path("data.csv").write_text("text,label\n" + "good film,pos\nbad film,neg\n" * 20, encoding="utf-8")
    result = seedbed("data", "show", "csv", "dataset.files.train=data.csv", "--output", "full.jsonl")
    assert result.code == 2
    assert "full.jsonl: cannot be written: it is no regular file" in result.err
    assert Path("full.jsonl").is_symlink()


def test_standard_output_on_a_full_device_is_one_line():
    path = os.pathsep.join(filter(None, [str(Path(__file__).parents[2] / "src"), os.environ.get("PYTHONPATH")]))
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "seedbed", "show"], stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            env=os.environ | {"PYTHONPATH": path},
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "seedbed: stdout: cannot be written: No space left on device\n"
