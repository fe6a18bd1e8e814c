// A number's life by the official client: search, buy, list, fetch, update, release; and errors.
// Environment: BASE_URL, ACCOUNT_SID, SUBACCOUNT_SID, AUTH_TOKEN, and NODE_EXTRA_CA_CERTS for https.
// Prints "ok <what>" for each step; exit code 1 and the reason at the first that fails.
"use strict";

const assert = require("node:assert/strict");
const { connect } = require("./client.js");
const { refusal, run } = require("./steps.js");

const { BASE_URL, ACCOUNT_SID, SUBACCOUNT_SID, AUTH_TOKEN } = process.env;
const client = connect(BASE_URL, ACCOUNT_SID, AUTH_TOKEN);

const steps = {
  async "searches"() {
    const found = await client.availablePhoneNumbers("US").local.list({ areaCode: 510, limit: 3 });
    assert.equal(found.length, 3);
    assert.match(found[0].phoneNumber, /^\+1510\d{7}$/);
    assert.deepEqual(found[0].capabilities, { voice: true, SMS: true, MMS: true });
    const countries = await client.availablePhoneNumbers.list();
    assert.ok(countries.some((country) => country.countryCode === "GB"));
  },

  async "sees of a search what Twilio shows"() {
    const us = client.availablePhoneNumbers("US");
    const gb = client.availablePhoneNumbers("GB");
    assert.equal((await us.local.list()).length, 30);
    assert.equal((await us.local.list({ pageSize: 1000 })).length, 30);
    assert.equal((await gb.mobile.list({ areaCode: 415, inRegion: "CA" })).length, 30);
    const [ends] = await us.local.list({ contains: "+1510%67$" });
    assert.match(ends.phoneNumber, /^\+1510\d{5}67$/);
    assert.equal((await refusal(us.local.list({ contains: "5*5" }))).status, 400);
    assert.deepEqual(await refusal(us.mobile.list()), { status: 404, code: 20404 });
  },

  async "buys by number"() {
    const [found] = await client.availablePhoneNumbers("US").local.list({ areaCode: 510, limit: 1 });
    const bought = await client.incomingPhoneNumbers.create({
      phoneNumber: found.phoneNumber,
      friendlyName: "Empfang & Büro",
      voiceUrl: "https://example.com/voice?a=1&b=2",
    });
    assert.match(bought.sid, /^PN[0-9a-f]{32}$/);
    assert.equal(bought.accountSid, ACCOUNT_SID);
    assert.equal(bought.phoneNumber, found.phoneNumber);
    assert.equal(bought.friendlyName, "Empfang & Büro");
    assert.equal(bought.voiceUrl, "https://example.com/voice?a=1&b=2");
    assert.equal(bought.voiceMethod, "POST");
    assert.equal(bought.smsUrl, null);
    assert.ok(bought.dateCreated instanceof Date && !isNaN(bought.dateCreated));
  },

  async "buys by area code, another one each time"() {
    const first = await client.incomingPhoneNumbers.create({ areaCode: "415" });
    const second = await client.incomingPhoneNumbers.create({ areaCode: "415" });
    assert.match(first.phoneNumber, /^\+1415/);
    assert.notEqual(first.phoneNumber, second.phoneNumber);
  },

  async "buys of a type"() {
    const bought = await client.incomingPhoneNumbers.tollFree.create({ phoneNumber: "+18005550100" });
    assert.equal(bought.phoneNumber, "+18005550100");
    const listed = await client.incomingPhoneNumbers.tollFree.list();
    assert.deepEqual(listed.map((number) => number.sid), [bought.sid]);
  },

  async "lists page by page"() {
    const bought = new Set((await client.incomingPhoneNumbers.list()).map((number) => number.sid));
    while (bought.size < 12) {
      bought.add((await client.incomingPhoneNumbers.create({ areaCode: "206" })).sid);
    }
    const listed = await client.incomingPhoneNumbers.list({ pageSize: 5 });
    assert.deepEqual(new Set(listed.map((number) => number.sid)), bought);
    assert.equal(listed.length, bought.size);
    const filtered = await client.incomingPhoneNumbers.list({ phoneNumber: "+1415*******" });
    assert.equal(filtered.length, 2);
  },

  async "fetches, updates and releases"() {
    const { sid } = await client.incomingPhoneNumbers.create({ areaCode: "415" });
    assert.equal((await client.incomingPhoneNumbers(sid).fetch()).sid, sid);
    const updated = await client.incomingPhoneNumbers(sid).update({ smsUrl: "https://example.com/s" });
    assert.equal(updated.smsUrl, "https://example.com/s");
    const cleared = await client.incomingPhoneNumbers(sid).update({ smsUrl: "" });
    assert.equal(cleared.smsUrl, null);
    assert.equal(await client.incomingPhoneNumbers(sid).remove(), true);
    const gone = await refusal(client.incomingPhoneNumbers(sid).fetch());
    assert.deepEqual(gone, { status: 404, code: 20404 });
  },

  async "cannot buy again what was released"() {
    const { sid, phoneNumber } = await client.incomingPhoneNumbers.create({ areaCode: "510" });
    assert.equal(await client.incomingPhoneNumbers(sid).remove(), true);
    const again = await refusal(client.incomingPhoneNumbers.create({ phoneNumber }));
    assert.deepEqual(again, { status: 400, code: 21422 });
  },

  async "cannot release a number with an emergency address"() {
    const { sid } = await client.incomingPhoneNumbers.create({ areaCode: "510" });
    const number = client.incomingPhoneNumbers(sid);
    await number.update({ emergencyAddressSid: "AD" + "0".repeat(32) });
    assert.equal((await refusal(number.remove())).status, 400);
    const { emergencyAddressStatus } = await number.update({ emergencyAddressSid: "" });
    assert.equal(emergencyAddressStatus, "pending-unregistration");
    assert.equal((await number.fetch()).emergencyAddressStatus, "pending-unregistration");
    assert.equal((await number.fetch()).emergencyAddressStatus, "unregistered");
    assert.equal(await number.remove(), true);
  },

  async "sees what Twilio makes of URLs and applications"() {
    const { sid, voiceUrl } = await client.incomingPhoneNumbers.create({
      areaCode: "510",
      voiceUrl: "https://example.com",
    });
    assert.equal(voiceUrl, "https://example.com/");
    const number = client.incomingPhoneNumbers(sid);
    const application = "AP" + "0".repeat(32);
    for (const [kind, url] of [["voice", "voiceUrl"], ["sms", "smsUrl"]]) {
      const applied = await number.update({ [`${kind}ApplicationSid`]: application });
      assert.deepEqual([applied[`${kind}ApplicationSid`], applied[url]], [application, null]);
      const set = await number.update({ [url]: "https://example.com/a" });
      assert.deepEqual([set[`${kind}ApplicationSid`], set[url]], [null, "https://example.com/a"]);
    }
  },

  async "does not see a subaccount's number under its parent"() {
    const subaccount = client.api.v2010.accounts(SUBACCOUNT_SID);
    const { sid } = await subaccount.incomingPhoneNumbers.create({ areaCode: "510" });
    assert.equal((await subaccount.incomingPhoneNumbers(sid).fetch()).sid, sid);
    const missing = { status: 404, code: 20404 };
    assert.deepEqual(await refusal(client.incomingPhoneNumbers(sid).fetch()), missing);
    assert.deepEqual(await refusal(client.incomingPhoneNumbers(sid).remove()), missing);
  },

  async "gets errors"() {
    const buy = (params) => refusal(client.incomingPhoneNumbers.create(params));
    assert.deepEqual(await buy({ phoneNumber: "+15005550000" }), { status: 400, code: 21422 });
    assert.deepEqual(await buy({ phoneNumber: "+15005550001" }), { status: 400, code: 21421 });
    assert.deepEqual(await buy({ areaCode: "533" }), { status: 400, code: 21452 });
    assert.deepEqual(await buy({ areaCode: "415", voiceUrl: "nonsense" }), { status: 400, code: 21402 });
    const stranger = connect(BASE_URL, ACCOUNT_SID, "0".repeat(32));
    assert.deepEqual(await refusal(stranger.incomingPhoneNumbers.list()), { status: 401, code: 20003 });
  },
};

run(steps);
