import subprocess
import sys

import pytest

HEAVY = {"pandas", "matplotlib", "scipy", "jinja2", "rich", "tensorflow", "keras", "mlflow", "hydra", "omegaconf"}
WRITING = """
import pathlib, sys, pandas
from seedbed.report.analysis.analysis import analyse
from seedbed.report.pages.write import write_report
table = pandas.DataFrame({"arm": ["a", "b"], "n_train": 5, "replicate": 0, "test/f1": [0.1, 0.2]})
write_report(analyse(table), pathlib.Path(sys.argv[1]), title="A study")
"""


def loaded_by(program: str, folder) -> set[str]:
    program += "\nimport sys\nprint(*{name.partition('.')[0] for name in sys.modules})"
    found = subprocess.run([sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=True)
    return HEAVY & set(found.stdout.split())


@pytest.mark.parametrize(
    "module", ["", ".report", ".analysis.analysis", ".pages.write", ".pages.terminal", ".statistics"]
)
def test_importing_the_report_is_cheap(tmp_path, module):
    assert loaded_by(f"import seedbed.report{module}", tmp_path) == set()


def test_writing_a_report_needs_neither_keras_nor_mlflow_nor_hydra(tmp_path):
    assert not loaded_by(WRITING, tmp_path) & {"tensorflow", "keras", "mlflow", "hydra", "omegaconf"}
