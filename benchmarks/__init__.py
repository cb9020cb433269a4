"""Timings of steps, planning and scoring, beside plain transcriptions and other packages."""
