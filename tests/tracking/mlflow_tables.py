"""The definition of MLflow's tables that seedbed has: ``python -m tests.tracking.mlflow_tables --write`` dumps it anew.

For another version of MLflow than the one of the file: install it, type this, and look at the difference.
"""

import argparse
import sqlite3
import tempfile
from contextlib import closing
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

DEFINITION = Path(str(files("seedbed.tracking"))) / f"mlflow-{version('mlflow')}.sql"
CONSTRAINTS = ("CONSTRAINT", "CHECK", "FOREIGN KEY", "PRIMARY KEY", "UNIQUE")


def made_by_mlflow(database: Path, artifact_root: str) -> None:
    """Let MLflow make a file."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    SqlAlchemyStore(f"sqlite:///{database}", artifact_root).engine.dispose()


def dumped(database: Path) -> str:
    """Return the statements that make a file again: all but its experiments, without blanks at the ends of lines.

    Indexes and the constraints of a table are sorted: MLflow makes some of them in the order of a set.
    """
    with closing(sqlite3.connect(database)) as connection:
        statements = [
            _with_sorted_constraints(statement)
            for statement in connection.iterdump()
            if statement not in ("BEGIN TRANSACTION;", "COMMIT;")
            and not statement.startswith('INSERT INTO "experiment')
        ]
    statements.sort(key=lambda statement: statement if " INDEX " in statement.splitlines()[0] else "")
    return "".join(f"{line.rstrip()}\n" for statement in statements for line in statement.splitlines())


def _with_sorted_constraints(statement: str) -> str:
    """Return the statement with the constraints of a new table, which are lines at its end, in alphabetical order."""
    first, *parts = statement.splitlines()
    if not first.startswith("CREATE TABLE"):
        return statement
    lines = [part.rstrip().rstrip(",") for part in parts[:-1]]
    lines.sort(key=lambda line: line if line.lstrip().startswith(CONSTRAINTS) else "")
    return "\n".join([first, ",\n".join(lines), parts[-1]])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the file instead of printing it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made_by_mlflow(Path(folder) / "mlflow.db", "artifacts")
        text = dumped(Path(folder) / "mlflow.db")
    if options.write:
        DEFINITION.write_text(text, "utf-8")
    else:
        print(text, end="")
