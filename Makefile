# Carillon: `make` alone lists what there is. Every target sets up what it needs.
.DEFAULT_GOAL := help
.PHONY: help run test test-deployed long check bench simulate kill package setup clean

PYTHON ?= $(shell command -v python3.11 || echo python3)
VENV := .venv
PIP := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check
APT := sudo apt-get install -y python3.11 python3.11-venv make

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.installed-run ## The main job: a campaign from file to report, against the platform simulator
	@$(VENV)/bin/carillon demo

test: $(VENV)/.installed-dev $(VENV)-ministack/.installed ## All tests
	@$(VENV)/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-deployed: $(VENV)/.installed-dev $(VENV)-ministack/.installed ## The packaged stack, deployed on an emulator of AWS
	@$(VENV)/bin/python -m pytest -p no:randomly tests/deployed

long: $(VENV)/.installed-dev ## The longest scenarios in both homes, AWS on its emulator included (some twenty minutes)
	@$(VENV)/bin/python -m pytest -n 2 -m long tests/scenarios

check: $(VENV)/.installed-dev ## Lint and strict types
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy

bench: $(VENV)/.installed-dev ## Benchmarks with their targets, written into docs/benchmarks.md
	@$(VENV)/bin/python -m bench --write-docs $(if $(TIMES),--times $(TIMES))

kill: $(VENV)/.installed-dev ## 20,000 people, 100 times kill -9, and the platform's log as the judge (some ten minutes)
	@$(VENV)/bin/python -m tests.processes.kills --people $(or $(PEOPLE),20000) --kills $(or $(KILLS),100) --seed $(or $(SEED),1)

simulate: $(VENV)/.installed-dev ## Long campaigns of faults: make simulate SEEDS=5000
	@$(VENV)/bin/python -m tests.simulation --seeds $(or $(SEEDS),1000)

package: $(VENV)/.installed-dev ## What CloudFormation deploys: make package STAGE=prod
	@AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-eu-west-1} \
	  $(VENV)/bin/python -m infra.packaging --stage $(or $(STAGE),dev) .packaged/$(or $(STAGE),dev)

setup: $(VENV)/.installed-dev $(VENV)-ministack/.installed ## Only install what all of the above need

clean: ## Remove the environment and the demo's home; contacts and campaigns stay
	rm -rf $(VENV) $(VENV)-ministack .package .packaged .home/demo* .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The stamps make every later run instant; a changed list of requirements makes them old.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo 'Carillon needs Python 3.11 or newer. On Debian 12: $(APT)' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo 'Python cannot make environments here. On Debian 12: $(APT)' >&2; exit 1; }
	@echo 'making the environment in $(VENV)' >&2
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo 'The environment could not be made. On Debian 12: $(APT)' >&2; exit 1; }
	@touch $@

# `compat` puts the checkout itself on the path: `app`, `bench` and `infra` are found from anywhere.
$(VENV)/.installed-run: $(VENV)/.made requirements.txt requirements-run.txt pyproject.toml
	@echo 'installing what runs (once, under a minute)' >&2
	@$(PIP) --config-settings editable_mode=compat -r requirements-run.txt -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed-run requirements-dev.txt
	@echo 'installing what tests and checks (once)' >&2
	@$(PIP) -r requirements-dev.txt
	@touch $@

# An emulator of AWS for tests; it pins versions of its own.
$(VENV)-ministack/.installed: $(VENV)/.made requirements-ministack.txt
	@echo 'installing the emulator that tests run against (once)' >&2
	@rm -rf $(VENV)-ministack  # not `venv --clear`, which empties what a link leads to: somebody else's
	@$(PYTHON) -m venv $(VENV)-ministack
	@$(VENV)-ministack/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-ministack.txt
	@touch $@
