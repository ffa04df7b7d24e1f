# Qiao 橋. `make run` starts it, `make test` checks everything; both set up what they need.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
UV_COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet
PO := app/web/locales

.PHONY: help setup setup-dev run worker demo test lint types arch migrate locales bench lock clean browser-packages

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

setup: $(VENV)/.run-stamp ## Create .venv and install what Qiao runs with, from the lock

setup-dev: $(VENV)/.dev-stamp ## The same, with what the checks need

run: setup ## Start Qiao with starter content and demo accounts on http://127.0.0.1:8000
	$(BIN)/qiao db upgrade
	$(BIN)/qiao demo
	$(BIN)/qiao run

worker: setup ## Run the jobs alone
	$(BIN)/qiao worker

test: setup-dev browser-packages lint types arch ## Run every check
	$(BIN)/python -m pytest -n auto --dist loadfile $(PYTEST_ARGS)

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup-dev
	$(BIN)/mypy

arch: setup-dev ## Layers and forbidden imports
	$(BIN)/lint-imports

migrate: setup-dev ## Make a migration from the models: make migrate NAME="add this"
	$(BIN)/python -m migrations.make "$(NAME)"

locales: setup-dev ## Extract the texts and update the six catalogues
	@mkdir -p build
	$(BIN)/pybabel -q extract -F babel.cfg -k _ -k N_ -k ngettext:1,2 -k translate:2 -k translate_plural:2,3 -c Translators: --no-location --omit-header --no-wrap --sort-output -o build/messages.pot .
	for locale in zh_Hant en vi id th km; do \
	  $(BIN)/pybabel -q update -i build/messages.pot -d $(PO) -l $$locale --init-missing --no-fuzzy-matching --ignore-obsolete --omit-header --no-wrap || exit 1; done

bench: setup-dev ## Measure; prints figures, checks nothing
	$(BIN)/python -m benchmarks

lock: setup-dev ## Renew the locks from pyproject.toml
	echo setuptools | $(UV_COMPILE) pyproject.toml - --extra argos --extra firefox -o locks/run.txt
	echo setuptools | $(UV_COMPILE) pyproject.toml - --extra argos --extra firefox --extra dev -c locks/run.txt -o locks/dev.txt

clean: ## Remove the virtual environment and caches; data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build *.egg-info

# Browser tests: as root or in CI the Debian packages are installed, elsewhere the command is printed.
browser-packages:
	@tools/install-browser

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.12 …" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-stamp: locks/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing what Qiao runs with (about 250 MB, a few minutes the first time) …"
	$(PIP) install --progress-bar on --require-hashes -r locks/run.txt
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev-stamp: locks/dev.txt $(VENV)/.run-stamp
	@echo "Installing what the checks need …"
	$(PIP) install --progress-bar on --require-hashes -r locks/dev.txt
	@touch $@
