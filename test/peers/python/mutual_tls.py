"""Calls a broker over mutual TLS with Debian's python3-grpcio, which is gRPC's C core.

usage: mutual_tls.py TARGET CA CERT KEY NAMESPACE. Publishes an event and waits until a subscription
shows it; prints the status of each call. CERT and KEY may be empty.
"""

import sys

import grpc

EVENTS = "/containerd.services.events.v1.Events/"
TIMEOUT = 60


def delimited(field, value):
    return bytes([field << 3 | 2, len(value)]) + value


def read(path):
    if not path:
        return None
    with open(path, "rb") as file:
        return file.read()


def status(call):
    try:
        call()
        return "OK"
    except grpc.RpcError as error:
        return error.code().name


def main(target, ca, cert, key, namespace):
    credentials = grpc.ssl_channel_credentials(read(ca), read(key), read(cert))
    channel = grpc.secure_channel(target, credentials)
    subscribe = channel.unary_stream(EVENTS + "Subscribe")
    publish = channel.unary_unary(EVENTS + "Publish")
    metadata = [("containerd-namespace", namespace)]
    event = delimited(1, b"/python/tls")
    seen = subscribe(delimited(1, f"namespace=={namespace}".encode()), timeout=TIMEOUT)

    def follow():
        seen.initial_metadata()
        publish(event, metadata=metadata, timeout=TIMEOUT)
        assert b"/python/tls" in next(seen)

    print("subscribe and publish", status(follow))
    seen.cancel()
    print("publish", status(lambda: publish(event, metadata=metadata, timeout=TIMEOUT)))


main(*sys.argv[1:])
