# `make demo` for a first look, `make test` for the tests, `make fix check` before a commit.

PORT ?= 8000
PYTHON ?= python3
WORKERS ?= 2
BIN := .venv/bin
STAMP := .venv/.set-up
COMPARED := .venv/.compared
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	--constraint .ci/constraints.txt --editable

# what `make bench` runs: programs in benchmarks/ that need no GPU and no hour, one JSON line each
BENCHMARKS := $(filter-out $(addprefix benchmarks/,__init__.py measure.py feeds.py networks.py \
	seeds.py ablation.py intervals.py), $(wildcard benchmarks/*.py))

.DEFAULT_GOAL := help
.PHONY: help demo setup fix check test test-long test-fast test-gpu bench ci

help:
	@echo "make demo [PORT=8000]  train on the embedded data, serve, show one answer"
	@echo "make setup             virtual environment in .venv"
	@echo "make fix, make check   format and lint; types and floors"
	@echo "make test [WORKERS=2]  every test but the long ones; also: test-fast, test-long, test-gpu"
	@echo "make bench             the benchmarks"
	@echo "make ci                what CI runs: check and test"

demo: setup
	@$(BIN)/hybridrec demo --port $(PORT)

setup: $(STAMP)

$(STAMP): pyproject.toml .ci/constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; \
		sys.exit(0 if v >= (3, 11) else f"Python {v[0]}.{v[1]} is too old: hybridrec needs 3.11" \
		" or later. Choose one with: make setup PYTHON=python3.11")'
	@echo "Setting up .venv: minutes the first time, nothing later."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(INSTALL) '.[train,dev]'
	@touch $@

# what the recommender is compared with: only tests, types and benchmarks need it
$(COMPARED): $(STAMP)
	@$(INSTALL) '.[train,bench,dev]'
	@touch $@

fix: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: $(COMPARED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# tests that start Ray come after the others, one by one: they wait for what runs at the same time
test: $(COMPARED)
	@status=0; \
	OMP_NUM_THREADS=1 $(BIN)/pytest -m "not (long or serve)" --numprocesses $(WORKERS) \
		--dist loadfile --cov --cov-fail-under 0 --cov-report= || status=$$?; \
	$(BIN)/pytest -m "serve and not long" --cov --cov-append || status=$$?; \
	left_out=$$($(BIN)/pytest --collect-only --quiet -m long | grep -c '::'); \
	echo "Left out: $$left_out tests marked long. They run with: make test-long"; \
	exit $$status

test-long: $(COMPARED)
	$(BIN)/pytest -m long

# needs a GPU, CUDA 13 and cuDNN; the rest of the tests need none
test-gpu: export HYBRIDREC_REQUIRE := gpu
test-gpu: $(COMPARED)
	$(BIN)/pytest -m gpu

test-fast: $(COMPARED)
	$(BIN)/pytest -m "not (serve or slow or long or chaos or gpu)"

bench: $(COMPARED)
	@set -e; for program in $(BENCHMARKS); do $(BIN)/python -m benchmarks.$$(basename $$program .py); done

# where nothing may be skipped but what needs a part that is not named here: see tests/parts.py
ci: export HYBRIDREC_REQUIRE := $(HYBRIDREC_REQUIRE)
ci: check test
