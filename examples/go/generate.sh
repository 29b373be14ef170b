#!/bin/sh
# Generates Go's types and clients of the API into the package foghorn/api below GOPATH.
# usage: generate.sh GOPATH. Needs protoc, protoc-gen-go and protoc-gen-go-grpc.
set -eu
protos=$(cd "$(dirname "$0")/../../protos" && pwd)
mkdir -p "$1/src"
out=$(cd "$1/src" && pwd)
files='containerd/types/event.proto containerd/types/mount.proto containerd/events/task.proto
  containerd/services/events/v1/events.proto
  foghorn/v1/history.proto foghorn/v1/containers.proto foghorn/v1/trace.proto'
options=
for file in $files; do
  options="$options,M$file=foghorn/api"
done
cd "$protos"
# shellcheck disable=SC2086
exec protoc -I . --go_out="${options#,}:$out" --go-grpc_out="${options#,}:$out" $files
