# Two commands from a bare clone: `make quickstart` and `make test`. Both make .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The extras that the tests exercise; `make EXTRAS=dev,quickstart test` does with fewer.
EXTRAS ?= dev,docs,quickstart,joblib,slurm,ray,jax,icu
export TF_CPP_MIN_LOG_LEVEL ?= 2

.PHONY: help quickstart test lint format bench clean

help:  ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"seedbed needs Python 3.11 to 3.13, and $(PYTHON) is {v[0]}.{v[1]}: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.user: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[quickstart]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@ $(if $(findstring quickstart,$(EXTRAS)),$(VENV)/.user)

quickstart: $(VENV)/.user  ## compare random, GloVe and contextual vectors on movie reviews
	$(BIN)/seedbed compare experiment=quickstart

test: $(VENV)/.dev  ## every test
	$(BIN)/python -m pytest -q -n 2 --dist=loadfile

lint: $(VENV)/.dev  ## check style, format and types: ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev  ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev $(VENV)/peers  ## speed and memory, measured in pairs
	PYTHONPATH=$(VENV)/peers $(BIN)/python -m tests.bench

# What the bench is measured against, and seedbed does not need: apart, so that its needs change nothing.
$(VENV)/peers: | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -c constraints.txt --target $@ simple-elmo==0.9.2 smart_open

clean:  ## forget the environment
	rm -rf $(VENV)
