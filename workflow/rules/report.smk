# Figures, each with the numbers that it shows: one rule a figure, for a caption knows no wildcards.

for figure, shown in FIGURES.items():

    rule:
        name:
            f"figure_{figure}"
        input:
            summary=rules.tables.output.summary,
            scores=rules.collect.output.scores,
            curves=rules.collect.output.curves,
            runs=rules.collect.output.runs,
            data=[str(path) for path in shown.data_files(RESULTS)],
            trained=of_jobs(shown.jobs, "run.json"),
            sampling=of_jobs(shown.jobs, "sampling.json"),
            log_prob=of_jobs(shown.jobs, "log_prob.safetensors"),
            samples=of_jobs(shown.jobs, "samples.safetensors"),
        output:
            png=report(
                f"<figures>/{figure}.png",
                caption=caption_of_figure(figure),
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
            settings=as_json(config["figures"][figure]),
            config=CONFIG,
            tables=subpath(input.summary, parent=True),
            stem=subpath(output.png, strip_suffix=".png"),
            code=code_digest(
                ["ebmbench.workflow.stages.figures", module_name("figure", shown.kind)]
            ),
        shell:
            "python -m ebmbench stage figure --name {params.figure:q} --settings {params.settings:q}"
            " --config {params.config:q} --tables {params.tables:q} --out {params.stem:q} > {log:q} 2>&1"


rule figures:
    input:
        expand("<figures>/{figure}.png", figure=FIGURES),
