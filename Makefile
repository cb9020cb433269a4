# `make results` reproduces the default grid; `make test` runs the tests. Each makes .venv by itself.
PYTHON ?= $(shell command -v python3.11 || echo python3)
BIN := .venv/bin
READY := .venv/ready
SNAKEMAKE := $(BIN)/snakemake

.PHONY: results test slow check smoke reference

results: $(READY)
	$(SNAKEMAKE) --cores all

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadgroup

slow: $(READY)
	$(BIN)/python -m pytest -m slow

smoke: $(READY)
	$(SNAKEMAKE) --workflow-profile profiles/smoke

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(SNAKEMAKE) --lint

# what a run of the default grid gave, kept with the code that gave it
REFERENCE := results/reference/default
reference: results
	rm -rf $(REFERENCE)
	mkdir -p $(REFERENCE)/figures
	cp $(addprefix results/tables/,scores.csv runs.csv skipped.csv summary.csv curves.csv cost.csv sampling.csv) $(REFERENCE)
	cp results/tables/*.md $(REFERENCE)
	cp results/figures/*.png $(REFERENCE)/figures
	cp $(filter-out %_grid.csv,$(wildcard results/figures/*.csv)) $(REFERENCE)/figures

# the file is written last, so that an interrupted set-up is made anew
$(READY): envs/requirements.txt pyproject.toml
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --requirement envs/requirements.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@
