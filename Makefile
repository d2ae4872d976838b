# What CI runs is what a person runs. Needs only make and Python 3.11 or newer; uv is fetched when it is missing.

PYTHON ?= python3
ARGS ?=
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo .uv/bin/uv)
RUN := .venv/bin/python
SYNCED := .venv/synced
LOCAL_AWS := infra/local/ministack/.venv/synced
LAYER := layers/common/requirements.txt
ACCEPTANCE := tests/runtime/acceptance tests/runtime/test_whole_product.py tests/runtime/test_killed_workers.py
TESTS := PYTHONHASHSEED=0 $(RUN) -m pytest
# boto3 and what it brings are part of Lambda's runtime.
EXPORT := export --quiet --frozen --no-default-groups --no-hashes --no-annotate --no-header \
	$(foreach name,boto3 botocore s3transfer python-dateutil six urllib3,--no-emit-package $(name))

.DEFAULT_GOAL := help
.PHONY: help setup run sandbox test random acceptance lint types secrets audit ci bench openapi lock clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(SYNCED) $(LOCAL_AWS) ## Make the two environments (the other targets do it by themselves)

run: setup ## Run the whole product on this machine (ARGS="--once", ARGS=--help shows all options)
	@UV=$(UV) PYTHONPATH=infra/local $(RUN) -m exact_local $(ARGS)

sandbox: $(SYNCED) ## Run the Exact sandbox alone (ARGS=--help shows its options)
	@PYTHONPATH=infra/sandbox $(RUN) -m exact_sandbox $(ARGS)

# Each part runs even when an earlier one failed; pytest ends with 5 when ARGS selects none of its tests.
test: setup ## Run all tests, then drive the whole local run with kills and restarts (ARGS="-k words" selects)
	@failed=0; \
	part() { "$$@" $(ARGS) || test $$? = 5 || failed=1; }; \
	part env $(TESTS) -n 2 --dist worksteal tests/unit tests/template --cov --cov-report=; \
	echo "Coverage by unit tests, in percent: $$($(RUN) -m coverage report --format=total)"; \
	part env $(TESTS) -n 2 --dist loadfile tests --ignore=tests/bench --ignore=tests/unit --ignore=tests/template \
		$(foreach path,$(ACCEPTANCE),--ignore=$(path)); \
	part env $(TESTS) -p no:xdist $(ACCEPTANCE); \
	exit $$failed

random: setup ## Try 20 times as many examples of the properties and state machines, at random (TIMES=100 for more)
	EXAMPLES=$(or $(TIMES),20) $(RUN) -m pytest -n 2 tests/properties tests/unit/documents tests/unit/sync/stores $(ARGS)

acceptance: setup ## Only drive the whole local run: demo twice, killed workers, hard kills
	$(TESTS) -p no:xdist $(ACCEPTANCE) $(ARGS)

lint: $(SYNCED) ## Check style, formatting, the template and the layer's requirements
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	.venv/bin/cfn-lint template.yaml
	.venv/bin/vulture
	@$(UV) $(EXPORT) | diff - $(LAYER) || { echo "$(LAYER) is older than uv.lock: run 'make lock'."; exit 1; }

types: $(SYNCED) ## Check types
	$(RUN) -m mypy

# Tests and local runs have made-up secrets; real ones (keys of AWS, private keys, tokens of services) are looked for there too.
SCAN := .venv/bin/detect-secrets-hook --exclude-files '(^|/)(uv\.lock|schema\.json|requirements\.txt|openapi\.json|package-lock\.json)$$'
MADE_UP := KeywordDetector HexHighEntropyString Base64HighEntropyString BasicAuthDetector JwtTokenDetector

secrets: $(SYNCED) ## Look for secrets in the repository
	@git ls-files -z ':!tests' ':!infra' ':!docs' ':!template.yaml' | xargs -0 $(SCAN)
	@git ls-files -z tests infra docs template.yaml | xargs -0 $(SCAN) $(foreach plugin,$(MADE_UP),--disable-plugin $(plugin))

audit: $(SYNCED) ## Check the locked dependencies against published advisories
	@$(UV) export --quiet --frozen --all-groups --no-emit-project --output-file .venv/audited.txt >/dev/null
	.venv/bin/pip-audit --disable-pip --require-hashes -r .venv/audited.txt

ci: lint types secrets test ## Everything that CI runs

bench: setup ## Measure requests, time and memory (takes minutes)
	$(RUN) -m pytest -p no:xdist -s -q tests/bench $(ARGS)

openapi: $(SYNCED) ## Write the OpenAPI document from the routes, and the data model from its types
	@PYTHONPATH=functions:layers/common $(RUN) -m catalog_api.openapi_build functions/catalog_api/openapi.json
	@PYTHONPATH=functions:layers/common $(RUN) -m catalog_api.data_model docs/data-model.md

lock: $(UV) ## Lock the dependencies again and write the layer's requirements
	$(UV) lock
	$(UV) lock --project infra/local/ministack
	$(UV) $(EXPORT) --output-file $(LAYER)

clean: ## Remove environments, caches and the state of local runs
	rm -rf .venv .uv infra/local/ministack/.venv .state .mypy_cache .ruff_cache .pytest_cache .hypothesis .aws-sam
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(SYNCED): pyproject.toml uv.lock | $(UV)
	$(UV) sync --quiet --frozen --python $(PYTHON)
	@touch $@

$(LOCAL_AWS): infra/local/ministack/pyproject.toml infra/local/ministack/uv.lock | $(UV)
	$(UV) sync --quiet --frozen --python $(PYTHON) --project infra/local/ministack
	@touch $@

# A private uv: in an environment of its own, or for this user where Python comes without ensurepip.
.uv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed (PYTHON=... names it).")'
	@mkdir -p .uv && echo '*' > .uv/.gitignore
	@$(PYTHON) -m venv .uv 2>/dev/null && .uv/bin/python -m pip install --quiet uv || { \
		mkdir -p .uv/bin && $(PYTHON) -m pip install --quiet --target .uv/lib uv && ln -sf ../lib/bin/uv .uv/bin/uv; }
