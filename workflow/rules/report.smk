# Figures, each with the numbers that it shows: one rule a figure, for a caption knows no wildcards.

FIGURES = ["density_panels", "kl_seconds", "kl_evaluations", "mismatch_bars"]

for figure in FIGURES:

    rule:
        name:
            f"figure_{figure}"
        input:
            summary=rules.tables.output.summary,
            curves=rules.collect.output.curves,
            runs=rules.collect.output.runs,
            data=data_of_every_job(),
            trained=of_every_job("run.json"),
            sampling=of_every_job("sampling.json"),
            log_prob=of_every_job("log_prob.safetensors"),
        output:
            png=report(
                f"<figures>/{figure}.png",
                caption=f"../report/{figure}.rst",
                category="Figures",
                labels={"figure": figure},
            ),
            pdf=f"<figures>/{figure}.pdf",
            csv=f"<figures>/{figure}.csv",
        log:
            f"<logs>/figures/{figure}.log",
        conda:
            ENVIRONMENT
        threads: 1
        params:
            figure=figure,
            config=CONFIG,
            tables=subpath(input.summary, parent=True),
            stem=subpath(output.png, strip_suffix=".png"),
            code=code_digest(["ebmbench.stages.figures"]),
        shell:
            "python -m ebmbench figure --name {params.figure} --config {params.config:q} --tables {params.tables}"
            " --out {params.stem} > {log} 2>&1"


rule figures:
    input:
        expand("<figures>/{figure}.png", figure=FIGURES),
