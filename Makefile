# run, test, check and bench each set up what they need: a virtual environment from pinned requirements.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PORT ?= 8000
# pip compiles on one core, and tests nobody runs too: half of the time that it takes.
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-compile
COMPILE := $(BIN)/python -m compileall -q -j 0 -x 'site-packages/(pip|.*/tests?)/' $(VENV)/lib

.PHONY: help run test check bench results lab starter clean

help:  ## List what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Solescope needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/%.installed: requirements/%.txt requirements/constraints.txt requirements/web.txt requirements/train.txt | $(BIN)/python
	@echo "Installing $< into $(VENV) ..."
	@$(PIP) -r $<
	@$(COMPILE) >/dev/null || true  # a file for another Python is no fault
	@touch $@

run: $(VENV)/web.installed  ## Serve the product with its demo world on http://127.0.0.1:8000
	@$(BIN)/python -m demo run

test: $(VENV)/dev.installed  ## Run the tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(VENV)/dev.installed  ## Check style, types and who imports whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/dev.installed  ## Measure against the plain way and print a table
	@$(BIN)/python -m benchmarks

results: $(VENV)/dev.installed  ## Train and measure on the real pictures of ../shared/data
	@$(BIN)/python -m benchmarks.real_input

lab: $(VENV)/dev.installed  ## Train every network of the results page on the real pictures (hours on 2 cores)
	@$(BIN)/python -m benchmarks.networks_compared --write
	@$(BIN)/python -m benchmarks.lab --write

starter: $(VENV)/dev.installed  ## Train the bundles that come with Solescope anew (hours on 2 cores)
	@$(BIN)/python -m demo starter

clean:  ## Remove the environment and what the tools left; keeps instance/
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
