# `make quick` is a first look, `make results` reproduces the default grid, `make results CONFIG=config/papers/gebm.yaml` a
# paper's; `make test` runs the tests. Each makes .venv by itself.
CONFIG := config/config.yaml
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || echo python3)
BIN := .venv/bin
READY := .venv/ready
SNAKEMAKE := $(BIN)/snakemake

.PHONY: results ladder quick docs contract test slow check smoke audit peers slurm reference smoke_reference smoke_tolerances claims site pages

# bars with the time left where a person looks at a terminal, plain lines elsewhere
LOGGER := $$(test -t 1 && echo --logger rich)

# RUNG selects one of the configuration's rungs, by default the last
results: $(READY)
	$(SNAKEMAKE) --cores all --configfile $(CONFIG) $(if $(RUNG),--config rung=$(RUNG)) $(LOGGER)

# every rung of a configuration, one after the other, and what they say together; a killed ladder goes on where it was
ladder: $(READY)
	for rung in $$($(BIN)/python -m ebmbench rungs $(CONFIG)); do $(MAKE) results RUNG=$$rung || exit 1; done
	$(SNAKEMAKE) --cores all --configfile $(CONFIG) $(LOGGER) ladder

# a first look: a table and a figure of one data set in results/quick
quick: $(READY)
	$(SNAKEMAKE) --cores all --configfile config/quick.yaml $(LOGGER)

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

slow: $(READY)
	$(BIN)/python -m pytest -m slow

smoke: $(READY)
	$(SNAKEMAKE) --workflow-profile profiles/smoke

# a fresh smoke grid against the committed one, and what is committed against itself
audit: $(READY)
	$(SNAKEMAKE) --workflow-profile profiles/smoke audit

# other packages' methods, for config/peers.yaml and the tests that need them
peers: $(READY)
	$(BIN)/pip install --quiet --no-deps --requirement envs/peers.txt

# the smoke grid through a SLURM of one node that is started for it: root and Debian only, docs/guide/clusters.md
slurm: $(READY)
	tests/slurm/run.sh

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow
	$(SNAKEMAKE) --lint

# the documentation as a site, results/docs/index.html; a broken link fails
docs: $(READY)
	$(BIN)/pip install --quiet --requirement envs/docs.txt
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# the contract tests on one plug-in, also one of another installed package: `make contract NAME=my_loss`
contract: $(READY)
	$(BIN)/python -m pytest tests/contract -k $(NAME)

# keep a run of a grid as a committed one: `make reference`, or
# `make reference GRID=energy_discrepancy CONFIG=config/papers/energy_discrepancy.yaml RUNG=16` for one rung
GRID := default
RESULTS := $(if $(filter default,$(GRID)),results,results/$(GRID))$(if $(RUNG),/x$(RUNG))
COMMITTED := results/reference/$(GRID)$(if $(RUNG),_x$(RUNG))
REFERENCE := $(BIN)/python -m ebmbench reference
reference: results
	$(REFERENCE) --results $(RESULTS) --committed $(COMMITTED) --configfile $(CONFIG) $(if $(RUNG),--rung $(RUNG))

# the committed run that audits compare with
smoke_reference: smoke
	$(REFERENCE) --results results/smoke --committed results/reference/smoke --configfile config/smoke.yaml

# how far its values move for harmless reasons: the kernels of older processors, and initial weights moved by 1e-6
HARMLESS := results/harmless
OLDER := OPENBLAS_CORETYPE=Prescott ATEN_CPU_CAPABILITY=default ONEDNN_MAX_CPU_ISA=SSE41 MKL_CBWR=COMPATIBLE
AVX2 := OPENBLAS_CORETYPE=Haswell ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 MKL_CBWR=AVX2
MOVED := PYTHONPATH=$(CURDIR)/benchmarks/harmless_moves
repeated = env $(2) $(SNAKEMAKE) --workflow-profile profiles/smoke \
	--config results=$(HARMLESS)/$(1) -- $(HARMLESS)/$(1)/tables/scores.csv
smoke_tolerances: $(READY)
	$(call repeated,older_kernels,$(OLDER))
	$(call repeated,avx2_kernels,$(AVX2))
	$(call repeated,moved_weights,$(MOVED))
	$(BIN)/python -m ebmbench tolerances \
		$(foreach name,older_kernels avx2_kernels moved_weights,--results $(HARMLESS)/$(name))

# what the committed runs say together: claims, ranks across data sets
claims: $(READY)
	$(SNAKEMAKE) --cores all committed
	rm -rf results/reference/claims
	mkdir -p results/reference/claims
	cp -r results/claims results/reference
	find results/reference/claims -name '*.pdf' -delete

# the pages of all committed runs from their tables, without training, and the rows that README and docs quote
COMMITTED := $(patsubst %/datasets.csv,%,$(wildcard results/reference/*/datasets.csv))
pages: $(READY)
	$(foreach run,$(COMMITTED),$(BIN)/python -m ebmbench pages --committed $(run) &&) true
	$(BIN)/python -m ebmbench quotes

# one page of all committed runs
site: $(READY)
	$(SNAKEMAKE) --cores all site

# the file is written last, so that an interrupted set-up is made anew
$(READY): envs/requirements.txt pyproject.toml
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --requirement envs/requirements.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@
