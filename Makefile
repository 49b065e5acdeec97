# Every command of the project; CI runs these and no others.
SHELL := /bin/bash
.DEFAULT_GOAL := help
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

.NOTPARALLEL:
.PHONY: help up down test unit lint format gen lock screenshots bench kubectl setup setup-code setup-test clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## Install what `armillary up` needs (system packages, .venv)
	@python3 tools/setup.py run

setup-code: ## Install what `make lint` and `make unit` need (.venv)
	@python3 tools/setup.py code

setup-test: ## Install what every test needs as well
	@python3 tools/setup.py test

up: setup ## Bring up the cluster on this machine
	@$(BIN)/armillary up --detach
	@$(BIN)/armillary image bake --missing kubectl || echo "without it there is no kubectl in the browser; try again later"

down: ## Stop the cluster; data stays
	@$(BIN)/armillary down

test: setup-test lint kubectl ## Install everything and run every test
	@$(PYTEST) -q

unit: setup-code ## Only the tests that need no machine: a minute
	@$(PYTEST) -q -m "not machine" tests/unit tests/architecture

lint: setup-code ## Style, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup-code ## Put the code into its form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

gen: setup-code ## Make the generated code anew
	@$(BIN)/python tools/gen_kinds.py

lock: setup-code ## Pin what pyproject.toml asks for
	@$(BIN)/uv pip compile -q pyproject.toml --group build --no-header --no-annotate -o requirements.lock
	@$(BIN)/uv pip compile -q pyproject.toml --group dev --no-header --no-annotate -o requirements-test.lock

kubectl: setup-code ## Put stock kubectl builds into .venv/kubectl (tests use them)
	@$(BIN)/python tools/fetch_kubectl.py

screenshots: setup-test kubectl ## Take a picture of every page of the console into build/screenshots
	@ARMILLARY_SCREENSHOTS=$(CURDIR)/build/screenshots $(PYTEST) -q tests/e2e/console/test_pages.py -k test_page

bench: setup-test kubectl ## Measure, with ratios against competitors; prints a report
	@$(BIN)/python -m benchmarks

clean: ## Remove what was installed and generated in this folder
	@rm -rf .venv console/node_modules src/armillary/console console/src/api/gen.d.ts .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@rm -f src/armillary/engine/apiserver/schemas.json.gz
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
