# What a person runs here. `make` alone says what there is. PYTHON chooses the interpreter (3.11 or newer).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STUDIO ?= studio
KILLS ?= 1000
CALLS ?= 12000
PLAYS ?= 2000
SCRIPTS ?= 1000000
EVENTS ?= 10000000

.DEFAULT_GOAL := help
.PHONY: help demo test check bench soak dev docs clean

help:
	@echo "make demo    make a film of examples/teahouse.fountain in ./$(STUDIO), without a key or a network"
	@echo "make test    run all tests"
	@echo "make check   ruff and mypy"
	@echo "make bench   measure duanju beside its yardsticks"
	@echo "make soak    kill it KILLS times at random moments in 40-shot films (KILLS=$(KILLS)), and"
	@echo "             storms of CALLS paid calls before a vendor that fails (CALLS=$(CALLS)), and"
	@echo "             SCRIPTS damaged script files, refused or read whole (SCRIPTS=$(SCRIPTS)), and"
	@echo "             the log's benchmarks on EVENTS events (EVENTS=$(EVENTS))"
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
	@echo "== $(KILLS) kills at random moments in 40-shot films with paid calls"
	@$(BIN)/python tests/storm/soak.py --kills $(KILLS)
	@echo "== storms of $(CALLS) paid calls"
	@$(BIN)/python tests/calls/soak_calls.py --calls $(CALLS)
	@echo "== $(PLAYS) new plays of the engine's state machine"
	@DUANJU_MACHINE_EXAMPLES=$(PLAYS) $(BIN)/python -m pytest -q tests/machine
	@echo "== $(SCRIPTS) damaged script files"
	@$(BIN)/python tests/stages/soak_scripts.py --files $(SCRIPTS)
	@echo "== the log's rows of the benchmark on $(EVENTS) events"
	@$(BIN)/python bench/run.py --only 4,5,15,19 --events $(EVENTS)

dev: $(VENV)/.have-dev
	@echo "== ready: $(BIN)/duanju, make test, make check"

docs: $(VENV)/.have-run
	@echo "== writing docs/events.md"
	@$(BIN)/python docs/generate.py

clean:
	@echo "== removing $(VENV), caches and build leftovers"
	@rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
