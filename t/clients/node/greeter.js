// Calls the greeter with grpc-js, as its users do; channel.js says how to start
// it.
//
// HelloRequest and HelloReply have one string, field 1: it is written and read
// by hand, so no code is generated here.

import { strict as assert } from "node:assert";
import grpc from "@grpc/grpc-js";
import { connect, fails, main } from "./channel.js";

const SERVICE = "/helloworld.Greeter/";
const PATIENCE_MS = 30000;

function encode(text) {
  const raw = Buffer.from(text);
  const head = [0x0a];
  let length = raw.length;
  for (; length > 0x7f; length >>>= 7) head.push((length & 0x7f) | 0x80);
  return raw.length ? Buffer.concat([Buffer.from([...head, length]), raw]) : raw;
}

function decode(message) {
  let at = 1;
  while (message[at++] > 0x7f);
  return message.subarray(at).toString();
}

class Greeter extends grpc.Client {
  hello(name, { method = "SayHello", metadata = new grpc.Metadata(), wait = PATIENCE_MS } = {}) {
    const deadline = Date.now() + wait;
    return new Promise((resolve, reject) => {
      const done = (error, reply) => (error ? reject(error) : resolve(reply));
      const path = method.startsWith("/") ? method : SERVICE + method;
      this.makeUnaryRequest(path, encode, decode, name, metadata, { deadline }, done);
    });
  }

  bidi() {
    const options = { deadline: Date.now() + PATIENCE_MS };
    return this.makeBidiStreamRequest(SERVICE + "SayHelloBidiStream", encode, decode, options);
  }
}

async function greets(client, name, options) {
  assert.equal(await client.hello(name, options), `Hello ${name}`);
}

const cases = {
  async unary(client) {
    for (const name of ["world", "", "Jürgen", "世界"]) await greets(client, name);
  },

  async many(client) {
    const names = Array.from({ length: 500 }, (_, number) => String(number));
    await Promise.all(names.map((name) => greets(client, name)));
  },

  async large(client) {
    await greets(client, "n".repeat(1 << 20));
  },

  async metadata(client) {
    const metadata = new grpc.Metadata();
    metadata.add("key", "value");
    metadata.add("key", "again");
    metadata.add("raw-bin", Buffer.from([0, 1, 254, 255]));
    await greets(client, "metadata", { metadata });
  },

  async unimplemented(client) {
    await fails(client.hello("x", { method: "Nod" }), grpc.status.UNIMPLEMENTED);
    await fails(client.hello("x", { method: "/no.Such/Method" }), grpc.status.UNIMPLEMENTED);
  },

  async "server-stream"(client) {
    const path = SERVICE + "SayHelloStreamReply";
    const call = client.makeServerStreamRequest(path, encode, decode, "node");
    let count = 0;
    for await (const reply of call) {
      assert.match(reply, /node/);
      count++;
    }
    assert(count > 1, `${count} messages`);
  },

  async bidi(client) {
    const names = Array.from({ length: 2000 }, (_, number) => String(number));
    const call = client.bidi();
    for (const name of names) call.write(name);
    call.end();
    const replies = [];
    for await (const reply of call) replies.push(reply);
    assert.deepEqual(replies, names.map((name) => `Hello ${name}`));
  },

  async cancel(client) {
    for (let i = 0; i < 20; i++) {
      const call = client.bidi();
      call.write("x");
      const ended = new Promise((resolve) => call.on("error", resolve));
      call.once("data", () => call.cancel());
      assert.equal((await ended).code, grpc.status.CANCELLED);
    }
    await greets(client, "still here");
  },
};

/** A case with a client of its own. */
function withClient(run) {
  return async () => {
    const client = connect(Greeter, { "grpc.max_receive_message_length": -1 });
    try {
      await run(client);
    } finally {
      client.close();
    }
  };
}

await main(
  Object.fromEntries(Object.entries(cases).map(([name, run]) => [name, withClient(run)])),
);
