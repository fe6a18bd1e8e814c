# Twilio's official client for Python, as Debian has it. Its session (on by default) keeps connections; with
# many in flight the session gets as large a pool as there are threads (requests' manual: pool_maxsize).
# This release has no asynchronous client, so in flight means threads.
import json
import os
import re
import sys
import threading
import time
from itertools import count as counter

from requests.adapters import HTTPAdapter
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

url, ca_file = sys.argv[1:3]
count, in_flight, warm_up = map(int, sys.argv[3:6])
with open(os.path.join(os.path.dirname(__file__), "order.json")) as file:
    order = json.load(file)


class LocalClient(TwilioHttpClient):
    """Sends to the benchmark's server what is meant for api.twilio.com."""

    def request(self, method, uri, *rest, **options):
        return super().request(method, uri.replace("https://api.twilio.com", url), *rest, **options)


http = LocalClient()
http.session.verify = ca_file
http.session.trust_env = False  # or it would look for a proxy and for other certificates each time
http.session.mount("https://", HTTPAdapter(pool_maxsize=in_flight))
client = Client(order["account_sid"], order["auth_token"], http_client=http)
params = {re.sub("(?<!^)([A-Z])", r"_\1", name).lower(): value for name, value in order["params"].items()}
first = None


def buy(wanted):
    left = counter()

    def buyer():
        global first
        while next(left) < wanted:
            if not client.incoming_phone_numbers.create(**params).sid:
                raise ValueError("no number")
            first = first or time.time()

    if in_flight == 1:
        return buyer()
    threads = [threading.Thread(target=buyer) for _ in range(in_flight)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


buy(warm_up)
cpu, wall = time.process_time(), time.monotonic()
buy(count)
cpu, wall = time.process_time() - cpu, time.monotonic() - wall
with open("/proc/self/status") as file:
    peak = int(re.search(r"VmHWM:\s*(\d+)", file.read())[1])
print(json.dumps({
    "cpu_us": cpu * 1e6 / count,
    "wall_us": wall * 1e6 / count,
    "process_cpu_s": time.process_time(),
    "first": first,
    "peak_mb": peak / 1024,
}))
