// What the clients here share: where to call, with which certificates, and how
// to run cases by name.
//
//	CLIENT [--ca FILE [--cert FILE --key FILE]] [--proto FILE] ADDRESS [CASE...]
//
// Without a case it names them all.  Prints a line for each case, "ok CASE" or
// "not ok CASE: why"; exit status 1 if one was not.

import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import grpc from "@grpc/grpc-js";

const file = { type: "string" };
const { values: files, positionals } = parseArgs({
  options: { ca: file, cert: file, key: file, proto: file },
  allowPositionals: true,
});
const [address, ...names] = positionals;

/** Where the .proto is. */
export const proto = files.proto;

function read(file) {
  return file ? readFileSync(file) : null;
}

function credentials() {
  if (!files.ca) return grpc.credentials.createInsecure();
  return grpc.credentials.createSsl(read(files.ca), read(files.key), read(files.cert));
}

/** A new client of a class, on a connection of its own. */
export function connect(Client, options = {}) {
  return new Client(address, credentials(), {
    "grpc.use_local_subchannel_pool": 1,
    ...options,
  });
}

/** Fails unless a promise does, with that code and text. */
export async function fails(call, code, text) {
  await assert.rejects(call, (error) => {
    assert.equal(error.code, code, error.message);
    if (text !== undefined) assert.equal(error.details, text);
    return true;
  });
}

/** Runs the cases that the command line names. */
export async function main(cases) {
  if (!names.length) console.log(Object.keys(cases).join("\n"));
  for (const name of names) {
    try {
      await cases[name]();
      console.log(`ok ${name}`);
    } catch (error) {
      console.log(`not ok ${name}: ${error.message.replaceAll("\n", " ")}`);
      process.exitCode = 1;
    }
  }
}
