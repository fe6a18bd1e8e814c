// The official client, pointed at another origin: a RequestClient that rewrites the address.
"use strict";

const twilio = require("twilio");

class RedirectedClient extends twilio.RequestClient {
  constructor(origin) {
    super();
    this.origin = origin;
  }

  request(options) {
    const uri = new URL(options.uri);
    return super.request({ ...options, uri: this.origin + uri.pathname + uri.search });
  }
}

exports.connect = (origin, accountSid, authToken) =>
  twilio(accountSid, authToken, { httpClient: new RedirectedClient(origin) });
