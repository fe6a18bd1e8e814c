// Steps that a program takes one after the other. Prints "ok <what>" for each; exit code 1 and the reason at
// the first that fails.
"use strict";

const assert = require("node:assert/strict");

// The status and code of a response that must be an error.
exports.refusal = async (promise) => {
  const error = await promise.then(
    () => assert.fail("this should have been refused"),
    (reason) => reason,
  );
  return { status: error.status, code: error.code };
};

async function all(steps) {
  for (const [name, step] of Object.entries(steps)) {
    await step();
    console.log(`ok ${name}`);
  }
}

exports.run = (steps) =>
  all(steps).catch((error) => {
    console.error(error);
    process.exit(1);
  });
