# Everything a developer or a new user does. `make` alone prints this help.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME_LOCK := image-build/requirements.lock
TEST_LOCK := tests/requirements.lock
DEMO_ARGS ?=
TEST_ARGS ?=
TEST_WORKERS ?= $(shell echo $$(($$(nproc 2>/dev/null || echo 2) + 1)))
PEER_PYTHON ?= python3.13
PEER := $(VENV)/peers
# The program is started hundreds of times: compiled anew each time where the environment forbids to keep byte code.
WITH_BYTECODE := PYTHONDONTWRITEBYTECODE=
IMAGE_PACKAGES := mmdebstrap arch-test qemu-user-static qemu-system-arm qemu-utils mtools xz-utils

# An image of now, or none: what an earlier build has left is not what is to be tested.
define test-built-image
	@$(2) image-build/build.sh --target qemu-arm64; case $$? in \
	0) $(BIN)/python -m pytest -rs -s $(1) ;; \
	77) echo "*** The image was NOT tested: see above. ***" ;; \
	*) exit 1 ;; esac
endef

.PHONY: help setup demo test test-camera test-image test-image-start test-image-long peers bundle deb test-deb check fix bench docs lock clean

help: ## this list
	@echo "edge: camera analytics. The two to know: make demo, make test"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.test ## install everything that developing and testing need
	@tests/system-packages.sh

demo: $(VENV)/.runtime ## the whole program on a built-in camera: open the page it prints
	@$(BIN)/edge demo $(DEMO_ARGS)

test: setup ## every test, with branch coverage (TEST_ARGS="tests/unit -k line" for some)
	$(WITH_BYTECODE) $(BIN)/python -m pytest $(if $(TEST_ARGS),$(TEST_ARGS),-n $(TEST_WORKERS) --dist worksteal --cov --cov-report=term --cov-fail-under=85)

test-camera: $(VENV)/.test ## the real picamera2 in a Debian 13 that is built for it (network, a C compiler, 500 MB in ~/.cache)
	$(BIN)/python -m pytest -s -rs --timeout 600 tests/camera_root/whole_program.py tests/camera_root/contract.py

test-image: $(VENV)/.test ## build the appliance's image and start it in a virtual machine (root, half an hour; not part of test)
	@tests/system-packages.sh $(IMAGE_PACKAGES)
	$(call test-built-image,tests/image/boot.py tests/image/update.py)

test-image-start: $(VENV)/.test ## the same in five minutes: a build from the cached root, one start, what needs no other
	$(call test-built-image,tests/image/boot.py -k "not (survives or slot)",EDGE_CACHED_ONLY=yes)

test-image-long: $(VENV)/.test ## tests of the image that take hours (two cards, clock, data, slots, updates, 20 power cuts); goes on where it was
	$(BIN)/python -m pytest -rs -s -p no:randomly $(addprefix tests/image/long/,two_devices.py clock.py data.py slots.py updates.py kills.py)

peers: setup $(PEER)/.home-assistant ## against a real Home Assistant (Python 3.13, a C++ compiler, 600 MB; not part of test)
	EDGE_HOME_ASSISTANT=$(PEER)/bin/python $(BIN)/python -m pytest tests/peers/home_assistant.py

bundle: ## an update bundle from an image that was built (IMAGE=folder; the first use makes the key that signs)
	@python3 image-build/bundle.py make $(or $(IMAGE),build/image/qemu-arm64)

deb: $(VENV)/.runtime ## the Debian package, into build/ (ARCH=arm64 for a Raspberry Pi; needs the network once)
	@PYTHON=$(abspath $(BIN)/python) image-build/deb/build.sh $(if $(ARCH),--arch $(ARCH))

test-deb: setup ## the package in a really booted Debian 13: install, upgrade, purge; a Pi's system too (root; some minutes)
	@tests/system-packages.sh mmdebstrap systemd-container lintian curl fdisk
	$(BIN)/python -m pytest -p no:randomly -rs tests/debian/package.py tests/debian/updates.py tests/debian/raspberry_pi.py

check: $(VENV)/.test ## format, lint, types, structure
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/.test ## format and mend what can be mended by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup ## measure, by hand: prints ratios and writes docs/benchmarks/
	@tests/system-packages.sh motion
	$(WITH_BYTECODE) $(BIN)/python -m tests.bench

docs: $(VENV)/.test ## generate docs/CONFIG.md and config/edge.schema.json from the settings
	$(BIN)/python -m edge.config.generate

lock: ## pin every dependency with its hashes anew (needs the network)
	$(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip -q install pip-tools
	$(VENV)-lock/bin/pip-compile -q --upgrade --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		--strip-extras --no-header -o $(RUNTIME_LOCK) pyproject.toml
	$(VENV)-lock/bin/pip-compile -q --upgrade --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		--strip-extras --allow-unsafe --no-header --extra dev -c $(RUNTIME_LOCK) -o $(TEST_LOCK) pyproject.toml
	$(VENV)-lock/bin/python -m tests.camera_root.lock
	rm -rf $(VENV)-lock

clean: ## remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage* build *.egg-info

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("edge needs Python 3.11 or newer; this is " + sys.version.split()[0] + " (PYTHON=python3.13 make … picks another)") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(BIN)/python $(RUNTIME_LOCK) pyproject.toml
	@$(BIN)/python -m pip -q --disable-pip-version-check install --no-deps --require-hashes -r $(RUNTIME_LOCK)
	@$(BIN)/python -m pip -q --disable-pip-version-check install --no-deps -e .
	@touch $@

$(VENV)/.test: $(VENV)/.runtime $(TEST_LOCK)
	@$(BIN)/python -m pip -q --disable-pip-version-check install --no-deps --require-hashes -r $(TEST_LOCK)
	@touch $@

$(PEER)/.home-assistant: tests/peers/home_assistant_needs.py
	@$(PEER_PYTHON) -m venv $(PEER)
	@$(PEER)/bin/pip -q --disable-pip-version-check install --only-binary :all: --no-deps homeassistant==2025.4.4 paho-mqtt==2.1.0
	@$(PEER)/bin/python $< > $(PEER)/needs.txt
	@$(PEER)/bin/pip -q --disable-pip-version-check install --prefer-binary -r $(PEER)/needs.txt
	@touch $@
