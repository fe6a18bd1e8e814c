// The exact requests the official client sends: reads a JSON list of {call, params} from stdin (params in
// camelCase, as its functions take them), writes a list of {method, path, query, body} to stdout.
// Nothing is sent: the client's own HTTP library hands its request to an adapter that records it.
"use strict";

const { readFileSync } = require("node:fs");
const twilio = require("twilio");

const ACCOUNT_SID = "AC" + "a".repeat(32);
const SID = "PN" + "a".repeat(32);
const ANSWER = JSON.stringify({ available_phone_numbers: [], incoming_phone_numbers: [], uri: "/" });

const CALLS = {
  search: (client, params) => client.availablePhoneNumbers("US").local.page(params),
  list: (client, params) => client.incomingPhoneNumbers.page(params),
  update: (client, params) => client.incomingPhoneNumbers(SID).update(params),
  fetch: (client) => client.incomingPhoneNumbers(SID).fetch(),
  release: (client) => client.incomingPhoneNumbers(SID).remove(),
};

async function requestOf({ call, params }) {
  const client = twilio(ACCOUNT_SID, "b".repeat(32));
  const { axios } = client.httpClient;
  let request;
  axios.defaults.adapter = async (config) => {
    const uri = new URL(axios.getUri(config));
    const [path, query] = [uri.pathname, uri.search.slice(1)];
    request = { method: config.method.toUpperCase(), path, query, body: config.data ?? "" };
    return { status: call === "release" ? 204 : 200, data: ANSWER, headers: {}, config };
  };
  await CALLS[call](client, params);
  return request;
}

async function main() {
  const requests = [];
  for (const wanted of JSON.parse(readFileSync(0, "utf8"))) {
    requests.push(await requestOf(wanted));
  }
  console.log(JSON.stringify(requests));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
