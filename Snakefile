# The entry of the workflow: configuration, rules, targets.
# `snakemake --cores all` makes everything; `snakemake -n` says what it would do.
import sys
from pathlib import Path

from snakemake.utils import min_version

min_version("9.0")

sys.path.insert(0, str(Path(workflow.basedir) / "src"))

from ebmbench.planning import config as configuration
from ebmbench.core.errors import UserError

# a configuration file given on the command line replaces the default grid: it is not merged into it
if not workflow.overwrite_configfiles:

    configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/linked.smk"
include: "workflow/rules/committed.smk"
include: "workflow/rules/summary.smk"
include: "workflow/rules/digests.smk"
include: "workflow/rules/lock.smk"
include: "workflow/rules/outputs.smk"
include: "workflow/rules/forkserver.smk"
include: "workflow/rules/start.smk"
include: "workflow/rules/end.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/tune.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/rungs.smk"
include: "workflow/rules/tilt.smk"
include: "workflow/rules/sample.smk"
include: "workflow/rules/score.smk"
include: "workflow/rules/images.smk"
include: "workflow/rules/collect.smk"
include: "workflow/rules/compare.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/experiment.smk"
include: "workflow/rules/calibrate.smk"
include: "workflow/rules/speed.smk"
include: "workflow/rules/ladder.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/audit.smk"
include: "workflow/rules/site.smk"


for method in sorted(Path(workflow.basedir, "workflow/rules/methods").glob("*.smk")):

    include: str(method)


include: "workflow/rules/producers.smk"


rule all:
    default_target: True
    input:
        deleted_files,
        rules.tables.output,
        rules.data_pages.input,
        rules.figures.input,
        rules.experiments.input,
        rules.tuning.output if GRID.spaces else [],
        rules.time_to_kl.output if config["time_to_kl"] else [],
        rules.matches.output if MATCHING else [],
        rules.comparisons.input,
        rules.controls.output,
        rules.paired_differences.output,
        rules.ranks.output,
        rules.published.output if BESIDE else [],
        rules.audit_page.output if (OWN_REFERENCE / "scores.csv").is_file() else [],
        rules.statistics_claims.output if MATCHING and "effects" in COMPARED else [],
