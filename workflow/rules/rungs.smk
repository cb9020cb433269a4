# What rungs share: the rows of the seeds of searches, and bases that are trained on them with the budget of a stage.
if config["rungs"]:

    use rule dataset as search_dataset with:
        output:
            data="<search>/data/{dataset}/seeds{block}.safetensors",
            facts="<search>/data/{dataset}/seeds{block}.json",
        log:
            "<search>/logs/data/{dataset}/seeds{block}.log",
        params:
            settings=dataset_settings,
            code=code_of_rows,
            files=local_files(SEARCH),
            out=subpath(output.data, parent=True),

    use rule train as search_base with:
        input:
            data="<search>/data/{dataset}/seeds{block}.safetensors",
            facts="<search>/data/{dataset}/seeds{block}.json",
            chosen="<search>/runs/{dataset}/{family}-{loss}-{stats}/tuning/x{rung}/chosen.json",
            base=[],
        output:
            model="<search>/runs/{dataset}/{family}-{loss}-{stats}/tuning/x{rung}/seeds{block}/model.safetensors",
            curves="<search>/runs/{dataset}/{family}-{loss}-{stats}/tuning/x{rung}/seeds{block}/curves.csv",
            run="<search>/runs/{dataset}/{family}-{loss}-{stats}/tuning/x{rung}/seeds{block}/run.json",
        log:
            "<search>/logs/base/{dataset}/{family}-{loss}-{stats}-x{rung}/seeds{block}.log",
        wildcard_constraints:
            loss=NAME,
        params:
            settings=settings_at_rung(
                "dataset", "family", "loss", "stats", "statistics", "train"
            ),
