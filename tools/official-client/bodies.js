// The exact form bodies the official client sends: reads a JSON list of parameter objects
// (camelCase, as its create() takes them) from stdin, writes the list of bodies to stdout.
// Nothing is sent: the client's own HTTP library hands its request to an adapter that records it.
"use strict";

const { readFileSync } = require("node:fs");
const twilio = require("twilio");

const ACCOUNT_SID = "AC" + "a".repeat(32);

async function bodyOf(params) {
  const client = twilio(ACCOUNT_SID, "b".repeat(32));
  let body;
  client.httpClient.axios.defaults.adapter = async (config) => {
    body = config.data;
    return { status: 201, data: "{}", headers: {}, config };
  };
  await client.incomingPhoneNumbers.create(params);
  return body;
}

async function main() {
  const bodies = [];
  for (const params of JSON.parse(readFileSync(0, "utf8"))) {
    bodies.push(await bodyOf(params));
  }
  console.log(JSON.stringify(bodies));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
