"""gRPC's interoperability cases with Debian's python3-grpcio, which is gRPC's C core.

usage: interop.py TARGET. Prints the name of each case that passes; the first failure is an exception.
"""

import sys
import threading
import time

import grpc

SERVICE = "/grpc.testing.TestService/"
ECHO_INITIAL = "x-grpc-test-echo-initial"
ECHO_TRAILING = "x-grpc-test-echo-trailing-bin"
MEBIBYTE = 1024 * 1024


def varint(number):
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def number(field, value):
    return varint(field << 3) + varint(value)


def delimited(field, value):
    return varint(field << 3 | 2) + varint(len(value)) + value


def payload(size):
    return delimited(2, bytes(size))


def simple(size, sent):
    return number(2, size) + delimited(3, payload(sent))


def output(sizes, sent):
    parameters = [delimited(2, number(1, size)) for size in sizes]
    return b"".join(parameters) + delimited(3, payload(sent))


def with_status(code, text):
    return delimited(7, number(1, code) + delimited(2, text.encode()))


def response_size(response, size):
    assert len(response) == len(delimited(1, payload(size))), len(response)


def failure(call, code, details=None):
    try:
        call()
    except grpc.RpcError as error:
        assert error.code() == code, (error.code(), error.details())
        assert details is None or error.details() == details, error.details()
    else:
        raise AssertionError(f"expected {code}")


class Cases:
    def __init__(self, target):
        self.target = target
        limits = [
            ("grpc.max_receive_message_length", -1),
            ("grpc.max_send_message_length", -1),
        ]
        self.channel = grpc.insecure_channel(target, options=limits)

    def unary(self, method):
        return self.channel.unary_unary(SERVICE + method)

    def duplex(self):
        return self.channel.stream_stream(SERVICE + "FullDuplexCall")

    def empty_unary(self):
        assert self.unary("EmptyCall")(b"") == b""

    def large_unary(self):
        response_size(self.unary("UnaryCall")(simple(314_159, 271_828)), 314_159)

    def sixteen_mebibytes(self):
        size = 16 * MEBIBYTE - 64
        response_size(self.unary("UnaryCall")(simple(size, size)), size)

    def compressed(self):
        for compression in (grpc.Compression.Gzip, grpc.Compression.Deflate):
            answer = self.unary("UnaryCall")(simple(314_159, 271_828), compression=compression)
            response_size(answer, 314_159)
            calls = self.duplex()(iter([output([50_000, 7], 90_000)]), compression=compression)
            for response, size in zip(calls, [50_000, 7]):
                response_size(response, size)

    def client_streaming(self):
        call = self.channel.stream_unary(SERVICE + "StreamingInputCall")
        requests = [delimited(1, payload(size)) for size in (27_182, 8, 1_828, 45_904)]
        assert call(iter(requests)) == number(1, 74_922)

    def server_streaming(self):
        sizes = [31_415, 9, 2_653, 58_979]
        call = self.channel.unary_stream(SERVICE + "StreamingOutputCall")
        responses = list(call(output(sizes, 0)))
        assert len(responses) == len(sizes)
        for response, size in zip(responses, sizes):
            response_size(response, size)

    def ping_pong(self):
        turns = [(31_415, 27_182), (9, 8), (2_653, 1_828), (58_979, 45_904)]
        answered = threading.Semaphore(1)

        def requests():
            for size, sent in turns:
                answered.acquire()
                yield output([size], sent)

        got = 0
        for response in self.duplex()(requests()):
            response_size(response, turns[got][0])
            got += 1
            answered.release()
        assert got == len(turns)

    def empty_stream(self):
        assert list(self.duplex()(iter([]))) == []

    def cancel_in_every_state(self):
        # Before anything is sent, within the requests, after the first response, and all at once.
        for wait in (0, 0.001, 0.02):
            for _ in range(20):
                started = threading.Event()

                def requests():
                    started.set()
                    yield output([31_415], 27_182)
                    time.sleep(0.05)

                call = self.duplex()(requests())
                if wait:
                    started.wait(1)
                    time.sleep(wait)
                call.cancel()
                assert call.code() == grpc.StatusCode.CANCELLED
        call = self.duplex()(iter([output([31_415] * 100, 1)]))
        next(call)
        call.cancel()
        assert call.code() == grpc.StatusCode.CANCELLED
        self.empty_unary()

    def timeout_on_sleeping_server(self):
        def requests():
            yield output([], 27_182)
            time.sleep(0.5)

        def call():
            list(self.duplex()(requests(), timeout=0.05))

        failure(call, grpc.StatusCode.DEADLINE_EXCEEDED)

    def long_deadline(self):
        self.unary("EmptyCall")(b"", timeout=24 * 3600)
        self.unary("EmptyCall")(b"", timeout=60 * 24 * 3600)

    def custom_metadata(self):
        metadata = ((ECHO_INITIAL, "test_initial_metadata_value"), (ECHO_TRAILING, b"\xab\xab\xab"))
        _, call = self.unary("UnaryCall").with_call(simple(314_159, 271_828), metadata=metadata)
        assert dict(call.initial_metadata())[ECHO_INITIAL] == "test_initial_metadata_value"
        assert dict(call.trailing_metadata())[ECHO_TRAILING] == b"\xab\xab\xab"
        call = self.duplex()(iter([output([314_159], 271_828)]), metadata=metadata)
        list(call)
        assert dict(call.initial_metadata())[ECHO_INITIAL] == "test_initial_metadata_value"
        assert dict(call.trailing_metadata())[ECHO_TRAILING] == b"\xab\xab\xab"

    def status_code_and_message(self):
        text = "test status message"
        request = with_status(2, text)
        failure(lambda: self.unary("UnaryCall")(request), grpc.StatusCode.UNKNOWN, text)
        failure(lambda: list(self.duplex()(iter([request]))), grpc.StatusCode.UNKNOWN, text)

    def special_status_message(self):
        text = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
        request = with_status(2, text)
        failure(lambda: self.unary("UnaryCall")(request), grpc.StatusCode.UNKNOWN, text)

    def unimplemented_method(self):
        failure(lambda: self.unary("Unimplemented")(b""), grpc.StatusCode.UNIMPLEMENTED)

    def unimplemented_service(self):
        call = self.channel.unary_unary("/grpc.testing.UnimplementedService/Call")
        failure(lambda: call(b""), grpc.StatusCode.UNIMPLEMENTED)

    def ping_each_second(self):
        options = [
            ("grpc.keepalive_time_ms", 1000),
            ("grpc.keepalive_timeout_ms", 1000),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.max_pings_without_data", 0),
            ("grpc.use_local_subchannel_pool", 1),
        ]
        with grpc.insecure_channel(self.target, options=options) as channel:
            unary = channel.unary_unary(SERVICE + "EmptyCall")
            unary(b"", wait_for_ready=True)
            time.sleep(6)
            unary(b"", timeout=3)

    def many_streams(self):
        futures = [self.unary("UnaryCall").future(simple(1, 1)) for _ in range(10_000)]
        for future in futures:
            response_size(future.result(), 1)


def main():
    cases = Cases(sys.argv[1])
    for name, case in vars(Cases).items():
        if name.startswith("_") or name in ("unary", "duplex"):
            continue
        case(cases)
        print(name, flush=True)


main()
