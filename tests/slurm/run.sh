#!/usr/bin/env bash
# A SLURM of one node on this machine, and through it: a training whose job is cancelled, which must go on where it was;
# the smoke grid, whose tables and tensors must be those of a local run, byte by byte; last, that the comparison sees one
# digit changed and one file missing. Root and Debian only. `tests/slurm/run.sh my.yaml` is another grid.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
config=$(realpath "${1:-$root/config/smoke.yaml}")
python=$root/.venv/bin/python
[[ -x $python ]] || python=$(command -v python3)
conf=/etc/slurm/slurm.conf
mark="# placed by tests/slurm/run.sh"
PATH=$PATH:/usr/sbin:/sbin
# nproc heeds the next
cores=$(env -u OMP_NUM_THREADS nproc)
export OMP_NUM_THREADS=1

# what holds times, and so is never the same twice
timed=(tables/{runs,curves,cost,time_to_kl}.csv tables/{cost,time_to_kl}.md)

say() { echo "slurm test: $*"; }
die() { say "$*" >&2; exit 1; }

daemons=()
snakemake=
placed=

stop() { # signal, process or -group
  kill -s "$1" -- "$2" 2>/dev/null || return 0
  wait "${2#-}" 2>/dev/null || return 0
}

finish() {
  local outcome=$? index
  trap - EXIT INT TERM
  # with the jobs that it runs itself; those that SLURM runs for it are cancelled next
  if [[ -n $snakemake ]]; then stop KILL "-$snakemake"; fi
  if ((${#daemons[@]} > 1)); then
    timeout 10 scancel --user root 2>/dev/null || true
    for _ in $(seq 20); do
      [[ -n $(timeout 10 squeue --noheader 2>/dev/null) ]] || break
      sleep 0.5
    done
  fi
  for ((index = ${#daemons[@]} - 1; index >= 0; index--)); do stop TERM "${daemons[index]}"; done
  if [[ -n $placed ]]; then
    rm -f "$conf"
    if [[ -e $work/slurm.conf.before ]]; then mv "$work/slurm.conf.before" "$conf"; fi
  fi
  if ((outcome)); then say "failed; its logs are in $work" >&2; else rm -rf "$work"; fi
  exit "$outcome"
}

install_missing() {
  local missing=()
  command -v slurmctld >/dev/null && command -v slurmd >/dev/null || missing+=(slurm-wlm)
  command -v munged >/dev/null || missing+=(munge)
  ((${#missing[@]})) || return 0
  say "installs ${missing[*]}"
  # at run level 1 a package starts no service
  {
    apt-get update
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}"
  } >"$work/apt.log" 2>&1 || die "apt-get: $(tail -n 1 "$work/apt.log")"
}

start() { # name of the log, command
  local log=$work/$1.out
  shift
  # a session of its own: Ctrl-C is for this script, which then stops them in order
  setsid "$@" >"$log" 2>&1 &
  daemons+=($!)
}

start_slurm() {
  local host memory
  if pgrep -x slurmctld >/dev/null || pgrep -x slurmd >/dev/null; then
    die "a SLURM runs on this machine already; stop it, or test elsewhere"
  fi
  host=$(hostname -s)
  memory=$(awk '/^MemTotal/ {print int($2 / 1024 * 0.9)}' /proc/meminfo)
  mkdir -p "$(dirname "$conf")" "$work/state" "$work/spool"
  if [[ -e $conf ]] && ! grep -qF "$mark" "$conf"; then mv "$conf" "$work/slurm.conf.before"; fi
  placed=yes
  sed -e "s|@MARK@|$mark|; s|@WORK@|$work|g; s|@HOST@|$host|g; s|@CPUS@|$cores|; s|@MEMORY@|$memory|" \
    "$root/tests/slurm/slurm.conf.in" >"$conf"
  (umask 077 && head -c 1024 /dev/urandom >"$work/munge.key")
  start munged munged --foreground --key-file="$work/munge.key" --socket="$work/munge.socket" \
    --pid-file="$work/munge.pid" --log-file="$work/munged.log" --seed-file="$work/munge.seed"
  start slurmctld slurmctld -D
  start slurmd slurmd -D
  for _ in $(seq 60); do
    [[ $(sinfo --noheader --format %T 2>/dev/null) != idle ]] || break
    sleep 0.5
  done
  [[ $(sinfo --noheader --format %T 2>/dev/null) == idle ]] || die "no node after 30 s: $(tail -n 1 "$work/slurmd.log")"
  say "$(sinfo --version) on $cores cores, plugin $(sed -n 's/^snakemake-executor-plugin-slurm==//p' "$root/envs/slurm.txt")"
}

run() { # folder, profile, configuration, more arguments; in the background
  local folder=$work/$1 profile=$2 configfile=$3
  shift 3
  mkdir -p "$folder"
  # no committed run is named `grid`: the audit is not asked
  (cd "$folder" && exec setsid "$python" -m snakemake "$@" --snakefile "$root/Snakefile" \
    --workflow-profile "$root/profiles/$profile" --configfile "$configfile" --config device=cpu results=grid \
    >"$folder.log" 2>&1) &
  snakemake=$!
}

run_slurm() {
  # seconds between looks at the queue: kinder values for a real cluster are the plugin's own
  run "$1" slurm "$2" "${@:3}" --slurm-status-command squeue --slurm-init-seconds-before-status-checks 5
}

finished() { # folder
  wait "$snakemake" || die "snakemake failed in $1: $(grep -m 1 -i error "$work/$1.log" || tail -n 1 "$work/$1.log")"
  snakemake=
}

cancelled_training() {
  local cell=grid/runs/moons/ebm-ed-none/seeds0-0 log=grid/logs/train/moons/ebm-ed-none/seeds0-0.log job
  run killed-local default "$root/tests/slurm/killed.yaml" "$cell/run.json"
  finished killed-local
  run_slurm killed "$root/tests/slurm/killed.yaml" "$cell/run.json"
  until [[ -e $work/killed/$cell/resume-0.pt ]]; do
    kill -0 "$snakemake" 2>/dev/null || die "snakemake ended before the training saved a state: see $work/killed.log"
    sleep 0.1
  done
  job=$(squeue --noheader --states RUNNING --format %i)
  scancel "$job"
  finished killed
  grep -q "JobId=$job .*JobState=CANCELLED" "$work/jobs.txt" || die "job $job was not cancelled"
  grep -q "goes on after step" "$work/killed/$log" || die "the second try did not go on from the saved state"
  cmp "$work/killed-local/$cell/model.safetensors" "$work/killed/$cell/model.safetensors" ||
    die "a cancelled training came out otherwise"
  say "a cancelled training went on: $(grep -o "goes on after step .*" "$work/killed/$log"), the same weights"
}

listed() { # results folder
  (cd "$1" && find tables -type f && find runs -name '*.safetensors') | grep -vxFf <(printf '%s\n' "${timed[@]}")
}

same() { # two results folders: one line for each file that is not the same
  local name count=0 wrong=0
  while read -r name; do
    count=$((count + 1))
    cmp --silent "$1/$name" "$2/$name" || { say "not the same: $name"; wrong=$((wrong + 1)); }
  done < <({ listed "$1"; listed "$2"; } | sort -u)
  say "$count files compared, $wrong not the same"
  ((count > 0 && wrong == 0))
}

same_grid() {
  local began seconds=() jobs submitted completed
  began=$SECONDS
  run local default "$config"
  finished local
  seconds+=($((SECONDS - began)))
  began=$SECONDS
  : >"$work/jobs.txt"
  run_slurm slurm "$config"
  finished slurm
  seconds+=($((SECONDS - began)))
  # a local run calls every rule local, one through SLURM only those that are no more than a name for others
  (($(grep -cE '^(local)?rule ' "$work/local.log") == $(grep -cE '^(local)?rule ' "$work/slurm.log"))) ||
    die "the two runs had not the same jobs: see $work/local.log and $work/slurm.log"
  jobs=$(grep -c '^rule ' "$work/slurm.log" || true)
  submitted=$(grep -c 'has been submitted with SLURM jobid' "$work/slurm.log" || true)
  completed=$(grep -c 'JobState=COMPLETED' "$work/jobs.txt" || true)
  ((jobs > 0 && jobs == submitted && jobs == completed)) || die "$jobs jobs, $submitted went to SLURM, $completed were completed there"
  say "$jobs jobs, each through SLURM: ${seconds[1]} s; locally ${seconds[0]} s"
  same "$work/local/grid" "$work/slurm/grid" || die "SLURM's tables are not the local ones"
}

wrong_ones_fail() {
  local altered=$work/altered found
  cp -r "$work/local/grid" "$altered"
  # the last digit of the first value that there is
  awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "value") value = i }
    NR > 1 && !done && $value ~ /[0-9]$/ { sub(/.$/, $value ~ /1$/ ? 2 : 1, $value); done = 1 } { print }' \
    "$work/local/grid/tables/scores.csv" >"$altered/tables/scores.csv"
  found=$(same "$work/slurm/grid" "$altered") && die "a changed digit went unseen"
  grep -q "not the same: tables/scores.csv" <<<"$found" || die "a changed digit was not reported"
  cp "$work/local/grid/tables/scores.csv" "$altered/tables/scores.csv"
  rm "$altered/tables/summary.csv"
  found=$(same "$work/slurm/grid" "$altered") && die "a missing table went unseen"
  grep -q "not the same: tables/summary.csv" <<<"$found" || die "a missing table was not reported"
  say "a changed digit and a missing table are seen"
}

((EUID == 0)) || die "needs root: it places $conf and starts daemons"
work=$(mktemp -d)
# munged wants a socket that others can reach
chmod 711 "$work"
trap finish EXIT
trap 'exit 130' INT TERM
"$python" -m pip install --quiet --quiet --disable-pip-version-check --no-deps --target "$work/plugin" \
  --requirement "$root/envs/slurm.txt" || die "no executor plugin: pip failed"
# beside the environment, which stays as it is; SLURM hands this on to the jobs
export PYTHONPATH=$work/plugin${PYTHONPATH:+:$PYTHONPATH}
install_missing
start_slurm
cancelled_training
same_grid
wrong_ones_fail
say "passed"
