# `make help` lists the targets. Stamp files in .venv remember what is installed, so that a target
# installs again only after pyproject.toml or constraints.txt has changed.

PORT ?= 8000
DATA ?= data
PYTHON ?=
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test lint clean

help: ## Show this list
	@echo 'Targets:'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18
	@echo 'Variables: PORT=8000  DATA=data  PYTHON=/path/to/python  CHROME=/path/to/chrome  ARGS="pytest arguments"'

install: $(VENV)/.installed ## Make .venv with the command kg in .venv/bin

run: $(VENV)/.installed ## Build the graph from seeds/ and serve it on 127.0.0.1 (PORT=8000)
	@$(BIN)/kg build seeds --out '$(DATA)'
	@echo 'Serving on http://127.0.0.1:$(PORT)/ (Ctrl-C stops)'
	@exec $(BIN)/kg serve --data '$(DATA)' --host 127.0.0.1 --port '$(PORT)'

test: $(VENV)/.installed-dev lint ## Lint, then run all tests (installs Chromium where none is found)
	@chrome=$$(scripts/ensure-chromium) && CHROME="$$chrome" $(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.installed-dev ## Check style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean: ## Remove everything that make has made: .venv, data and caches
	rm -rf $(VENV) data build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/pyvenv.cfg:
	@PYTHON='$(PYTHON)' scripts/make-venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt $(VENV)/pyvenv.cfg
	@echo 'Installing into $(VENV); the first time takes some minutes …'
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo 'Installing what tests and lint need …'
	@$(PIP) install --constraint constraints.txt --editable '.[test,lint]'
	@$(PIP) install --constraint constraints.txt --editable '.[ray]' || echo 'Ray cannot be installed here: its tests are skipped.'
	@touch $@
