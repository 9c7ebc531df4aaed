# Two commands from a bare clone: `make quickstart` and `make test`. Both create .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The extras that the tests need; `make EXTRAS=dev,quickstart test` installs fewer.
EXTRAS ?= dev,docs,quickstart,joblib,slurm,ray,jax,icu
export TF_CPP_MIN_LOG_LEVEL ?= 2
export NO_MKDOCS_2_WARNING = 1

.PHONY: help install quickstart profile test test-all lint format docs serve news hooks bench fuzz clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"seedbed needs Python 3.11 to 3.13, and $(PYTHON) is {v[0]}.{v[1]}: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.user: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[quickstart]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@ $(if $(findstring quickstart,$(EXTRAS)),$(VENV)/.user)

install: $(VENV)/.user  ## create .venv with seedbed, film reviews and GloVe vectors

quickstart: $(VENV)/.user  ## compare six representations of sentences of film reviews
	$(BIN)/seedbed compare experiment=quickstart

profile: $(VENV)/.user  ## show where the time of the quickstart goes, in a temporary folder
	@out=$$(mktemp -d) && trap 'rm -rf "$$out"' EXIT && SEEDBED_CACHE="$$out/cache" \
	$(BIN)/seedbed compare experiment=quickstart profile=true output="$$out/out" tracking.uri="sqlite:///$$out/mlflow.db"

test: $(VENV)/.dev  ## run the tests that are not marked slow
	$(BIN)/python -m pytest -q -n 2 --dist=loadfile -m 'not slow'

test-all: $(VENV)/.dev  ## run every test, as CI does
	$(BIN)/python -m pytest -q -n 2 --dist=loadfile

lint: $(VENV)/.dev  ## check style, format and types: ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev  ## fix what ruff can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.dev  ## build the documentation into site/ (opens without a server)
	$(BIN)/mkdocs build --strict --quiet

serve: $(VENV)/.dev  ## serve the documentation while you write
	$(BIN)/mkdocs serve

news: $(VENV)/.dev  ## print the next section of the changelog
	$(BIN)/towncrier build --draft

hooks: $(VENV)/.dev  ## install the pre-commit hooks
	$(BIN)/pre-commit install

bench: $(VENV)/.dev $(VENV)/peers  ## measure speed and memory, in pairs
	PYTHONPATH=$(VENV)/peers $(BIN)/python -m tests.bench

SECONDS ?= 900
fuzz: $(VENV)/.dev  ## damage files of every reader for SECONDS=900, under atheris where it can be installed
	@test -d $(VENV)/fuzz || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $(VENV)/fuzz atheris==3.0.0 \
	    || echo 'atheris cannot be installed for this Python: the damage is random'
	PYTHONPATH=src:.:$(VENV)/fuzz $(BIN)/python -m tests.fence.fuzz --seconds $(SECONDS)

# What the bench is measured against, and seedbed does not need: separate, so that its requirements change nothing.
$(VENV)/peers: | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -c constraints.txt --target $@ simple-elmo==0.9.2 smart_open

clean:  ## remove .venv and site/
	rm -rf $(VENV) site
