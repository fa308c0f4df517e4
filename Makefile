# make run    all of Kabarchy in the foreground      make test   everything the tests need, then the tests
# make demo   the main job, without a screen         make lint   style, types, the stairs
# make bench  how fast it is, beside the usual ways

# PYTHON=… chooses the Python to build .venv with; else the newest one that will do.
PYTHON ?=
PY := .venv/bin/python
CHROMIUM := $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name))))
# The test files in which something has this mark: to look through the others takes each process ten seconds.
MARKED = $(sort $(shell grep -rlw --include='test_*.py' 'mark\.$(1)' tests))
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard webapp/translations/*/LC_MESSAGES/messages.po))

.NOTPARALLEL:
.PHONY: run demo test soak bench lint lock translations install dev clean
.DEFAULT_GOAL := run

run: install
	@exec $(PY) deploy/run.py

demo: install
	@$(PY) -m flask --app webapp demo

# The quick tests, one more at once than there are cores, because each waits for databases a third of its time; then
# those with real processes, which mostly wait; last those in a browser, apart from them, for its driver keeps an event
# loop running in the tests' process. ARGS="…" runs pytest with just these.
test: dev
ifeq ($(CHROMIUM),)
ifeq ($(CI),true)
	@echo "There is no Chromium for the browser tests." >&2; exit 1
else
	@echo "No Chromium: the browser tests are skipped. To run them: apt install chromium (or Google Chrome)."
endif
endif
ifeq ($(ARGS),)
	@$(PY) -m pytest -n $$(($$($(PY) -c 'import os; print(os.cpu_count())') + 1)) --dist loadfile -m "not slow"
	@$(PY) -m pytest -n 3 --dist loadfile -m "slow and not browser" $(call MARKED,slow)
	@$(PY) -m pytest -n logical --dist load -m browser $(call MARKED,browser)
else
	@$(PY) -m pytest $(ARGS)
endif

bench: .venv-bench/.has-requirements.txt $(CATALOGUES)
	@.venv-bench/bin/python -m bench $(ARGS)

# What is measured and what it is measured against, in an environment of their own.
.venv-bench/.has-requirements.txt: bench/requirements.txt | install
	@echo "Installing bench/requirements.txt into .venv-bench ..."
	@$(PY) -m venv --clear .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes \
		-r bench/requirements.txt
	@cp $< $@

# The faults of tests/faults, for much longer than CI has time for.
soak: dev
	@SOAK=1 $(PY) -m pytest tests/faults $(ARGS)

lint: dev
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	@$(PY) -c 'from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_logo=True))'

# Pins every package with its hashes, for every Python and platform. UPGRADE=--upgrade takes newer ones.
LOCK = $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header $(UPGRADE)
lock: dev
	@$(PY) -m pip install --quiet --disable-pip-version-check uv
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-dev.in -c requirements.txt -o requirements-dev.txt
	$(LOCK) bench/requirements.in -c requirements.txt -o bench/requirements.txt

# Brings the catalogues up to the texts in the code; what is new in them waits for a translator.
translations: dev
	@mkdir -p webapp/translations
	$(PY) -m babel.messages.frontend --quiet extract -F pyproject.toml -k lazy_gettext -k _l \
		-k lazy_ngettext:1,2 --no-location --sort-output --no-wrap --project Kabarchy \
		--copyright-holder "Kabarchy contributors" -o webapp/translations/messages.pot .
	for language in ky ru; do \
		$(PY) -m babel.messages.frontend --quiet update -i webapp/translations/messages.pot -d webapp/translations \
			-l $$language --init-missing --no-fuzzy-matching --ignore-obsolete --no-wrap || exit 1; done
	$(PY) -m babel.messages.frontend compile -d webapp/translations --statistics 2>&1 | grep translated

clean:
	rm -rf .venv .venv-bench .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -prune -exec rm -rf {} +
	rm -f webapp/translations/*/LC_MESSAGES/messages.mo

install: .venv/.has-requirements.txt $(CATALOGUES)
dev: .venv/.has-requirements-dev.txt $(CATALOGUES)

%.mo: %.po
	@$(PY) -m babel.messages.frontend --quiet compile -i $< -o $@

# Installs a lock when it differs from the one last installed, and does nothing otherwise.
.venv/.has-%: FORCE
	@if [ -x $(PY) ] && cmp -s $* $@; then exit 0; fi; \
	fits() { "$$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }; \
	if ! $(PY) -m pip --version >/dev/null 2>&1; then \
		for python in $(or $(PYTHON),python3.14 python3.13 python3.12 python3.11 python3 python); do \
			if fits $$python; then found=$$python; break; fi; done; \
		if [ -z "$$found" ]; then \
			echo "Kabarchy needs Python 3.11 or newer with its venv module: apt install python3 python3-venv" >&2; \
			exit 1; fi; \
		$$found -m venv --clear .venv || exit 1; \
	fi; \
	echo "Installing $* into .venv ..."; \
	$(PY) -m pip install --quiet --disable-pip-version-check --no-input --require-virtualenv \
		--require-hashes -r $* || exit 1; \
	cp $* $@; \
	if [ $* = requirements-dev.txt ]; then cp requirements.txt .venv/.has-requirements.txt; fi
FORCE:
