"""The notebook of the docs runs from its first cell to its last."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

NOTEBOOK = Path(__file__).parents[2] / "docs" / "guides" / "notebook.ipynb"

EXECUTE = """
import sys
import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": "."}}).execute()
nbformat.write(notebook, "executed.ipynb")
"""


@pytest.mark.slow
def test_the_notebook_runs_and_shows_the_answer(tmp_path):
    subprocess.run([sys.executable, "-c", EXECUTE, str(NOTEBOOK)], cwd=tmp_path, check=True, capture_output=True)
    cells = nbformat.read(tmp_path / "executed.ipynb", as_version=4).cells
    html = "".join(
        output["data"].get("text/html", "") for cell in cells for output in cell.get("outputs", []) if "data" in output
    )
    assert "at 50 examples" in html
    assert "<svg" in html
    assert (tmp_path / "report" / "report" / "index.html").is_file()
