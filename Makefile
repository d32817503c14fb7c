# The front door. `make demo` and `make test` set up everything they need.
SHELL := /bin/bash
VENV := .venv
PY := $(VENV)/bin/python
STAMPS := .make
PYTEST_WORKERS ?= 2
# These start servers and browsers of their own, so no more than two of them run at a time.
HEAVY := tests/conformance tests/e2e tests/survival

.DEFAULT_GOAL := help
.PHONY: help install demo run test lint format sure bench lock assets browsers clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(STAMPS):
	@mkdir -p $@

$(STAMPS)/venv: | $(STAMPS)
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (python3)." >&2; exit 1; }
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(STAMPS)/runtime: requirements/runtime.txt pyproject.toml $(STAMPS)/venv
	$(VENV)/bin/uv pip install --quiet --python $(PY) --require-hashes -r requirements/runtime.txt
	$(VENV)/bin/uv pip install --quiet --python $(PY) --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/dev: requirements/dev.txt $(STAMPS)/runtime
	$(VENV)/bin/uv pip install --quiet --python $(PY) --require-hashes -r requirements/dev.txt
	@touch $@

# Node builds styles and scripts; without node >= 20 the wheel from PyPI brings it into the environment.
$(STAMPS)/node: | $(STAMPS)/venv
	@if node -e 'process.exit(+(process.versions.node.split(".")[0] < 20))' 2>/dev/null && npm --version >/dev/null 2>&1; \
	 then echo "$$(command -v npm)" > $@; \
	 else $(VENV)/bin/uv pip install --quiet --python $(PY) --require-hashes -r requirements/node.txt && echo "$(CURDIR)/$(VENV)/bin/npm" > $@; fi

$(STAMPS)/npm: frontend/package-lock.json $(STAMPS)/node
	cd frontend && PATH="$$(dirname $$(cat ../$(STAMPS)/node)):$$PATH" npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# KERN is cut down to what templates and rendered course texts use, so these count as sources too.
$(STAMPS)/assets: $(STAMPS)/npm $(shell find frontend -path frontend/node_modules -prune -o -type f -print) \
  $(wildcard lms_tool/web/templates/*.html lms_tool/web/*.py lms_tool/content/*.py)
	cd frontend && PATH="$$(dirname $$(cat ../$(STAMPS)/node)):$$PATH" node build.mjs
	@touch $@

# Chromium and the PostgreSQL server are Debian packages; as root (or with sudo) they install themselves.
$(STAMPS)/browsers: | $(STAMPS)
	@bash tests/install-packages.sh
	@touch $@

assets: $(STAMPS)/assets ## build styles and scripts
browsers: $(STAMPS)/browsers
install: $(STAMPS)/runtime assets ## set up everything that running needs

demo: install ## start tool and demo LMS on this machine; prints links to click
	@$(VENV)/bin/lms-tool demo

run: install ## start the tool alone (settings from the environment)
	@$(VENV)/bin/lms-tool db upgrade && $(VENV)/bin/lms-tool courses load && $(VENV)/bin/lms-tool serve

test: install $(STAMPS)/dev browsers ## all tests
	$(VENV)/bin/pytest tests $(HEAVY:%=--ignore=%) -n $(PYTEST_WORKERS) --dist loadfile
	@# The kill tests mostly wait: they run beside the browser tests and say at the end what they saw.
	$(VENV)/bin/pytest tests/survival -p no:randomly > $(STAMPS)/survival.log 2>&1 & kills=$$!; \
	 $(VENV)/bin/pytest tests/e2e -p no:randomly; browser=$$?; \
	 wait $$kills; survived=$$?; cat $(STAMPS)/survival.log; exit $$((browser + survived))
	$(VENV)/bin/pytest tests/conformance -p no:randomly -n $(PYTEST_WORKERS)

lint: $(STAMPS)/dev ## style, types, layers, unused dependencies, course texts
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/deptry lms_tool
	$(PY) tests/lint_tree.py
	@for course in courses/*/course.yaml; do $(VENV)/bin/lms-tool courses check "$${course%/course.yaml}" || exit 1; done

format: $(STAMPS)/dev ## format the code
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

sure: lint test ## what must hold before a commit

bench: install $(STAMPS)/dev ## measure launches, pages and answers beside PyLTI1p3; prints a table
	$(PY) bench/run.py

lock: $(STAMPS)/venv ## renew the lock files
	bash requirements/lock.sh

clean: ## remove what was built (not your data in var/)
	rm -rf $(STAMPS) $(VENV) frontend/node_modules lms_tool/web/static/dist
