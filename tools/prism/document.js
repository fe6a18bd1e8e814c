// The part of Twilio's OpenAPI document that says what the module does: its operations, and the
// components they refer to. Prism reads all of it in a moment; the whole has 1.8 MB.
"use strict";

const WHOLE = "@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json";
const ACCOUNT = "/2010-04-01/Accounts/{AccountSid}";
const OWNED = `${ACCOUNT}/IncomingPhoneNumbers`;
const FOR_SALE = `${ACCOUNT}/AvailablePhoneNumbers/{CountryCode}`;
const SOLD_BY_TYPE = ["Local", "Mobile", "TollFree"];
const FOUND_BY_TYPE = [...SOLD_BY_TYPE, "National", "Voip", "SharedCost", "MachineToMachine"];
const PATHS = [
  `${OWNED}.json`,
  `${OWNED}/{Sid}.json`,
  ...SOLD_BY_TYPE.map((type) => `${OWNED}/${type}.json`),
  ...FOUND_BY_TYPE.map((type) => `${FOR_SALE}/${type}.json`),
];
const METHODS = ["get", "post", "delete"];
const LOCAL_REFERENCE = /^#\/components\/([^/]+)\/([^/]+)$/;

// Copies the components that `value` refers to, and those that they refer to themselves.
function collect(value, from, to) {
  if (value === null || typeof value !== "object") {
    return;
  }
  if (typeof value.$ref === "string") {
    const [, kind, name] = value.$ref.match(LOCAL_REFERENCE);
    to[kind] ??= {};
    if (!(name in to[kind])) {
      to[kind][name] = from[kind][name];
      collect(from[kind][name], from, to);
    }
  }
  for (const part of Object.values(value)) {
    collect(part, from, to);
  }
}

// What Twilio gives as examples of its answers breaks its own description of them, where that is not
// of a purchase. Prism would refuse to give these answers, and it is the requests that it is to judge.
function withoutAnswers(operation) {
  const copy = structuredClone(operation);
  for (const response of Object.values(copy.responses)) {
    for (const content of Object.values(response.content ?? {})) {
      delete content.schema;
    }
  }
  return copy;
}

function operations(name, path) {
  const methods = METHODS.filter((method) => method in path);
  const buys = (method) => method === "post" && !name.endsWith("{Sid}.json");
  return Object.fromEntries(
    methods.map((method) => [method, buys(method) ? path[method] : withoutAnswers(path[method])]),
  );
}

// The document of these paths alone.
exports.cut = () => {
  const whole = require(WHOLE);
  const paths = Object.fromEntries(PATHS.map((path) => [path, operations(path, whole.paths[path])]));
  const { servers } = whole.paths[PATHS[0]];
  const components = { securitySchemes: whole.components.securitySchemes };
  collect(paths, whole.components, components);
  return { openapi: whole.openapi, info: whole.info, servers, paths, components };
};
