#!/bin/sh
# Reports the exits of a series of jobs through the spool in $FOGHORN_SPOOL. While the broker is
# away, exits are kept there; the next command that reaches the broker stores them in order.
# Waits SECONDS_BETWEEN (default 2) between two jobs.
set -eu

job=0
while true; do
  job=$((job + 1))
  status=$((job % 3))
  exited_at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  foghorn publish --topic /tasks/exit --type containerd.events.TaskExit --json "{
    \"container_id\": \"job-$job\", \"id\": \"job-$job\", \"pid\": $job,
    \"exit_status\": $status, \"exited_at\": \"$exited_at\"
  }"
  echo "job-$job ended with $status"
  sleep "${SECONDS_BETWEEN:-2}"
done
