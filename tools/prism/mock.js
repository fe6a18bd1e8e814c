// Runs Prism on Twilio's description of the purchase, for spec/support/prism.lua:
//   node tools/prism/mock.js PORT
// PORT is where the spec listens. The connection to it carries a line for each request that Prism
// receives ("request post /path"), and is a lifeline: when it closes, Prism
// is stopped. The last line on stdout is "ready".
"use strict";

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const net = require("node:net");
const os = require("node:os");
const path = require("node:path");
const readline = require("node:readline");

const { cut } = require("./document.js");

const LISTENING = /Prism is listening on (\S+)/;
const REQUEST = /\[HTTP SERVER\] (\S+) (\S+) .*Request received/;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "twilio-prism-"));
process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));

const file = path.join(folder, "purchase.json");
fs.writeFileSync(file, JSON.stringify(cut()));

const program = path.join(__dirname, "..", "node_modules", ".bin", "prism");
const prism = spawn(
  process.execPath,
  [program, "mock", "--errors", "--port", "0", "--host", "127.0.0.1", file],
  { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, FORCE_COLOR: "0" } },
);
const lifeline = net.connect(Number(process.argv[2]), "127.0.0.1");

const stop = () => prism.kill();
lifeline.on("end", stop).on("error", stop).resume();
process.stdout.on("error", stop);
process.on("SIGINT", stop).on("SIGTERM", stop);

prism.on("exit", () => process.exit());

readline.createInterface({ input: prism.stdout }).on("line", (line) => {
  const listening = line.match(LISTENING);
  const request = line.match(REQUEST);
  if (listening) {
    process.stdout.write(`url: ${listening[1]}\ndocument: ${file}\nready\n`);
  } else if (request) {
    lifeline.write(`request ${request[1]} ${request[2]}\n`);
  }
});
