# The grid, and what several rules ask of it: settings and files of a job.
import json
import shutil

from ebmbench.cells import AXES, BLOCK, NAME, Cell, Job, data_file
from ebmbench.comparisons import asked_for
from ebmbench.config import SECTIONS
from ebmbench.plugins import kind_of
from ebmbench.selection import figures
from ebmbench.sets import parts_of
from ebmbench.studies import studied
from ebmbench.tuning import folder_of

SCHEMA = Path(workflow.basedir, "workflow/schemas/config.schema.yaml")

try:
    config = configuration.check(config, SCHEMA)
    GRID = configuration.grid(config)
    FIGURES = figures(config, GRID)
    STUDIED = studied(config, GRID)
    COMPARED = asked_for(GRID, config)
except UserError as error:
    sys.exit(str(error))

# absolute: a relative path would be read from the folder of each rule that inherits it
ENVIRONMENT = str(Path(workflow.basedir, "envs/ebmbench.yaml"))

RESULTS = config["results"]
# the block of the one seed that searches see
SEARCH_SEEDS = "{0}-{0}".format(config["tuning"]["seed"])
# as JSON: the grid that collecting and drawing read files of; one figure or experiment more makes no other anew
CONFIG = json.dumps({**config, "figures": {}, "experiments": {}}, sort_keys=True)

# whether models of the grid match statistics
MATCHING = any(found["statistics"] for found in GRID.settings.values())

# GPUs that a training or sampling job asks for
GPUS = int(config["device"] != "cpu" and shutil.which("nvidia-smi") is not None)

# jobs run the code beside this Snakefile, whatever else is installed, with the Python that runs Snakemake
# (unless Snakemake deploys an environment), one thread each
DEPLOYED = bool(workflow.deployment_settings.deployment_method)
OWN_PYTHON = "" if DEPLOYED else f"PATH='{Path(sys.executable).parent}':\"$PATH\" "
shell.prefix(
    f"export {OWN_PYTHON}PYTHONPATH='{workflow.basedir}/src' OMP_NUM_THREADS=1; "
)


# no wildcards in these: Snakemake would not see their constraints
pathvars:
    results=RESULTS,
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


def cell_of(wildcards):
    """The cell that a job is of."""
    return Cell(*(wildcards[axis] for axis in AXES))


def settings(*parts):
    """Params function: a cell's settings of these parts, as JSON."""

    def of_cell(wildcards):
        found = GRID.settings[cell_of(wildcards)]
        return as_json({part: found[part] for part in parts})

    return of_cell


def search_settings(wildcards):
    """Params function: what the search of a cell needs, as JSON."""
    cell = cell_of(wildcards)
    parts = {
        part: GRID.settings[cell][part]
        for part in (*AXES, "statistics", "train", "likelihood")
    }
    tuned = {name: config["tuning"][name] for name in ("trials", "seed")}
    return as_json(parts | {"tuning": tuned | {"space": GRID.spaces.get(cell, {})}})


def chosen_settings(wildcards):
    """Input function: the file with the settings that a search has chosen, where the cell is searched."""
    cell = cell_of(wildcards)
    return str(folder_of(RESULTS, cell) / "chosen.json") if cell in GRID.spaces else []


def base_run(block=None):
    """Input function: the files of the run that the cell's family builds on, where there is one.

    Of the job's own block of seeds, or of ``block``.
    """

    def of_cell(wildcards):
        cell = cell_of(wildcards)
        if cell not in GRID.bases:
            return []
        folder = Job(GRID.bases[cell], block or wildcards.block).folder(RESULTS)
        return [str(folder / name) for name in ("run.json", "model.safetensors")]

    return of_cell


def tilted_run(name):
    """Input function: a file of the finished run that a cell tilts."""

    def of_cell(wildcards):
        return str(
            Job(GRID.tilted[cell_of(wildcards)], wildcards.block).folder(RESULTS) / name
        )

    return of_cell


def base_option(wildcards, input):
    """Params function: the command's option for the run that the cell's family builds on."""
    return f"--base {Path(input.base[0]).parent}" if input.base else ""


def studied_files(experiment):
    """The inputs of an experiment by name: files of the job that it studies and of its data set, or none."""
    if experiment not in STUDIED:
        return {}
    job = STUDIED[experiment]
    rows = data_file(RESULTS, job.cell.dataset, job.block)
    files = {"rows": str(rows), "facts": str(rows.with_suffix(".json"))}
    names = ("run.json", "model.safetensors")
    return files | {"studied": [str(job.folder(RESULTS) / name) for name in names]}


def studied_options(wildcards, input):
    """Params function: the command's options for the job that an experiment studies."""
    if not input:
        return ""
    return f"--studied {Path(input.studied[0]).parent} --rows {input.rows}"


def chosen_option(wildcards, input):
    """Params function: the command's option for settings that a search has chosen."""
    return f"--chosen {input.chosen}" if input.chosen else ""


def dataset_settings(wildcards):
    """A data set's settings: every cell of it has the same."""
    cell = next(cell for cell in GRID.settings if cell.dataset == wildcards.dataset)
    return as_json(GRID.settings[cell]["dataset"])


def entries(axis, kind):
    """Constraint on a wildcard: the entries of an axis that are of this kind, or nothing at all."""
    return "|".join(of_kind(axis, kind)) or "(?!)"


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
    return [str(folder_of(RESULTS, cell) / name) for cell in GRID.spaces]


def data_of_every_job():
    files = [data_file(RESULTS, job.cell.dataset, job.block) for job in GRID.jobs]
    return list(dict.fromkeys(map(str, files)))


def caption_of_figure(name):
    """The figure's own caption where there is one, else that of its kind."""
    own = Path(workflow.basedir, "workflow/report", f"{name}.rst")
    return f"../report/{name if own.exists() else FIGURES[name].kind}.rst"
