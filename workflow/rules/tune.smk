# The search for a cell's settings, on seeds of its own, before the cell is trained on the grid's seeds. All trials of a
# stage of a cell's search are one job; with rungs, each rung has its stage, and all rungs share the searches. What the
# table of finished searches holds is copied from it.


rule tune:
    input:
        data=unless_finished(data_of_search),
        before=stage_before,
        base=unless_finished(searched_base_run),
        features=unless_finished(features_of_search),
        finished=finished_table,
    output:
        trials=f"<search>/runs/{{dataset}}/{{family}}-{{loss}}-{{stats}}/{TUNED}/trials.csv",
        chosen=f"<search>/runs/{{dataset}}/{{family}}-{{loss}}-{{stats}}/{TUNED}/chosen.json",
    log:
        f"<search>/logs/tune/{{dataset}}/{TUNED_METHOD}.log",
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        gpu=GPUS,
    params:
        settings=search_settings,
        code=code(code_modules.of_search),
        device=config["device"],
        data=search_data_option,
        before=before_option,
        base=base_option,
        features=features_option,
        finished=finished_option,
        out=subpath(output.trials, parent=True),
    shell:
        "python -m ebmbench stage tune"
        " --cell {wildcards.dataset:q}/{wildcards.family:q}-{wildcards.loss:q}-{wildcards.stats:q}"
        " --settings {params.settings:q} {params.data:q} --device {params.device:q} --code {params.code:q}"
        " {params.before:q} {params.base:q} {params.features:q} {params.finished:q} --out {params.out:q} > {log:q} 2>&1"


rule tuning:
    input:
        trials=of_every_search("trials.csv"),
    output:
        table=report(
            "<tables>/tuning.csv", caption="../report/tuning.rst", category="Tables"
        ),
        page="<tables>/tuning.md",
    log:
        "<logs>/tuning.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        config=CONFIG,
        out=subpath(output.table, parent=True),
        code=code_digest(["ebmbench.workflow.stages.tuning_table"]),
    shell:
        "python -m ebmbench stage tuning --config {params.config:q} --out {params.out:q} > {log:q} 2>&1"
