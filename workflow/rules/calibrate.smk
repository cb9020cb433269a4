# Samplers, log Z and the benchmark's own rules where the answers are known: `snakemake calibration`, no part of `all`.
from ebmbench.experiments.calibration.known_order.measured import METRICS, SIZES
from ebmbench.experiments.calibration.known_order.problems import PROBLEMS
from ebmbench.experiments.calibration.targets import PRODUCTS, TARGETS

CALIBRATION = Path(RESULTS, "calibration")
# rows of another tool, which `snakemake peer_log_z` makes where that tool is installed
PEER = CALIBRATION / "peer_log_z.csv"

# sequential Monte Carlo, which grids use beyond the plane: an energy of a product costs as much as those of its factors
PRODUCT_STUDY = {"repetitions": 40, "methods": ["SMC, MALA"]}


# the energies of which the targets called trained... consist
rule calibrate_energies:
    output:
        weights="<results>/calibration/energies.safetensors",
        table="<results>/calibration/energies.csv",
        page="<results>/calibration/energies.md",
    log:
        "<logs>/calibration/energies.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        out=subpath(output.weights, parent=True),
        code=code_digest(["ebmbench.experiments.calibration.trained_energies"]),
    shell:
        "python -m ebmbench stage calibrate_energies --out {params.out:q} > {log:q} 2>&1"


rule calibrate_log_z:
    output:
        "<results>/calibration/parts/{target}.csv",
    log:
        "<logs>/calibration/{target}.log",
    wildcard_constraints:
        target="|".join(TARGETS),
    conda:
        ENVIRONMENT
    threads: 1
    params:
        code=code_digest(
            [
                "ebmbench.experiments.calibration.log_z_study",
                "ebmbench.experiments.calibration.targets",
            ]
        ),
    shell:
        "python -m ebmbench stage calibrate_log_z --name {wildcards.target:q} --out {output:q} > {log:q} 2>&1"


rule calibrate_product_log_z:
    input:
        energies=rules.calibrate_energies.output.weights,
    output:
        "<results>/calibration/parts/{target}.csv",
    log:
        "<logs>/calibration/{target}.log",
    wildcard_constraints:
        target="|".join(PRODUCTS),
    conda:
        ENVIRONMENT
    threads: 1
    params:
        settings=json.dumps(PRODUCT_STUDY),
        code=code_digest(
            [
                "ebmbench.experiments.calibration.log_z_study",
                "ebmbench.experiments.calibration.targets",
            ]
        ),
    shell:
        "python -m ebmbench stage calibrate_log_z --name {wildcards.target:q} --settings {params.settings:q}"
        " --energies {input.energies:q} --out {output:q} > {log:q} 2>&1"


rule calibrate_samplers:
    input:
        energies=rules.calibrate_energies.output.weights,
    output:
        csv=report(
            "<results>/calibration/samplers.csv",
            caption="../report/samplers.rst",
            category="Calibration",
        ),
        page="<results>/calibration/samplers.md",
    log:
        "<logs>/calibration/samplers.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        out=subpath(output.csv, parent=True),
        code=code_digest(["ebmbench.experiments.calibration.sampler_study"]),
    shell:
        "python -m ebmbench stage calibrate_samplers --energies {input.energies:q} --out {params.out:q} > {log:q} 2>&1"


rule calibrate_summary:
    input:
        parts=expand(
            "<results>/calibration/parts/{target}.csv", target=[*TARGETS, *PRODUCTS]
        ),
        peer=[str(PEER)] if PEER.exists() else [],
    output:
        rows="<results>/calibration/log_z.csv",
        summary=report(
            "<results>/calibration/log_z_summary.csv",
            caption="../report/log_z.rst",
            category="Calibration",
        ),
        page="<results>/calibration/log_z_summary.md",
        png=report(
            "<results>/calibration/log_z_error.png",
            caption="../report/log_z_error.rst",
            category="Calibration",
            labels={"figure": "log_z_error"},
        ),
        pdf="<results>/calibration/log_z_error.pdf",
        csv="<results>/calibration/log_z_error.csv",
    log:
        "<logs>/calibration/summary.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        parts=lambda _, input: Path(input.parts[0]).parent,
        out=subpath(output.rows, parent=True),
        code=code_digest(["ebmbench.workflow.stages.calibrate"]),
    shell:
        "python -m ebmbench stage calibrate_summary --tables {params.parts:q} --out {params.out:q} > {log:q} 2>&1"


# methods of known order: one job per problem scores them, one per metric decides, so that a new rule scores nothing anew
rule calibrate_known_scores:
    output:
        "<results>/calibration/known_order/scores/{problem}.csv",
    log:
        "<logs>/calibration/known_scores_{problem}.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        code=code_digest(
            [
                "ebmbench.workflow.stages.known_order_scores",
                "ebmbench.experiments.calibration.known_order.problems",
            ]
        ),
    shell:
        "python -m ebmbench stage calibrate_known_scores --name {wildcards.problem:q} --out {output:q} > {log:q} 2>&1"


rule calibrate_known_rates:
    input:
        scores=expand(
            "<results>/calibration/known_order/scores/{problem}.csv", problem=PROBLEMS
        ),
    output:
        "<results>/calibration/known_order/rates/{metric}.csv",
    log:
        "<logs>/calibration/known_rates_{metric}.log",
    wildcard_constraints:
        metric="|".join(METRICS),
    conda:
        ENVIRONMENT
    threads: 1
    params:
        scores=lambda _, input: Path(input.scores[0]).parent,
        code=code_digest(["ebmbench.workflow.stages.known_order_rates"]),
    shell:
        "python -m ebmbench stage calibrate_known_rates --name {wildcards.metric:q} --tables {params.scores:q}"
        " --out {output:q} > {log:q} 2>&1"


rule calibrate_matched_rates:
    output:
        "<results>/calibration/known_order/rates/{sizes}.csv",
    log:
        "<logs>/calibration/matched_rates_{sizes}.log",
    wildcard_constraints:
        sizes="|".join(SIZES),
    conda:
        ENVIRONMENT
    threads: 1
    params:
        code=code_digest(["ebmbench.workflow.stages.known_order_rates"]),
    shell:
        "python -m ebmbench stage calibrate_matched_rates --name {wildcards.sizes:q} --out {output:q} > {log:q} 2>&1"


rule calibrate_known_order:
    input:
        rates=expand(
            "<results>/calibration/known_order/rates/{part}.csv",
            part=[*METRICS, *SIZES],
        ),
    output:
        table=report(
            "<results>/calibration/known_order.csv",
            caption="../report/known_order.rst",
            category="Calibration",
        ),
        page="<results>/calibration/known_order.md",
        png=report(
            "<results>/calibration/known_order_rates.png",
            caption="../report/known_order_rates.rst",
            category="Calibration",
            labels={"figure": "known_order_rates"},
        ),
        pdf="<results>/calibration/known_order_rates.pdf",
        csv="<results>/calibration/known_order_rates.csv",
    log:
        "<logs>/calibration/known_order.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        rates=lambda _, input: Path(input.rates[0]).parent,
        out=subpath(output.table, parent=True),
        code=code_digest(["ebmbench.workflow.stages.known_order_rates"]),
    shell:
        "python -m ebmbench stage calibrate_known_order --tables {params.rates:q} --out {params.out:q} > {log:q} 2>&1"


rule calibration:
    input:
        rules.calibrate_summary.output,
        rules.calibrate_samplers.output,
        rules.calibrate_known_order.output,


# run it before `calibration`, whose tables and figure then show the peer; it stops, with the reason in the log,
# where the packages of envs/benchmark.txt are not installed, as in a deployed environment
rule peer_log_z:
    log:
        "<logs>/calibration/peer_log_z.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        tests=str(Path(workflow.basedir, "benchmarks/test_log_z.py")),
        out=str(PEER),
    shell:
        "python -m pytest {params.tests:q} --out {params.out:q} -rs > {log:q} 2>&1"
