#!/usr/bin/env python3
"""Calls helloworld.Greeter/SayHello: hello.py [NAME [ADDRESS [CA]]].

A stock gRPC client (python3-grpcio) that needs no generated code: both messages
have one string, field number 1.  With a
CA's certificate, a file, it speaks TLS.
"""

import sys

import grpc


def encode(text):
    """A message whose field 1 is this string."""
    data = text.encode()
    length, size = len(data), b""
    while length > 0x7F:
        size += bytes([length & 0x7F | 0x80])
        length >>= 7
    return b"\x0a" + size + bytes([length]) + data


def decode(message):
    """The string that is field 1 of such a message."""
    end_of_size = 1
    while message[end_of_size] > 0x7F:
        end_of_size += 1
    return message[end_of_size + 1 :].decode()


def open_channel(address, ca_file):
    """With TLS if there is a CA to trust."""
    if ca_file is None:
        return grpc.insecure_channel(address)
    with open(ca_file, "rb") as file:
        return grpc.secure_channel(address, grpc.ssl_channel_credentials(file.read()))


def main(name="World", address="127.0.0.1:50051", ca_file=None):
    with open_channel(address, ca_file) as channel:
        say_hello = channel.unary_unary(
            "/helloworld.Greeter/SayHello",
            request_serializer=encode,
            response_deserializer=decode,
        )
        try:
            print(say_hello(name, timeout=5))
        except grpc.RpcError as error:
            sys.exit(f"{error.code().name}: {error.details()}")


if __name__ == "__main__":
    main(*sys.argv[1:])
