// The products around a purchase by the official client: prices, countries, Messaging Services, addresses,
// regulations and bundles. Environment and output: as life.js.
"use strict";

const assert = require("node:assert/strict");
const { connect } = require("./client.js");
const { refusal, run } = require("./steps.js");

const { BASE_URL, ACCOUNT_SID, AUTH_TOKEN } = process.env;
const client = connect(BASE_URL, ACCOUNT_SID, AUTH_TOKEN);
const compliance = client.numbers.v2.regulatoryCompliance;
const sid = (prefix, number) => prefix + String(number).padStart(32, "0");

const ADDRESS = {
  customerName: "Ada Example",
  street: "1 Main St",
  city: "Oakland",
  region: "CA",
  postalCode: "94607",
  isoCountry: "US",
};

const steps = {
  async "reads prices"() {
    const { isoCountry, priceUnit, phoneNumberPrices } =
      await client.pricing.v1.phoneNumbers.countries("US").fetch();
    assert.deepEqual([isoCountry, priceUnit], ["US", "USD"]);
    const tollFree = phoneNumberPrices.find((price) => price.numberType === "toll free");
    assert.equal(tollFree.currentPrice, "2.15");
    const missing = await refusal(client.pricing.v1.phoneNumbers.countries("ZZ").fetch());
    assert.deepEqual(missing, { status: 404, code: 20404 });
  },

  async "reads the countries of prices page by page"() {
    const all = await client.pricing.v1.phoneNumbers.countries.list();
    const paged = await client.pricing.v1.phoneNumbers.countries.list({ pageSize: 3 });
    const codes = (countries) => countries.map((country) => country.isoCountry);
    assert.deepEqual(codes(paged), codes(all));
    assert.ok(all.length > 3);
  },

  async "reads the countries with numbers for sale"() {
    const countries = await client.availablePhoneNumbers.list();
    assert.ok(countries.some((country) => country.countryCode === "DE"));
    const { country, subresourceUris } = await client.availablePhoneNumbers("DE").fetch();
    assert.equal(country, "Germany");
    assert.deepEqual(Object.keys(subresourceUris).sort(), ["local", "mobile"]);
  },

  async "reads the balance"() {
    const { balance, currency } = await client.balance.fetch();
    assert.deepEqual([balance, currency], ["100.00", "USD"]);
  },

  async "puts numbers into a Messaging Service, and takes them out"() {
    const services = await client.messaging.v1.services.list();
    assert.deepEqual(services.map((service) => service.usAppToPersonRegistered), [true, true, false]);
    const [normal, full] = services.map((service) => client.messaging.v1.services(service.sid));
    const bought = await client.incomingPhoneNumbers.create({ areaCode: "510" });
    const phoneNumberSid = bought.sid;
    const attached = await normal.phoneNumbers.create({ phoneNumberSid });
    assert.equal(attached.phoneNumber, bought.phoneNumber);
    assert.deepEqual(attached.capabilities, ["MMS", "SMS", "Voice"]);
    assert.ok(!isNaN(attached.dateCreated));
    const again = await refusal(normal.phoneNumbers.create({ phoneNumberSid }));
    assert.deepEqual(again, { status: 409, code: 21710 });
    const elsewhere = await refusal(full.phoneNumbers.create({ phoneNumberSid }));
    assert.deepEqual(elsewhere, { status: 409, code: 21712 });
    assert.equal((await normal.phoneNumbers(phoneNumberSid).fetch()).sid, phoneNumberSid);
    assert.equal(await normal.phoneNumbers(phoneNumberSid).remove(), true);
    const tooMany = await refusal(full.phoneNumbers.create({ phoneNumberSid }));
    assert.deepEqual(tooMany, { status: 412, code: 21714 });
    assert.deepEqual(await normal.phoneNumbers.list(), []);
  },

  async "reads the numbers of a Messaging Service page by page"() {
    const service = client.messaging.v1.services(sid("MG", 1));
    const attached = [];
    for (let count = 0; count < 5; count += 1) {
      const { sid: phoneNumberSid } = await client.incomingPhoneNumbers.create({ areaCode: "510" });
      attached.push((await service.phoneNumbers.create({ phoneNumberSid })).sid);
    }
    const listed = await service.phoneNumbers.list({ pageSize: 2 });
    assert.deepEqual(listed.map((number) => number.sid), attached);
  },

  async "makes, lists, changes and deletes addresses"() {
    const made = await client.addresses.create({ ...ADDRESS, region: "California" });
    assert.deepEqual([made.region, made.validated], ["CA", true]);
    assert.ok(made.dateCreated instanceof Date && !isNaN(made.dateCreated));
    const listed = await client.addresses.list({ customerName: ADDRESS.customerName });
    assert.deepEqual(listed.map((address) => address.sid), [made.sid]);
    assert.equal((await client.addresses(made.sid).fetch()).street, ADDRESS.street);
    const changed = await client.addresses(made.sid).update({ emergencyEnabled: true });
    assert.equal(changed.emergencyEnabled, true);
    assert.deepEqual(await client.addresses(made.sid).dependentPhoneNumbers.list(), []);
    assert.equal(await client.addresses(made.sid).remove(), true);
    assert.equal((await refusal(client.addresses(made.sid).fetch())).status, 404);
  },

  async "is given a suggestion"() {
    const create = (params) => client.addresses.create({ ...ADDRESS, ...params });
    const error = await create({ street: "1 Main St.", autoCorrectAddress: false }).catch((reason) => reason);
    assert.deepEqual([error.status, error.code], [400, 21629]);
    assert.equal(error.details.suggested_address.street, "1 Main St");
    assert.equal((await refusal(create({ postalCode: "1" }))).code, 21628);
  },

  async "reads regulations"() {
    const of = (isoCountry, numberType) => compliance.regulations.list({ isoCountry, numberType });
    const german = await of("DE", "local");
    assert.deepEqual(german.map((rule) => rule.endUserType), ["individual", "business"]);
    assert.ok(Array.isArray(german[0].requirements.supporting_document[0]));
    for (const { requirements } of await of("US", "local")) {
      assert.deepEqual(requirements, { end_user: [], supporting_document: [] });
    }
    assert.deepEqual((await of("EE", "mobile")).map((rule) => rule.endUserType), ["business"]);
    assert.deepEqual(await of("US", "mobile"), []);
    assert.ok((await compliance.endUserTypes.list()).length > 0);
    assert.ok((await compliance.supportingDocumentTypes.list()).length > 0);
  },

  async "reads bundles and what is in them"() {
    const all = await compliance.bundles.list();
    const paged = await compliance.bundles.list({ pageSize: 4 });
    assert.deepEqual(paged.map((bundle) => bundle.sid), all.map((bundle) => bundle.sid));
    const drafts = await compliance.bundles.list({ status: "draft", isoCountry: "DE" });
    assert.deepEqual(drafts.map((bundle) => bundle.status), ["draft"]);
    const items = await compliance.bundles(sid("BU", 1)).itemAssignments.list();
    const { attributes } = await compliance.supportingDocuments(items[1].objectSid).fetch();
    assert.deepEqual(attributes.address_sids, [sid("AD", 4)]);
    const evaluation = await compliance.bundles(drafts[0].sid).evaluations.create();
    assert.equal(evaluation.status, "noncompliant");
  },

  async "buys where the law asks for a bundle"() {
    const buy = (params) => client.incomingPhoneNumbers.create({ phoneNumber: "+493023250007", ...params });
    assert.equal((await refusal(buy({}))).code, 21615);
    const addressSid = sid("AD", 4);
    assert.equal((await refusal(buy({ addressSid }))).code, 21649);
    assert.equal((await refusal(buy({ addressSid, bundleSid: sid("BU", 10) }))).code, 21649);
    const outside = { addressSid: sid("AD", 2), bundleSid: sid("BU", 1) };
    assert.equal((await refusal(buy(outside))).code, 21651);
    const bought = await buy({ addressSid, bundleSid: sid("BU", 1) });
    const dependents = await client.addresses(addressSid).dependentPhoneNumbers.list();
    assert.deepEqual(dependents.map((number) => number.sid), [bought.sid]);
  },
};

run(steps);
