# What the suite costs beyond training, by committed runs and benchmarks: part of `committed`.


rule speed:
    input:
        tables=measured_tables,
    output:
        csv=report(
            "results/speed/core_seconds.csv",
            caption="../report/speed.rst",
            category="Speed",
        ),
        page="results/speed/speed.md",
    log:
        "<logs>/speed.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        reference=REFERENCE,
        out=subpath(output.csv, parent=True),
        code=code_digest(["ebmbench.workflow.stages.speed"]),
    shell:
        "python -m ebmbench stage speed --reference {params.reference:q} --out {params.out:q} > {log:q} 2>&1"
