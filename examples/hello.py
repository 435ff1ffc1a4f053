#!/usr/bin/env python3
"""Calls helloworld.Greeter/SayHello: hello.py [NAME [ADDRESS]].

A stock gRPC client (python3-grpcio) that needs no generated code: both messages
have one string, field number 1.
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


def main(name="World", address="127.0.0.1:50051"):
    with grpc.insecure_channel(address) as channel:
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
