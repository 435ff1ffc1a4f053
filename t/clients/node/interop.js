// The cases of gRPC's interoperability tests (its interop-test-descriptions.md)
// with grpc-js, which brings no client of its own for them; channel.js says how
// to start it.
//
// grpc-js does not tell which replies came compressed, so server_compressed_*
// look at what is in them.

import { strict as assert } from "node:assert";
import { loadSync } from "@grpc/proto-loader";
import grpc from "@grpc/grpc-js";
import { connect, fails, main, proto } from "./channel.js";

const { TestService } = grpc.loadPackageDefinition(loadSync(proto, { keepCase: true })).grpc
  .testing;

const PATIENCE_MS = 30000;
const UP = [27182, 8, 1828, 45904];
const DOWN = [31415, 9, 2653, 58979];
const LARGE_UP = 271828;
const LARGE_DOWN = 314159;
const SOAK_ITERATIONS = 10;

const GZIP = { "grpc.default_compression_algorithm": grpc.compressionAlgorithms.gzip };
// The flag of a message that is not to be compressed, which write() takes in
// the place of an encoding.
const NO_COMPRESS = 2;

const INITIAL = "x-grpc-test-echo-initial";
const TRAILING = "x-grpc-test-echo-trailing-bin";
const SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";

const { CANCELLED, DEADLINE_EXCEEDED, INVALID_ARGUMENT, UNIMPLEMENTED, UNKNOWN } = grpc.status;

const soon = (wait = PATIENCE_MS) => ({ deadline: Date.now() + wait });
const payload = (size) => ({ body: Buffer.alloc(size) });
const LARGE = { response_size: LARGE_DOWN, payload: payload(LARGE_UP) };

/** Calls a unary method: its reply, headers and trailers. */
function ask(client, method, request, metadata = new grpc.Metadata()) {
  return new Promise((resolve, reject) => {
    let reply, headers;
    const done = (error, message) => (error ? reject(error) : (reply = message));
    const call = client[method](request, metadata, soon(), done);
    call.on("metadata", (received) => (headers = received));
    call.on("status", ({ metadata: trailers }) => resolve({ reply, headers, trailers }));
  });
}

/** Fails unless a reply has so many zeros. */
function holds(reply, size) {
  const { body } = reply.payload;
  assert(body.equals(Buffer.alloc(size)), `${body.length} bytes rather than ${size}`);
}

/** Fails unless a large request is answered with a large reply. */
async function large(client, changes = {}) {
  const { reply } = await ask(client, "UnaryCall", { ...LARGE, ...changes });
  holds(reply, LARGE_DOWN);
}

/** Sends requests, each with a flag for write(): the sum of their payloads. */
function sum(client, requests, flags = []) {
  return new Promise((resolve, reject) => {
    const call = client.StreamingInputCall(soon(), (error, reply) =>
      error ? reject(error) : resolve(reply.aggregated_payload_size),
    );
    requests.forEach((request, at) => call.write(request, flags[at]));
    call.end();
  });
}

/** Reads replies to the end: each must have so many zeros. */
async function reads(call, sizes) {
  const replies = [];
  for await (const reply of call) replies.push(reply);
  assert.equal(replies.length, sizes.length);
  replies.forEach((reply, at) => holds(reply, sizes[at]));
}

/** A request for replies of sizes, with so many bytes in it. */
const output = (up, ...sizes) => ({
  payload: payload(up),
  response_parameters: sizes.map((size) => ({ size })),
});

/** The official cases, by name; each with a client. */
const cases = {
  async empty_unary(client) {
    await ask(client, "EmptyCall", {});
  },

  large_unary: (client) => large(client),

  async client_compressed_unary(client, compressing) {
    const expect_compressed = { value: true };
    await fails(large(client, { expect_compressed }), INVALID_ARGUMENT);
    await large(compressing, { expect_compressed });
    await large(client, { expect_compressed: { value: false } });
  },

  async server_compressed_unary(client) {
    for (const value of [true, false]) await large(client, { response_compressed: { value } });
  },

  async client_streaming(client) {
    const requests = UP.map((size) => ({ payload: payload(size) }));
    assert.equal(await sum(client, requests), 74922);
  },

  async client_compressed_streaming(client, compressing) {
    const first = { expect_compressed: { value: true }, payload: payload(UP[0]) };
    const second = { expect_compressed: { value: false }, payload: payload(UP[3]) };
    await fails(sum(client, [first]), INVALID_ARGUMENT);
    assert.equal(await sum(compressing, [first, second], [0, NO_COMPRESS]), 73086);
  },

  server_streaming: (client) =>
    reads(client.StreamingOutputCall(output(0, ...DOWN), soon()), DOWN),

  async server_compressed_streaming(client) {
    const sizes = [31415, 92653];
    const request = output(0, ...sizes);
    request.response_parameters[0].compressed = { value: true };
    request.response_parameters[1].compressed = { value: false };
    await reads(client.StreamingOutputCall(request, soon()), sizes);
  },

  async ping_pong(client) {
    const call = client.FullDuplexCall(soon());
    const replies = call[Symbol.asyncIterator]();
    for (const at of DOWN.keys()) {
      call.write(output(UP[at], DOWN[at]));
      holds((await replies.next()).value, DOWN[at]);
    }
    call.end();
    assert((await replies.next()).done, "more than was asked for");
  },

  async empty_stream(client) {
    const call = client.FullDuplexCall(soon());
    call.end();
    await reads(call, []);
  },

  async timeout_on_sleeping_server(client) {
    const call = client.FullDuplexCall(soon(100));
    const request = output(UP[0], 1);
    request.response_parameters[0].interval_us = PATIENCE_MS * 1000;
    call.write(request);
    await fails(reads(call, []), DEADLINE_EXCEEDED);
  },

  async cancel_after_begin(client) {
    const ended = new Promise((_, reject) => {
      const call = client.StreamingInputCall(soon(), reject);
      setImmediate(() => call.cancel());
    });
    await fails(ended, CANCELLED);
  },

  async cancel_after_first_response(client) {
    const call = client.FullDuplexCall(soon());
    const replies = call[Symbol.asyncIterator]();
    call.write(output(UP[0], DOWN[0]));
    holds((await replies.next()).value, DOWN[0]);
    call.cancel();
    await fails(replies.next(), CANCELLED);
  },

  async status_code_and_message(client) {
    const response_status = { code: UNKNOWN, message: "test status message" };
    const { message } = response_status;
    await fails(ask(client, "UnaryCall", { response_status }), UNKNOWN, message);
    const call = client.FullDuplexCall(soon());
    call.write({ response_status });
    await fails(reads(call, []), UNKNOWN, message);
  },

  async special_status_message(client) {
    const response_status = { code: UNKNOWN, message: SPECIAL };
    await fails(ask(client, "UnaryCall", { response_status }), UNKNOWN, SPECIAL);
  },

  async custom_metadata(client) {
    const raw = Buffer.from([0xab, 0xab, 0xab]);
    const metadata = new grpc.Metadata();
    metadata.set(INITIAL, "test_initial_metadata_value");
    metadata.set(TRAILING, raw);
    const echoed = ({ headers, trailers }) => {
      assert.deepEqual(headers.get(INITIAL), metadata.get(INITIAL));
      assert.deepEqual(trailers.get(TRAILING), [raw]);
    };
    echoed(await ask(client, "UnaryCall", LARGE, metadata));
    const call = client.FullDuplexCall(metadata, soon());
    const told = {};
    call.on("metadata", (headers) => (told.headers = headers));
    call.on("status", (status) => (told.trailers = status.metadata));
    call.write(output(LARGE_UP, LARGE_DOWN));
    call.end();
    await reads(call, [LARGE_DOWN]);
    echoed(told);
  },

  async unimplemented_method(client) {
    await fails(ask(client, "UnimplementedCall", {}), UNIMPLEMENTED);
  },

  async unimplemented_service(client) {
    const path = "/grpc.testing.UnimplementedService/UnimplementedCall";
    const as_is = (message) => message;
    const ended = new Promise((_, reject) =>
      client.makeUnaryRequest(path, as_is, as_is, Buffer.alloc(0), soon(), reject),
    );
    await fails(ended, UNIMPLEMENTED);
  },

  async pick_first_unary(client) {
    const servers = new Set();
    for (let i = 0; i < 20; i++) {
      const { reply } = await ask(client, "UnaryCall", { fill_server_id: true });
      assert(reply.server_id);
      servers.add(reply.server_id);
    }
    assert.equal(servers.size, 1);
  },

  async rpc_soak(client) {
    for (let i = 0; i < SOAK_ITERATIONS; i++) await large(client);
  },

  async channel_soak() {
    for (let i = 0; i < SOAK_ITERATIONS; i++) await withClients((fresh) => large(fresh))();
  },
};

/** Runs with a client, and with one that compresses. */
function withClients(run) {
  return async () => {
    const clients = [connect(TestService), connect(TestService, GZIP)];
    try {
      await run(clients[0], clients[1]);
    } finally {
      for (const client of clients) client.close();
    }
  };
}

await main(
  Object.fromEntries(Object.entries(cases).map(([name, run]) => [name, withClients(run)])),
);
