# The grid, and what several rules ask of it: settings, digests and files of a job.
import json
import shutil

from ebmbench.cells import AXES, BLOCK, NAME, Cell, data_file
from ebmbench.config import CHOICES, SECTIONS
from ebmbench.plugins import kind_of, module_name
from ebmbench.provenance import code_digest

SCHEMA = Path(workflow.basedir, "workflow/schemas/config.schema.yaml")

try:
    config = configuration.check(config, SCHEMA)
    GRID = configuration.grid(config)
except UserError as error:
    sys.exit(str(error))

# absolute: a relative path would be read from the folder of each rule that inherits it
ENVIRONMENT = str(Path(workflow.basedir, "envs/ebmbench.yaml"))

RESULTS = config["results"]
# as JSON: the grid that collecting and drawing read files of
CONFIG = json.dumps(config, sort_keys=True)

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


def settings(*parts):
    """Params function: a cell's settings of these parts, as JSON."""

    def of_cell(wildcards):
        found = GRID.settings[Cell(*(wildcards[axis] for axis in AXES))]
        return as_json({part: found[part] for part in parts})

    return of_cell


def dataset_settings(wildcards):
    """A data set's settings: every cell of it has the same."""
    cell = next(cell for cell in GRID.settings if cell.dataset == wildcards.dataset)
    return as_json(GRID.settings[cell]["dataset"])


def module_of(axis, name):
    """The module behind an entry of an axis."""
    return module_name(axis, kind_of(name, config[SECTIONS[axis]][name]))


def entries(axis, kind):
    """Constraint on a wildcard: the entries of an axis that are of this kind, or nothing at all."""
    names = [
        name
        for name, settings in config[SECTIONS[axis]].items()
        if kind_of(name, settings) == kind
    ]
    return "|".join(names) or "(?!)"


def code(stage, *axes):
    """Params function: digest of a stage's code and of the plug-ins that a cell names on these axes."""

    def of_cell(wildcards):
        modules = [module_of(axis, wildcards[axis]) for axis in axes]
        return code_digest([f"ebmbench.stages.{stage}", *modules])

    return of_cell


def code_of_sampling(wildcards):
    """Params function: digest of the stage's code, the model's, its sampler's and its ways to log Z."""
    found = GRID.settings[Cell(*(wildcards[axis] for axis in AXES))]
    modules = [module_of(axis, wildcards[axis]) for axis in ("family", "stats")]
    modules += [module_name(part, name) for part in CHOICES for name in found[part]]
    return code_digest(["ebmbench.stages.sample", *modules])


def as_json(content):
    return json.dumps(content, sort_keys=True)


def of_every_job(name):
    return [str(job.folder(RESULTS) / name) for job in GRID.jobs]


def data_of_every_job():
    files = [data_file(RESULTS, job.cell.dataset, job.block) for job in GRID.jobs]
    return list(dict.fromkeys(map(str, files)))
