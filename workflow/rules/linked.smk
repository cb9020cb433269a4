# Files of other jobs that a job rests on: a search, a base, a finished run; and the options that name them.
from ebmbench.core.local_files import observe
from ebmbench.planning.local_files import read_as


def chosen_settings(wildcards):
    """Input function: the file with the settings that a search has chosen, where the cell is searched."""
    cell = cell_of(wildcards)
    return str(chosen_file(config, cell)) if cell in GRID.spaces else []


def stage_before(wildcards):
    """Input function: the trials of the stage of a search before a job's own, where there is one."""
    earlier = [rung for rung in STAGES if rung < stage_of(wildcards).rung]
    if not earlier:
        return []
    return str(folder_of(config, cell_of(wildcards), max(earlier)) / "trials.csv")


def data_of_search(wildcards):
    """Input function: the rows of the seeds of searches, and the facts about them."""
    stem = f"{SEARCH}/data/{wildcards.dataset}/seeds{SEARCH_SEEDS}"
    return [f"{stem}.safetensors", f"{stem}.json"]


def finished_table(wildcards):
    """Input function: the table of finished searches that has a job's stage with the same settings, if one has."""
    tables = FINISHED.get((cell_of(wildcards), stage_of(wildcards).rung), {})
    if not tables:
        return []
    return tables.get(settings_digest(json.loads(search_settings(wildcards))), [])


def features_of_search(wildcards):
    """Input function: the extractor whose features compare the trials of a search, where they do."""
    if CRITERION.extractor is None:
        return []
    return features_file(wildcards.dataset, CRITERION.extractor)


def unless_finished(files):
    """Input function: those ``files`` of a search that a job needs unless the search is finished."""
    return lambda wildcards: [] if finished_table(wildcards) else files(wildcards)


def finished_option(wildcards, input):
    """Params function: the command's words for a finished search."""
    return ["--finished", input.finished] if input.finished else []


def search_data_option(wildcards, input):
    """Params function: the command's words for the rows of the seeds of searches."""
    return ["--data", input.data[0]] if input.data else []


def features_option(wildcards, input):
    """Params function: the command's words for the features that compare trials."""
    return ["--features", input.features] if input.features else []


def before_option(wildcards, input):
    """Params function: the command's words for the stage before."""
    return ["--before", input.before] if input.before else []


def base_run(wildcards):
    """Input function: the files of the run that the cell's family builds on, where there is one."""
    return base_files(
        wildcards, lambda base: Job(base, wildcards.block).folder(RESULTS)
    )


def searched_base_run(wildcards):
    """Input function: the same on the seeds of searches, with the budget of the stage."""

    def folder(base):
        if not config["rungs"]:
            return Job(base, SEARCH_SEEDS).folder(RESULTS)
        found = folder_of(config, base, stage_of(wildcards).rung)
        return found / f"seeds{SEARCH_SEEDS}"

    return base_files(wildcards, folder)


def base_files(wildcards, folder):
    """The files of the run of a cell's base in its ``folder``, or none."""
    cell = cell_of(wildcards)
    if cell not in GRID.bases:
        return []
    names = ("run.json", "model.safetensors")
    return [str(folder(GRID.bases[cell]) / name) for name in names]


def tilted_run(name):
    """Input function: a file of the finished run that a cell tilts."""

    def of_cell(wildcards):
        return str(
            Job(GRID.tilted[cell_of(wildcards)], wildcards.block).folder(RESULTS) / name
        )

    return of_cell


def base_option(wildcards, input):
    """Params function: the command's words for the run that the cell's family builds on."""
    return ["--base", str(Path(input.base[0]).parent)] if input.base else []


def studied_files(experiment):
    """The inputs of an experiment by name: of the job that it studies, its data set and its extractor, or none."""
    if experiment not in STUDIED:
        return {}
    job = STUDIED[experiment]
    rows = data_file(RESULTS, job.cell.dataset, job.block)
    files = {"rows": str(rows), "facts": str(rows.with_suffix(".json"))}
    names = ("run.json", "model.safetensors")
    files["studied"] = [str(job.folder(RESULTS) / name) for name in names]
    if experiment in JUDGING:
        files["features"] = features_file(job.cell.dataset, JUDGING[experiment])
    return files


def studied_options(wildcards, input):
    """Params function: the command's words for the job that an experiment studies."""
    if not input:
        return []
    features = ["--features", input.features] if "features" in input.keys() else []
    studied = str(Path(input.studied[0]).parent)
    return ["--studied", studied, "--rows", input.rows, *features]


def chosen_option(wildcards, input):
    """Params function: the command's words for settings that a search has chosen."""
    return ["--chosen", input.chosen] if input.chosen else []


def features_file(dataset, extractor):
    """The file of an extractor of a set of images."""
    return f"{RESULTS}/extractors/{dataset}-{extractor}.safetensors"


def extractor_files(wildcards):
    """Input function: the extractors of the cell's data set."""
    return [
        features_file(wildcards.dataset, name) for name in JUDGED[wildcards.dataset]
    ]


def extractors_by_name(wildcards, input):
    """Params function: the same by name, as JSON."""
    return as_json(dict(zip(JUDGED[wildcards.dataset], input.extractors)))


def local_files(root):
    """Params function: the command's words that change when a local file that a data set was read from does.

    ``root``: the folder that has the data set's files. A function of ``output`` would not make the job again:
    Snakemake leaves such parameters out when it looks for changed ones.
    """

    def of_rows(wildcards):
        rows = data_file(root, wildcards.dataset, wildcards.block)
        text = read_as(rows.with_suffix(".json"))
        return ["--files", text] if text else []

    return of_rows


def weights_file(wildcards):
    """Params function: the digest of the file of weights that an extractor's settings name, where they name one."""
    path = JUDGED[wildcards.dataset][wildcards.extractor].get("path")
    return observe(Path(path)).sha256 if path and Path(path).is_file() else ""


def image_files(wildcards):
    """Params function: texts that change when a local file that a set of images was read from does."""
    return sorted({read_as(Path(facts)) for facts in facts_of_dataset(wildcards)})


def rung_tables(folders):
    """The tables of rungs that the comparison reads, by name of the input; ``folders``: by rung."""
    names = ("scores.csv", "runs.csv")
    return [f"{folder}/{name}" for folder in folders.values() for name in names]


def own_rungs(wildcards):
    """Input function: the tables of all rungs of the grid."""
    files = rung_tables(OWN_RUNGS)
    missing = [path for path in files if not Path(path).is_file()]
    others = [path for path in missing if not path.startswith(f"{RESULTS}/")]
    if others:
        sys.exit(
            f"{others[0]}: the file is missing; `make ladder` runs every rung, `--config rung=...` one of them"
        )
    return files


# the tables of the grid's own rungs
OWN_RUNGS = {
    rung: str(rungs.folder_of(ROOT, rung) / "tables") for rung in config["rungs"]
}
