#!/bin/sh
# Generates Python's classes for the messages of the API into DIR.
# usage: generate.sh DIR. Needs protoc, and python3-protobuf where the classes are used.
set -eu
protos=$(cd "$(dirname "$0")/../../protos" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$protos"
exec protoc -I . --python_out="$out" \
  containerd/types/event.proto containerd/types/mount.proto containerd/events/task.proto \
  containerd/services/events/v1/events.proto \
  foghorn/v1/history.proto foghorn/v1/containers.proto foghorn/v1/trace.proto
