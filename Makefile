# What a person runs here. `make` alone says what there is. PYTHON chooses the interpreter (3.11 or newer).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STUDIO ?= studio
KILLS ?= 1000

.DEFAULT_GOAL := help
.PHONY: help demo test check bench soak dev docs clean

help:
	@echo "make demo    make a film of examples/teahouse.fountain in ./$(STUDIO), without a key or a network"
	@echo "make test    run all tests"
	@echo "make check   ruff and mypy"
	@echo "make bench   measure duanju beside its yardsticks"
	@echo "make soak    kill and resume it, KILLS times over (KILLS=$(KILLS))"
	@echo "make dev     install everything for working on it"
	@echo "make docs    write the generated pages in docs/"
	@echo "make clean   remove the virtual environment and all caches (no studio is touched)"

# One stamp for each set of packages: a second run installs nothing, a changed pyproject.toml does.
$(BIN)/python:
	@echo "== making the virtual environment $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.have-run: pyproject.toml | $(BIN)/python
	@echo "== installing duanju into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.have-test: pyproject.toml | $(BIN)/python
	@echo "== installing duanju and its test tools into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(VENV)/.have-run

$(VENV)/.have-dev: pyproject.toml | $(BIN)/python
	@echo "== installing duanju and its development tools into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.have-test $(VENV)/.have-run

demo: $(VENV)/.have-run
	@echo "== producing examples/teahouse.fountain in $(STUDIO)"
	@$(BIN)/duanju produce examples/teahouse.fountain --studio $(STUDIO)
	@echo "== look into it: $(BIN)/duanju status --studio $(STUDIO)"

test: $(VENV)/.have-test
	@echo "== running the tests"
	@$(BIN)/python -m pytest -n 2 tests

check: $(VENV)/.have-dev
	@echo "== ruff and mypy"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(VENV)/.have-test
	@echo "== measuring"
	@$(BIN)/python bench/run.py

soak: $(VENV)/.have-test
	@echo "== killing and resuming: $(KILLS) trials of the core, $(KILLS) kills of a film"
	@DUANJU_KILL_TRIALS=$(KILLS) $(BIN)/python -m pytest -q -n 2 tests/core/test_kill.py
	@$(BIN)/python -m pytest -q -n 2 tests/e2e/test_kill_film.py --soak $(KILLS)

dev: $(VENV)/.have-dev
	@echo "== ready: $(BIN)/duanju, make test, make check"

docs: $(VENV)/.have-run
	@echo "== writing docs/events.md"
	@$(BIN)/python docs/generate.py

clean:
	@echo "== removing $(VENV), caches and build leftovers"
	@rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
