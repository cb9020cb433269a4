# Digests of the code that a job runs: a change of it makes the job anew.
from ebmbench.planning import code_modules
from ebmbench.core.plugins import module_name
from ebmbench.provenance.code_digest import code_digest


def code(of):
    """Params function: digest of a cell's code from the modules that ``of`` tells of."""
    return lambda wildcards: code_digest(of(config, GRID, cell_of(wildcards)))


def code_of_rows(wildcards):
    """Params function: digest of the code that makes a data set's rows."""
    rows = code_modules.of_entry(config, "dataset", wildcards.dataset)
    return code_digest(["ebmbench.workflow.stages.dataset", rows])


def code_of_data_page(wildcards):
    """Params function: digest of the code that makes the page of a data set."""
    rows = code_modules.of_entry(config, "dataset", wildcards.dataset)
    return code_digest(["ebmbench.workflow.stages.data_page", rows])


def experiment_modules(experiment):
    """The modules of an experiment and of the extractor that it judges draws by."""
    judging = [JUDGING[experiment]] if experiment in JUDGING else []
    return [
        module_name("experiment", experiment),
        *[module_name("extractor", name) for name in judging],
    ]
