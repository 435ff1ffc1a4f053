"""What the tests of the whole program share.

    tap      runs the test functions of a script, prints TAP
    check    assertions that say what they saw
    wait     waiting for conditions, never for time
    server   a grpcd of one's own: config, start, signals, end
    config   the text of a grpcd.conf
    command  grpcd as a command that ends: -t, -T, -s
    proc     what /proc says of processes and sockets
    greeter  stock gRPC clients of helloworld.Greeter
    frames   a client that sends and sees single HTTP/2 frames
    tls      an authority of one's own, and clients that speak TLS
    readme   what README.md says one can paste
    load     clients in processes of their own that keep calling
    modules  modules of examples and other sources, and clients of them
"""
