// The part of Twilio's OpenAPI documents that the module uses: its operations, and the components that
// they refer to, in one document. Prism loads this part quickly; the whole has 2.3 MB.
// The documents are those of the pinned @twilio/cli-core, which lacks two documented filters of Bundles:
// BundleSids and EndUserType.
"use strict";

const FOLDER = "@twilio/cli-core/src/services/twilio-api";
const ACCOUNT = "/2010-04-01/Accounts/{AccountSid}";
const OWNED = `${ACCOUNT}/IncomingPhoneNumbers`;
const FOR_SALE = `${ACCOUNT}/AvailablePhoneNumbers`;
const ADDRESSES = `${ACCOUNT}/Addresses`;
const PRICES = "/v1/PhoneNumbers/Countries";
const SERVICES = "/v1/Services";
const COMPLIANCE = "/v2/RegulatoryCompliance";
const BUNDLES = `${COMPLIANCE}/Bundles`;
const SOLD_BY_TYPE = ["Local", "Mobile", "TollFree"];
const FOUND_BY_TYPE = [...SOLD_BY_TYPE, "National", "Voip", "SharedCost", "MachineToMachine"];

// The documents, and the paths taken from each.
const PATHS = {
  twilio_api_v2010: [
    `${OWNED}.json`,
    `${OWNED}/{Sid}.json`,
    ...SOLD_BY_TYPE.map((type) => `${OWNED}/${type}.json`),
    ...FOUND_BY_TYPE.map((type) => `${FOR_SALE}/{CountryCode}/${type}.json`),
    `${FOR_SALE}.json`,
    `${FOR_SALE}/{CountryCode}.json`,
    `${ADDRESSES}.json`,
    `${ADDRESSES}/{Sid}.json`,
    `${ADDRESSES}/{AddressSid}/DependentPhoneNumbers.json`,
    `${ACCOUNT}/Balance.json`,
  ],
  twilio_pricing_v1: [PRICES, `${PRICES}/{IsoCountry}`],
  twilio_messaging_v1: [
    SERVICES,
    `${SERVICES}/{Sid}`,
    `${SERVICES}/{ServiceSid}/PhoneNumbers`,
    `${SERVICES}/{ServiceSid}/PhoneNumbers/{Sid}`,
  ],
  twilio_numbers_v2: [
    `${COMPLIANCE}/Regulations`,
    `${COMPLIANCE}/Regulations/{Sid}`,
    `${COMPLIANCE}/EndUserTypes`,
    `${COMPLIANCE}/SupportingDocumentTypes`,
    `${COMPLIANCE}/SupportingDocuments/{Sid}`,
    BUNDLES,
    `${BUNDLES}/{Sid}`,
    `${BUNDLES}/{BundleSid}/ItemAssignments`,
    `${BUNDLES}/{BundleSid}/Evaluations`,
  ],
};
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
    } else if (to[kind][name] !== from[kind][name]) {
      throw new Error(`two documents have a ${name}`);
    }
  }
  for (const part of Object.values(value)) {
    collect(part, from, to);
  }
}

// Except for purchases, Twilio's examples of responses do not match its own schemas, and Prism would
// refuse to send them. These specs are about the requests.
function withoutAnswers(operation) {
  const copy = structuredClone(operation);
  for (const response of Object.values(copy.responses)) {
    for (const content of Object.values(response.content ?? {})) {
      delete content.schema;
    }
  }
  return copy;
}

// An empty list does not test how a list is read, and Prism sends the first example.
function withoutEmptyLists(operation) {
  const copy = structuredClone(operation);
  for (const response of Object.values(copy.responses)) {
    for (const { examples = {} } of Object.values(response.content ?? {})) {
      if (Object.keys(examples).length > 1) {
        delete examples.readEmpty;
      }
    }
  }
  return copy;
}

function operations(name, path) {
  const methods = METHODS.filter((method) => method in path);
  const isBought = name.startsWith(OWNED) && !name.endsWith("{Sid}.json");
  const answers = (method) => method === "post" && isBought;
  return Object.fromEntries(
    methods.map((method) => {
      const operation = withoutEmptyLists(path[method]);
      return [method, answers(method) ? operation : withoutAnswers(operation)];
    }),
  );
}

// The document of these paths alone, without the products' servers: Prism is one server.
exports.cut = () => {
  const document = { paths: {}, components: {} };
  for (const [name, paths] of Object.entries(PATHS)) {
    const whole = require(`${FOLDER}/${name}.json`);
    const taken = Object.fromEntries(paths.map((path) => [path, operations(path, whole.paths[path])]));
    collect(taken, whole.components, document.components);
    Object.assign(document.paths, taken);
    document.openapi ??= whole.openapi;
    document.info ??= whole.info;
    document.servers ??= whole.paths[paths[0]].servers;
    document.components.securitySchemes ??= whole.components.securitySchemes;
  }
  return document;
};
