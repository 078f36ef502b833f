# A Python that was compiled without optimisation, as pyenv does it, is a quarter slower: then the system's, if that will do.
QUICK := import sysconfig; exit("--enable-optimizations" not in sysconfig.get_config_var("CONFIG_ARGS"))
ABLE := import ensurepip, sys; exit(sys.version_info < (3, 11))
PYTHON ?= $(shell python3 -c '$(QUICK)' 2>/dev/null || ! /usr/bin/python3 -c '$(ABLE)' 2>/dev/null && echo python3 || echo /usr/bin/python3)
BIN := .venv/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --no-deps

LOCK := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url

.PHONY: serve test lint format build bench check lock
.DELETE_ON_ERROR:

serve: .venv/run
	$(BIN)/designata serve $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT))

# Several files at once, then one by one what measures time; with TESTS, these only.
test: .venv/test
ifdef TESTS
	$(BIN)/pytest $(TESTS)
else
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder -m "not alone"
	$(BIN)/pytest -m alone
endif

lint: .venv/test
	$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/mypy && $(BIN)/lint-imports && $(BIN)/designata format --check

format: .venv/test
	$(BIN)/ruff check --fix && $(BIN)/ruff format && $(BIN)/designata format

build: .venv/run
	$(BIN)/designata build

bench: .venv/test
	$(BIN)/python benchmarks/release.py && $(BIN)/python benchmarks/validation.py && $(BIN)/python -m benchmarks.endpoint

check: lint test

lock:
	$(LOCK) --extra build --output-file requirements.txt && $(LOCK) --extra build --extra test --constraint requirements.txt --output-file requirements-test.txt

.venv/run: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Designata needs Python 3.11 or newer; name one, as in: make serve PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv && $(INSTALL) --require-hashes -r requirements.txt && $(INSTALL) --no-build-isolation --editable . && $(BIN)/python -m compileall -q server && touch $@

.venv/test: requirements-test.txt .venv/run
	$(INSTALL) --require-hashes -r requirements-test.txt && touch $@
