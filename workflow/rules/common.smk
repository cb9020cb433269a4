# The grid, and what several rules ask of it: settings and files of a job.
import json
import os
import shutil
import subprocess

from ebmbench.core.cells import AXES, BLOCK, NAME, Cell, Job, data_file
from ebmbench.reporting.claims.claim import read_claims
from ebmbench.planning.comparisons import asked_for, published_beside
from ebmbench.planning.cell_selection import SECTIONS
from ebmbench.core.plugins import kind_of
from ebmbench.core.schemas import SCHEMAS
from ebmbench.planning.cell_dependencies import dataset, datasets_with_pages
from ebmbench.planning.figure_selection import figures
from ebmbench.planning.statistic_sets import parts_of
from ebmbench.planning.experiment_inputs import judging, studied
from ebmbench.planning import rungs, search_criteria
from ebmbench.planning.finished_searches import finished, settings_digest
from ebmbench.workflow.job_environment import JOB_ENVIRONMENT
from ebmbench.planning.tuning import chosen_file, folder_of, log_of

SCHEMA = SCHEMAS / "config.schema.yaml"

try:
    config = configuration.check(config, SCHEMA)
    GRID = configuration.planned(config)
    FIGURES = figures(config, GRID)
    STUDIED = studied(config, GRID)
    JUDGING = judging(config, STUDIED)
    COMPARED = asked_for(GRID, config)
    # stages of searches that need not run, each with the digest of its settings
    FINISHED = finished(config["search"])
except UserError as error:
    sys.exit(str(error))

# absolute: a relative path would be read from the folder of each rule that inherits it
ENVIRONMENT = str(Path(workflow.basedir, "envs/ebmbench.yaml"))

RESULTS = config["results"]
# the folder of all rungs, and that of the searches which they share; without rungs both are the results'
ROOT, SEARCH = str(rungs.root_of(config)), str(rungs.search_root(config))
# the budgets that searches are made at, each with the grid of that budget
TUNED = "tuning/x{rung}" if config["rungs"] else "tuning"
# what the trials of searches are compared by
CRITERION = search_criteria.of_search(config["tuning"])
TUNED_METHOD = "{family}-{loss}-{stats}" + ("-x{rung}" if config["rungs"] else "")
STAGES = {of.rung: of for of in rungs.stages(config)}
AT_RUNG = {config["rung"]: GRID} | {
    rung: configuration.grid(rungs.at_rung(config, rung))
    for rung in STAGES
    if GRID.spaces and rung != config["rung"]
}
# data sets whose draws are judged by features, each with its extractors
JUDGED = config["extractors"]
# data sets that have a page, tables and images
DATA_PAGES = datasets_with_pages(config, GRID.settings)
# the block of the seeds that searches see
SEARCH_SEEDS = rungs.search_seeds(config)
# as JSON: the grid that collecting and drawing read files of; one figure or experiment more makes no other anew
CONFIG = json.dumps({**config, "figures": {}, "experiments": {}}, sort_keys=True)

# whether models of the grid match statistics
MATCHING = any(found["statistics"] for found in GRID.settings.values())

# numbers of others, and whether one stands beside a cell of the grid
PUBLISHED = Path(workflow.basedir, "results/published")
PUBLISHED_SCHEMA = SCHEMAS / "published.schema.yaml"
BESIDE = published_beside(GRID.settings, PUBLISHED)

# what a rule of a model that is made elsewhere writes for each job
RUN_FILES = [
    *("run.json", "model.safetensors", "curves.csv"),
    *("samples.safetensors", "log_prob.safetensors", "sampling.json"),
]

# GPUs of a job that trains, samples or computes features of images
FOUND = config["device"] == "auto" and shutil.which("nvidia-smi") is not None
GPUS = int(config["device"] == "cuda" or FOUND)

# jobs run the code beside this Snakefile, whatever else is installed, with the Python that runs Snakemake
# (unless Snakemake deploys an environment), one thread each
DEPLOYED = bool(workflow.deployment_settings.deployment_method)
BIN, SOURCE = Path(sys.executable).parent, Path(workflow.basedir, "src")
OWN_PYTHON = "" if DEPLOYED else 'PATH={BIN:q}:"$PATH" '
# Snakemake fills in the braces, as in a rule's command
shell.prefix(
    f"export {OWN_PYTHON}"
    'PYTHONPATH={SOURCE:q}"${{PYTHONPATH:+:$PYTHONPATH}}" '
    + "".join(f"{name}={value} " for name, value in JOB_ENVIRONMENT.items())
    + "; "
)


# no wildcards in these: Snakemake would not see their constraints
pathvars:
    results=RESULTS,
    search=SEARCH,
    runs="<results>/runs",
    tables="<results>/tables",
    figures="<results>/figures",
    logs="<results>/logs",


wildcard_constraints:
    dataset=NAME,
    family=NAME,
    loss=NAME,
    stats=NAME,
    block=BLOCK,
    rung=r"\d+",
    grid=NAME,


def run_stage(words):
    """Run a stage that is no job's, with the paths of one; return its exit code, its lines and its complaint."""
    paths = filter(None, [str(SOURCE), os.environ.get("PYTHONPATH")])
    done = subprocess.run(
        [sys.executable, "-m", "ebmbench", "stage", *words],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            **JOB_ENVIRONMENT,
        },
        capture_output=True,
        text=True,
    )
    complaint = done.stderr.strip().removeprefix(f"ebmbench {words[0]}: ")
    return done.returncode, done.stdout.splitlines(), complaint


def cell_of(wildcards):
    """The cell that a job is of."""
    return Cell(*(wildcards[axis] for axis in AXES))


def settings(*parts):
    """Params function: a cell's settings of these parts, as JSON."""

    def of_cell(wildcards):
        found = GRID.settings[cell_of(wildcards)]
        return as_json({part: found[part] for part in parts})

    return of_cell


def settings_at_rung(*parts):
    """Params function: a cell's settings of these parts with the budget of the job's rung, as JSON."""

    def of_cell(wildcards):
        found = AT_RUNG[int(wildcards.rung)].settings[cell_of(wildcards)]
        return as_json({part: found[part] for part in parts})

    return of_cell


def stage_of(wildcards):
    """The stage of a search that a job is of; without rungs there is only one."""
    return STAGES[int(wildcards.get("rung", 1))]


def search_settings(wildcards):
    """Params function: what a stage of the search of a cell needs, as JSON."""
    cell, stage = cell_of(wildcards), stage_of(wildcards)
    found = AT_RUNG[stage.rung]
    parts = {
        part: found.settings[cell][part]
        for part in (*AXES, "statistics", "train", *CRITERION.parts)
    }
    space = {"space": found.spaces.get(cell, {})}
    tuned = stage._asdict() | space | CRITERION.recorded
    return as_json(parts | {"tuning": tuned})


def dataset_settings(wildcards):
    """A data set's settings: every cell of it has the same."""
    return as_json(dataset(GRID.settings, wildcards.dataset))


def entries(axis, *kinds):
    """Constraint on a wildcard: the entries of an axis that are of these kinds, or nothing at all."""
    return "|".join(name for kind in kinds for name in of_kind(axis, kind)) or "(?!)"


def entries_but(axis, kind):
    """Constraint on a wildcard: the entries of an axis that are not of this kind, or nothing at all."""
    others = [
        name for name in config[SECTIONS[axis]] if name not in of_kind(axis, kind)
    ]
    return "|".join(others) or "(?!)"


def of_kind(axis, kind):
    found = config[SECTIONS[axis]].items()
    return [name for name, settings in found if kind_of(name, settings) == kind]


def as_json(content):
    return json.dumps(content, sort_keys=True)


def of_jobs(jobs, name):
    return [str(job.folder(RESULTS) / name) for job in jobs]


def of_every_job(name):
    return of_jobs(GRID.jobs, name)


def of_every_search(name):
    return [
        str(folder_of(config, cell, stage.rung) / name)
        for cell in GRID.spaces
        for stage in rungs.stages_so_far(config)
    ]


def data_of_every_job():
    files = [data_file(RESULTS, job.cell.dataset, job.block) for job in GRID.jobs]
    return list(dict.fromkeys(map(str, files)))


def facts_of_dataset(wildcards):
    """Input function: the facts of each block of a data set's seeds."""
    blocks = [job.block for job in GRID.jobs if job.cell.dataset == wildcards.dataset]
    files = [data_file(RESULTS, wildcards.dataset, block) for block in blocks]
    return list(dict.fromkeys(str(path.with_suffix(".json")) for path in files))


def facts_options(wildcards, input):
    """Params function: the command's words for these."""
    return [word for path in input.facts for word in ("--data", path)]


def caption_of_figure(name):
    """The figure's own caption where there is one, else that of its kind."""
    own = Path(workflow.basedir, "workflow/report", f"{name}.rst")
    return f"../report/{name if own.exists() else FIGURES[name].kind}.rst"
