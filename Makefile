# Everything that a person or a CI server types. Each target does its own set-up.
.DEFAULT_GOAL := help
.PHONY: help demo test check fuzz bench lab lock reality clean

# A shell may hold a SECONDS of its own in the environment: pass on only what was typed.
ifeq ($(origin SECONDS),command line)
demo_time := --seconds $(SECONDS)
endif

python := $(shell .ci/python)
ifeq ($(python),)
$(error no Python new enough, see above)
endif

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

demo: ## Run ctid with a pretend PBX and demo customers; SECONDS=60 ends it by itself
	@$(python) .ci/setup demo
	@.venv/bin/ctid demo $(demo_time)

test: ## Set up everything, then run all checks and all tests
	@$(python) .ci/setup test
	@$(python) .ci/run-tests

check: ## The quick loop: format, lint, types, import contracts, unit tests
	@$(python) .ci/setup check
	@.ci/checks
	@.venv/bin/python -m pytest -q tests/unit

fuzz: ## Both codecs with 200,000 examples, the machine with 2,000,000 facts (ten minutes)
	@$(python) .ci/setup check
	@CTID_HYPOTHESIS_PROFILE=fuzz .venv/bin/python -m pytest -q --timeout=0 -n 2 \
		tests/property/test_ami_codec_fuzz.py tests/property/test_agi_codec_fuzz.py
	@CTID_HYPOTHESIS_PROFILE=fuzz-machine .venv/bin/python -m pytest -q --timeout=0 -n 2 \
		tests/property/test_invariants.py
	@.venv/bin/ctid-sim fuzz --seeds 500 --jobs 2 --out build/fuzz-found

bench: ## Measure against the alternatives, side by side, and print one table
	@$(python) .ci/setup test
	@.venv/bin/python -m tests.bench

lab: ## Run a real Asterisk with callers and phones, and ctid with it, for a look by hand
	@$(python) .ci/setup test
	@.venv/bin/python -m tests.real_pbx.lab

# Keeps the versions that the locks hold where pyproject.toml still allows them;
# UPGRADE=1 takes the newest. No index or mirror of this machine gets into the files.
lock: ## Write requirements.lock and requirements-dev.lock from pyproject.toml
	@$(python) .ci/setup check
	@.ci/lock $(if $(UPGRADE),--upgrade)

reality: ## Hold the simulator against a real Asterisk for ten minutes, in real time
	@$(python) .ci/setup test
	@.venv/bin/python -m tests.real_pbx.reality

clean: ## Remove what was built here (the environment and the Asterisk root stay)
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
