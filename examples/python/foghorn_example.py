#!/usr/bin/python3
"""Publishes, follows and waits, with grpcio.

usage: foghorn_example.py ADDRESS publish TOPIC JSON
       foghorn_example.py ADDRESS follow BOOKMARK
       foghorn_example.py ADDRESS wait CONTAINER

ADDRESS is unix:///path or host:port. PYTHONPATH names the directory that generate.sh has filled.
Stubs of grpcio-tools do the same as the calls below, which need nothing but grpcio.
"""

import json
import os
import sys
import time

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2

from containerd.events import task_pb2
from containerd.services.events.v1 import events_pb2
from foghorn.v1 import history_pb2

NAMESPACE = "default"
PAUSE_SECONDS = 1


def publish(channel, topic, text):
    """containerd's own call: any client of containerd can publish."""
    payload = json_format.Parse(text, struct_pb2.Struct())
    request = events_pb2.PublishRequest(topic=topic)
    request.event.type_url = payload.DESCRIPTOR.full_name
    request.event.value = payload.SerializeToString()
    call = channel.unary_unary(
        "/containerd.services.events.v1.Events/Publish",
        request_serializer=events_pb2.PublishRequest.SerializeToString,
        response_deserializer=empty_pb2.Empty.FromString,
    )
    call(request, metadata=[("containerd-namespace", NAMESPACE)])


def follow(channel, bookmark):
    """Shows each event once, also those that were published while this program was not running."""
    call = channel.unary_stream(
        "/foghorn.v1.History/Read",
        request_serializer=history_pb2.ReadRequest.SerializeToString,
        response_deserializer=history_pb2.ReadResponse.FromString,
    )
    cursor = read_bookmark(bookmark)
    while True:
        request = history_pb2.ReadRequest(gap_policy=history_pb2.GAP_POLICY_CONTINUE)
        if cursor:
            request.after = cursor
        else:
            request.earliest.SetInParent()
        try:
            for response in call(request):
                cursor = handle(response) or cursor
                write_bookmark(bookmark, cursor)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNAVAILABLE:
                raise
        # The broker is away or stops: the cursor says where to continue.
        time.sleep(PAUSE_SECONDS)


def handle(response):
    """Returns the cursor to continue after."""
    kind = response.WhichOneof("message")
    if kind == "entries":
        for entry in response.entries.entries:
            print(entry.topic, describe(entry.event), flush=True)
        return response.entries.entries[-1].cursor
    if kind == "gap":
        print(f"at most {response.gap.lost_at_most} events are not kept any more", flush=True)
        return response.gap.to
    return getattr(response, kind).cursor


def describe(event):
    if event.type_url == "containerd.events.TaskExit":
        task = task_pb2.TaskExit.FromString(event.value)
        return f"{task.container_id} exited {task.exit_status}"
    if event.type_url == "google.protobuf.Struct":
        payload = struct_pb2.Struct.FromString(event.value)
        return json.dumps(json_format.MessageToDict(payload), sort_keys=True)
    return event.type_url


def read_bookmark(path):
    try:
        with open(path, encoding="ascii") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def write_bookmark(path, cursor):
    """Replaces the file, so that a crash leaves the old cursor or the new one."""
    with open(f"{path}.new", "w", encoding="ascii") as file:
        file.write(cursor)
    os.replace(f"{path}.new", path)


def wait(channel, container):
    """Prints the exit code, also of a container that ended long ago."""
    call = channel.unary_unary(
        "/foghorn.v1.History/Wait",
        request_serializer=history_pb2.WaitRequest.SerializeToString,
        response_deserializer=history_pb2.WaitResponse.FromString,
    )
    request = history_pb2.WaitRequest()
    request.container.namespace = NAMESPACE
    request.container.container_id = container
    request.not_running.SetInParent()
    print(call(request, wait_for_ready=True).exit_status)


def main():
    address, command, *arguments = sys.argv[1:]
    # An event may have 16 MiB, four times what clients take unless they are told.
    options = [("grpc.max_receive_message_length", -1)]
    with grpc.insecure_channel(address, options) as channel:
        {"publish": publish, "follow": follow, "wait": wait}[command](channel, *arguments)


if __name__ == "__main__":
    main()
