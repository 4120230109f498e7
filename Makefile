# The verbs of this repository. `make demo` and `make test` each set up everything they need, alone.
# A machine needs python3.11 with venv, git and make; the rest comes from requirements/dev.lock.

PYTHON ?= python3.11
BIN := .venv/bin
CODE := engine storage actors tests $(wildcard benchmarks)

# Rules must give the same answers compiled and as plain Python, so these folders run both ways.
PLAIN_TESTS := tests/unit/engine/kernel tests/unit/engine/projections tests/properties tests/contracts

# Temporary logs must lie on a real disk: on many machines /tmp is memory, where durability means nothing.
SCRATCH := $(CURDIR)/.pytest_scratch

# What is only a matter of processor time makes way for the engines in Ray, which are also a matter of waiting.
MODESTLY := nice -n 10

PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --only-binary :all: \
	--require-hashes

LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --generate-hashes --custom-compile-command "make lock" \
	--python-version 3.11 --python-platform x86_64-manylinux_2_28

.PHONY: help setup fmt check style types rules test test-plain test-compiled test-with-ray faults faults-full demo bench model lock clean
.DEFAULT_GOAL := help

help: ## list these verbs
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: .venv/editable ## install the locked tools and this project, editable

# The stamps: what is newer than its stamp is installed again, and nothing else is.
.venv/locked: requirements/dev.lock requirements/installer.lock
	$(PYTHON) -m venv .venv
	$(PIP_INSTALL) -r requirements/installer.lock
	@# The installer fetches and unpacks side by side; where it can't, pip does the same work in half a minute.
	$(BIN)/uv pip install --quiet --python $(BIN)/python --only-binary :all: --require-hashes -r $< || $(PIP_INSTALL) -r $<
	@touch $@

.venv/editable: .venv/locked pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

fmt: setup ## rewrite: format, sort imports, apply safe fixes
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: style types ## the gates, reading only: format, lint, import directions, types

style: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo

types: setup
	$(BIN)/mypy --strict $(CODE)

rules: setup
	@echo "== compiling the rules, once for all tests"
	$(BIN)/python -m actors.warm_up

test: setup ## the tests: rules as plain Python first, then everything compiled
	@mkdir -p $(SCRATCH)
	@echo "== in two lanes, some eight minutes, each part is shown when it ends: plain tests, compiled tests"
	@echo "== beside them the compiling of the rules, then the tests with engines in Ray"
	$(MAKE) --no-print-directory --jobs 2 --output-sync=target test-with-ray test-compiled

test-plain: setup
	@echo "== rules as plain Python (NUMBA_DISABLE_JIT=1): $(PLAIN_TESTS)"
	NUMBA_DISABLE_JIT=1 PYTEST_DEBUG_TEMPROOT=$(SCRATCH) $(MODESTLY) $(BIN)/pytest -q -n 2 -m "not faults" $(PLAIN_TESTS)

test-compiled: test-plain rules
	@echo "== everything that needs no Ray, rules compiled"
	PYTEST_DEBUG_TEMPROOT=$(SCRATCH) $(MODESTLY) $(BIN)/pytest -q -n 2 -m "not cluster and not faults"

test-with-ray: rules
	@echo "== engines in Ray, one after the other"
	PYTEST_DEBUG_TEMPROOT=$(SCRATCH) $(BIN)/pytest -q -m "cluster and not faults"

faults: rules ## what needs many kills, faults and commands to show it, and the whole demo: the sizes of every change
	@mkdir -p $(SCRATCH)
	@rm -f $(SCRATCH)/faults.json
	@echo "== many kills, faults and commands: without Ray, then with engines in Ray"
	ORDERFOLD_FAULT_REPORT=$(SCRATCH)/faults.json PYTEST_DEBUG_TEMPROOT=$(SCRATCH) $(BIN)/pytest -q -n 2 -m "faults and not cluster"
	ORDERFOLD_FAULT_REPORT=$(SCRATCH)/faults.json PYTEST_DEBUG_TEMPROOT=$(SCRATCH) $(BIN)/pytest -q -m "faults and cluster"
	$(BIN)/python -m tests.faults.report $(SCRATCH)/faults.json

FULL := --seed 1 --report docs/reliability.json

faults-full: rules ## the large sizes, some hours; Ctrl-C, and the same command goes on; docs/reliability.md has the result
	$(BIN)/python -m tests.faults.call_run $(FULL)
	$(BIN)/python -m tests.faults.damage_run --damages 10000 $(FULL)
	$(BIN)/python -m tests.faults.kill_run --kills 10000 $(FULL)
	$(BIN)/python -m tests.faults.engine_kill_run --kills 500 $(FULL)
	$(BIN)/python -m tests.faults.actor_kill_run --kills 200 --workers 1 $(FULL)
	$(BIN)/python -m tests.faults.power_cut_run --cuts 4000 $(FULL)
	$(BIN)/python -m tests.faults.crash_run --states 1000000 $(FULL)
	$(BIN)/python -m tests.faults.planted_run $(FULL)
	$(BIN)/python -m tests.faults.history_run --seconds 600 $(FULL)
	$(BIN)/python -m tests.faults.soak_run --seconds 600 --report docs/reliability.json
	$(BIN)/python -m tests.simulation.run --seeds 5000 --report docs/reliability.json
	$(BIN)/python -m tests.faults.report docs/reliability.json

demo: setup ## about 20 seconds of orders under a live table, one process killed in front of you
	$(BIN)/orderfold demo

bench: setup ## micro-benchmarks, then events per second end to end
	$(BIN)/pytest -q benchmarks
	$(BIN)/orderfold bench throughput

model: setup ## ten million commands against the reference model; Ctrl-C, and the same command goes on
	$(BIN)/python -m tests.properties.long_run --commands 10000000 --seed 1

lock: setup ## resolve requirements/*.lock again; `make lock UPGRADE=--upgrade` takes newer versions
	$(LOCK) $(UPGRADE) --output-file requirements/runtime.lock
	$(LOCK) $(UPGRADE) --extra dev --constraints requirements/runtime.lock --output-file requirements/dev.lock
	awk '/^[^ #]/ { is_uv = /^uv==/ } is_uv' requirements/dev.lock > requirements/installer.lock

clean: ## remove what these verbs made
	rm -rf .venv .pytest_scratch .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks .model-run-*.json .simulation-*.json .*_run-*.json
	find engine storage actors tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
