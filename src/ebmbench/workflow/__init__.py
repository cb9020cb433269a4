"""Workflow: the stages that Snakemake runs, the fork server, and the command line."""
