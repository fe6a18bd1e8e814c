// The part of Twilio's OpenAPI document that says what a purchase is: one operation, and the
// components it refers to. Prism reads all of it in a moment; the whole has 1.8 MB.
"use strict";

const WHOLE = "@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json";
const PATH = "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json";
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

// The document of the purchase alone.
exports.cut = () => {
  const whole = require(WHOLE);
  const { post, servers } = whole.paths[PATH];
  const components = { securitySchemes: whole.components.securitySchemes };
  collect(post, whole.components, components);
  return { openapi: whole.openapi, info: whole.info, servers, paths: { [PATH]: { post } }, components };
};
