// The exact requests the official client sends: reads a JSON list of {call, params} from stdin (params in
// camelCase, as its functions take them), writes a list of {method, host, path, query, body} to stdout.
// Nothing is sent: the client's own HTTP library hands its request to an adapter that records it.
"use strict";

const { readFileSync } = require("node:fs");
const twilio = require("twilio");

const ACCOUNT_SID = "AC" + "a".repeat(32);
const sid = (prefix) => prefix + "a".repeat(32);
// For all lists, and for the objects, whose fields are all optional.
const ANSWER = JSON.stringify({ results: [], meta: { key: "results" }, uri: "/" });

const numbersOf = (client) => client.messaging.v1.services(sid("MG")).phoneNumbers;
const complianceOf = (client) => client.numbers.v2.regulatoryCompliance;

const CALLS = {
  search: (client, params) => client.availablePhoneNumbers("US").local.page(params),
  list: (client, params) => client.incomingPhoneNumbers.page(params),
  update: (client, params) => client.incomingPhoneNumbers(sid("PN")).update(params),
  fetch: (client) => client.incomingPhoneNumbers(sid("PN")).fetch(),
  release: (client) => client.incomingPhoneNumbers(sid("PN")).remove(),
  countries: (client) => client.availablePhoneNumbers.page(),
  country: (client) => client.availablePhoneNumbers("US").fetch(),
  prices: (client) => client.pricing.v1.phoneNumbers.countries("US").fetch(),
  attach: (client) => numbersOf(client).create({ phoneNumberSid: sid("PN") }),
  detach: (client) => numbersOf(client)(sid("PN")).remove(),
  addresses: (client, params) => client.addresses.page(params),
  create_address: (client, params) => client.addresses.create(params),
  fetch_address: (client) => client.addresses(sid("AD")).fetch(),
  delete_address: (client) => client.addresses(sid("AD")).remove(),
  bundles: (client, params) => complianceOf(client).bundles.page(params),
  requirements: (client, params) => complianceOf(client).regulations.page(params),
};
const EMPTY = ["release", "detach", "delete_address"]; // answered by a 204

async function requestOf({ call, params }) {
  const client = twilio(ACCOUNT_SID, "b".repeat(32));
  const { axios } = client.httpClient;
  let request;
  axios.defaults.adapter = async (config) => {
    const { host, pathname, search } = new URL(axios.getUri(config));
    const method = config.method.toUpperCase();
    request = { method, host, path: pathname, query: search.slice(1), body: config.data ?? "" };
    return { status: EMPTY.includes(call) ? 204 : 200, data: ANSWER, headers: {}, config };
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
