# `make run` and `make test` do all the set-up on a machine with python3, venv and make.
PYTHON ?= python3
BIN := .venv/bin
export HF_HUB_OFFLINE := 1
export RAY_USAGE_STATS_ENABLED := 0

.PHONY: run test test-slow scale check format schemas clean

run: .venv/installed
	$(BIN)/curate run configs/baijiu.yaml --domain examples/baijiu

test: .venv/installed-dev
	$(BIN)/python -m pytest -q -m "not slow" $(ARGS)

test-slow: .venv/installed-dev
	$(BIN)/python -m pytest -q -m slow $(ARGS)

# 20 million planted documents: about a quarter of an hour, 3 GB of memory and 5 GB of disk in TMPDIR
scale: .venv/installed-dev
	$(BIN)/python -m pytest -q -m slow tests/scale
	$(BIN)/python -m tests.scale.dedup $(ARGS)

check: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schemas: .venv/installed-dev
	$(BIN)/python -m curate.json_schemas

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,ray]"
	touch $@

clean:
	rm -rf .venv examples/*/work examples/*/outbox examples/industries/*/work examples/industries/*/outbox
