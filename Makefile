# The commands of this project, the same for people and for CI. Each does its own set-up.
.DEFAULT_GOAL := help
.PHONY: help run demo setup dev test test-all mutants check fix bench docs lock

VENV := .venv
BIN := $(VENV)/bin
WORKERS := 2
ARGS :=

help:
	@echo "trueup watches services and keeps an exact ledger of every second that was lost."
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 18
	@echo
	@echo "PYTHON=... names the interpreter (3.11 or newer), ARGS=... is handed on: make test ARGS=tests/domain"

run: setup ## Watch what trueup.yaml names; write it first where it is missing
	@exec $(BIN)/trueup up $(ARGS)

demo: setup ## Watch a sample platform on this machine that fails and recovers on a script
	@exec $(BIN)/trueup demo $(ARGS)

setup: ## Set up only: leaves the tool at .venv/bin/trueup
	@scripts/setup.sh $(VENV) base

dev:
	@scripts/setup.sh $(VENV) dev

test: dev ## Run the tests on one Python, with SQLite and PostgreSQL; long ones are left out
	$(BIN)/pytest -n $(WORKERS) -m "not long" $(ARGS)

test-all: ## Run all tests, on Python 3.11 with Django 5.2 and on the newest Python present
	@scripts/test-all.sh -n $(WORKERS) $(ARGS)

mutants: dev ## Change the arithmetic of availability in thousands of ways; the tests must notice (an hour)
	nice $(BIN)/mutmut run --max-children $(WORKERS) $(ARGS)
	$(BIN)/mutmut results

check: dev ## Check style, types, imports between rooms, dependencies, migrations, house rules, docs
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(BIN)/pytest -q tests/test_house.py tests/test_docs.py

fix: dev ## Put style in order and write the generated pages of the documentation anew
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/python scripts/reference.py

bench: dev ## Measure; prints one JSON document
	@$(BIN)/python -m bench $(ARGS)

docs: dev ## Build the documentation into site/
	@scripts/setup.sh $(VENV) docs
	$(BIN)/python scripts/reference.py
	$(BIN)/zensical build --clean --strict

lock: ## Pin requirements/*.txt anew from pyproject.toml and requirements/*.in
	@scripts/setup.sh $(VENV) lock
	scripts/lock.sh $(BIN)/uv
