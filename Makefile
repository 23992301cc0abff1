# The targets of the house; `make check` is what runs before a release.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
BUILDER := build/venv/installed
PIN := uv pip compile -q --universal --python-version 3.11 --generate-hashes

.DEFAULT_GOAL := help
.PHONY: help install run test lint types docs openapi pools constraints bench wheel check

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' Makefile

install: $(INSTALLED) ## Make .venv with the pinned versions, hashes checked

$(INSTALLED): pyproject.toml constraints-dev.txt
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install -q -r constraints-dev.txt
	$(BIN)/pip install -q --no-build-isolation --no-deps -e .
	@touch $@

run: $(INSTALLED) ## Serve the API on port 8484
	$(BIN)/aicode-mock serve

test: $(INSTALLED) ## Run the tests; ARGS="-k word" chooses
	$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

lint: $(INSTALLED) ## Format, lint, and look at the direction of imports
	$(BIN)/ruff format
	$(BIN)/ruff check
	$(BIN)/lint-imports

types: $(INSTALLED) ## Check the types
	$(BIN)/mypy

docs: $(INSTALLED) ## Write docs/settings.md, docs/contract.md and docs/report.md
	$(BIN)/python -m aicode_mock.reference docs

openapi: $(INSTALLED) ## Write the contract files of all revisions
	$(BIN)/aicode-mock openapi --output openapi

pools: $(INSTALLED) ## Draw seed/pools.json
	$(BIN)/python -m aicode_mock.pools > .venv/pools.json
	mv .venv/pools.json seed/pools.json

constraints: ## Pin the newest versions that pyproject.toml allows (needs uv)
	$(PIN) --upgrade --all-extras --group build pyproject.toml -o constraints-dev.txt
	$(PIN) --upgrade --extra postgresql --extra tls --group build -c constraints-dev.txt pyproject.toml -o constraints.txt

bench: $(INSTALLED) ## Measure the bars of docs/speed.md, and write it; some ten minutes
	$(BIN)/python -m bench

wheel: $(BUILDER) ## Build the wheel and the source distribution into dist/
	build/venv/bin/python -m hatchling build -d dist

$(BUILDER): constraints.txt # a server may be running from .venv
	$(PYTHON) -m venv --clear build/venv
	build/venv/bin/pip install -q -r constraints.txt
	@touch $@

check: ## Everything of the above that must hold
	bash .ci/run
