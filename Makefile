# Every command of the project; CI runs these and no others.
SHELL := /bin/bash
.DEFAULT_GOAL := help
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

.PHONY: help up down test unit lint format gen golden bench kubectl setup setup-test clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## Install what `armillary up` needs (system packages, .venv)
	@python3 tools/setup.py run

setup-test: ## Install what the tests need as well
	@python3 tools/setup.py test

up: setup ## Bring up the cluster on this machine
	@$(BIN)/armillary up --detach

down: ## Stop the cluster; data stays
	@$(BIN)/armillary down

test: setup-test lint ## Install everything and run every test
	@$(BIN)/python tools/fetch_kubectl.py
	@$(PYTEST) -q

unit: setup-test ## Only the tests that need no machine: seconds
	@$(PYTEST) -q tests/unit tests/architecture

lint: setup-test ## Style, types, import contracts, generated files
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup-test ## Put the code into its form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

gen: setup-test ## Make the generated code anew
	@$(BIN)/python tools/gen_kinds.py

kubectl: setup-test ## Put stock kubectl builds into .venv/kubectl (tests use them)
	@$(BIN)/python tools/fetch_kubectl.py

bench: setup-test ## Measure, with ratios against competitors; prints a report
	@$(BIN)/python tools/fetch_kubectl.py
	@$(BIN)/python -m benchmarks

clean: ## Remove what was installed and generated in this folder
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
