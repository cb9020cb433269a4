# Digests of the code that a job runs: a change of it makes the job anew.
from ebmbench.config import CHOICES
from ebmbench.plugins import module_name
from ebmbench.provenance import code_digest


def module_of(axis, name):
    """The module behind an entry of an axis."""
    return module_name(axis, kind_of(name, config[SECTIONS[axis]][name]))


def code(stage, *axes):
    """Params function: digest of a stage's code and of the plug-ins that a cell names on these axes."""

    def of_cell(wildcards):
        modules = [module_of(axis, wildcards[axis]) for axis in axes]
        if "stats" in axes:
            modules += modules_of_statistics(wildcards)
        return code_digest([f"ebmbench.stages.{stage}", *modules])

    return of_cell


def code_of_sampling(wildcards):
    """Params function: digest of the stage's code, the model's, its sampler's and its ways to log Z."""
    cell = cell_of(wildcards)
    modules = [module_of("family", wildcards.family), *modules_of_statistics(wildcards)]
    if cell in GRID.bases:
        modules.append(module_of("family", GRID.bases[cell].family))
    return code_digest(
        ["ebmbench.stages.sample", *modules, *chosen_modules(wildcards, CHOICES)]
    )


def code_of_tilting(wildcards):
    """Params function: digest of the stage's code, the models' and statistics', and the ways to log Z."""
    modules = [module_of(axis, wildcards[axis]) for axis in ("family", "stats")]
    modules += modules_of_statistics(wildcards)
    return code_digest(
        ["ebmbench.stages.tilt", *modules, *chosen_modules(wildcards, ["likelihood"])]
    )


def code_of_search(wildcards):
    """Params function: digest of the stage's code, the plug-ins that are trained, and the ways to log Z."""
    modules = [module_of(axis, wildcards[axis]) for axis in ("family", "loss", "stats")]
    modules += modules_of_statistics(wildcards)
    return code_digest(
        ["ebmbench.stages.tune", *modules, *chosen_modules(wildcards, ["likelihood"])]
    )


def modules_of_statistics(wildcards):
    """The modules of the statistics that a cell's models match."""
    found = GRID.settings[cell_of(wildcards)]["statistics"]
    return [module_name("statistic", name) for name in found]


def chosen_modules(wildcards, choices):
    """The modules that a cell chooses by name."""
    found = GRID.settings[cell_of(wildcards)]
    return [module_name(part, name) for part in choices for name in found[part]]


def experiment_modules(experiment):
    """The modules of an experiment and of the extractor that it judges draws by."""
    judging = [JUDGING[experiment]] if experiment in JUDGING else []
    return [
        module_name("experiment", experiment),
        *[module_name("extractor", name) for name in judging],
    ]
