#!/bin/sh
# Reports the exit of one job after another, through the spool in $FOGHORN_SPOOL: while the broker is away an exit is
# kept there, and stored in its turn by the next one that reaches the broker. Waits SECONDS_BETWEEN them, otherwise 2.
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
