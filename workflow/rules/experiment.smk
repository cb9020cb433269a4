# Experiments of the papers besides the grid, some of a run of it: one rule each, for a caption knows no wildcards.

for experiment in config["experiments"]:

    rule:
        name:
            f"experiment_{experiment}"
        input:
            **studied_files(experiment),
        output:
            png=report(
                f"<results>/experiments/{experiment}/figure.png",
                caption=f"../report/{experiment}.rst",
                category="Experiments",
                labels={"experiment": experiment},
            ),
            pdf=f"<results>/experiments/{experiment}/figure.pdf",
            csv=f"<results>/experiments/{experiment}/figure.csv",
        log:
            f"<logs>/experiments/{experiment}.log",
        # they are long and wait for nothing: begun last they would run alone
        priority: 1
        conda:
            ENVIRONMENT
        threads: 1
        params:
            experiment=experiment,
            settings=as_json(config["experiments"][experiment]),
            studied=studied_options,
            out=subpath(output.png, parent=True),
            code=code_digest(
                [
                    "ebmbench.workflow.stages.experiment",
                    *experiment_modules(experiment),
                ]
            ),
        shell:
            "python -m ebmbench stage experiment --name {params.experiment:q} --settings {params.settings:q}"
            " {params.studied:q} --out {params.out:q} > {log:q} 2>&1"


rule experiments:
    input:
        expand(
            "<results>/experiments/{experiment}/figure.png",
            experiment=config["experiments"],
        ),
