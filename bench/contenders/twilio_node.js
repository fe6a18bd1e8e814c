// Twilio's official client for node, as npm has it. Its documented fast settings: keepAlive (its default),
// and as many sockets as there may be in flight, idle ones kept. NODE_EXTRA_CA_CERTS (node's manual) makes
// the server's certificate known once, next to node's own roots; CA_FILE is not read.
"use strict";

const { readFileSync } = require("node:fs");
const twilio = require("../../tools/node_modules/twilio");
const order = require("./order.json");

const [url, , ...numbers] = process.argv.slice(2);
const [count, inFlight, warmUp] = numbers.map(Number);

// Sends to the benchmark's server what is meant for api.twilio.com.
class LocalClient extends twilio.RequestClient {
  request(options) {
    return super.request({ ...options, uri: options.uri.replace("https://api.twilio.com", url) });
  }
}
const sockets = { maxSockets: inFlight, maxTotalSockets: inFlight, maxFreeSockets: inFlight };
const client = twilio(order.account_sid, order.auth_token, {
  httpClient: new LocalClient({ keepAlive: true, ...sockets }),
});
const params = {};
for (const [name, value] of Object.entries(order.params)) {
  params[name[0].toLowerCase() + name.slice(1)] = value;
}

let first;

async function buy(wanted) {
  let left = wanted;
  async function buyer() {
    while (left-- > 0) {
      const number = await client.incomingPhoneNumbers.create(params);
      if (!number.sid) throw new Error("no number");
      first ??= (performance.timeOrigin + performance.now()) / 1000;
    }
  }
  await Promise.all(Array.from({ length: inFlight }, buyer));
}

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

async function main() {
  await buy(warmUp);
  let cpu = cpuSeconds();
  let wall = performance.now();
  await buy(count);
  cpu = cpuSeconds() - cpu;
  wall = performance.now() - wall;
  const peak = readFileSync("/proc/self/status", "utf8").match(/VmHWM:\s*(\d+)/)[1];
  console.log(JSON.stringify({
    cpu_us: (cpu * 1e6) / count,
    wall_us: (wall * 1e3) / count,
    process_cpu_s: cpuSeconds(),
    first,
    peak_mb: peak / 1024,
  }));
  process.exit(0); // not until the kept sockets time out
}

main();
