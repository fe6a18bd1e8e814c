"""Traces of the model for spec/journal/model_spec.lua, which replays them: random walks through random
scenarios, and the shortest trace of each mutation that breaks something.

A trace is one line of JSON: its scenario, the keys of its workers, and its steps. A step has the label that the
model gives it; what it is, if it writes or decides something that lua/twilio/numbers/journal/order.lua has a
function for (`step`), with that function's arguments; and of orders, claims, owners, counts and clock what is
another after it. Times are in milliseconds; the model's clock, which may be set back below 0, begins at 10,000 s.
"""
import copy
import json
import random
import re

import model
from model import (CLAIMS, CLOCK, COUNTS, DOUBT, LEFT, N, NET, ORDERS, OWNERS, PC, PENDING, SNAP, TOKEN,
                   RESULT, UNTIL, WORKERS)

STEPS_MAX = 80
CANDIDATES = 3
CLOCKS = 1 / 3  # of all traces at least, in scenarios with a clock: most of the others never wait for senders
SECOND = 1000
CLOCK_BEGINS = 10_000


def milliseconds(now):
    return (now + CLOCK_BEGINS) * SECOND


def era_name(era):
    return "era %d" % era


def sender_of(sender):
    described = {"token": str(sender[0]), "refused": not sender[1]}
    if len(sender) > 2:
        until, settle, era, term = sender[2:]
        described.update(ends=milliseconds(until), settle=settle * SECOND, era=era_name(era), term=term * SECOND)
    return described


def senders_of(senders):
    return {str(s[0]): sender_of(s) for s in senders}


def order_of(order, left=()):
    if order[0] in ("none", "open"):
        return {"state": "open"}
    senders = order[3] if order[0] == "trying" else left
    return {"state": order[0], "number": order[1], "senders": senders_of(senders)}


def tried_of(order):
    """The numbers that an order has given up in doubt, where the model keeps just these."""
    tried = order[2] if order[0] == "trying" else order[1]
    return [n for n in range(tried.bit_length()) if tried >> n & 1]


def summary(sc, st):
    """What the replay compares with its own records after each step."""
    left = st[LEFT] or ((),) * len(st[ORDERS])
    described = {
        "orders": [order_of(o, left[k]) for k, o in enumerate(st[ORDERS])],
        "claims": [0 if c is None else c + 1 for c in st[CLAIMS]],
        "owners": list(st[OWNERS]),
    }
    for described_order, order in zip(described["orders"], st[ORDERS]):
        if sc.again == "refused" and order[0] in ("open", "trying"):
            described_order["tried"] = tried_of(order)
    if st[COUNTS]:
        described["counts"] = list(st[COUNTS][0])
    if st[CLOCK]:
        now, era, ahead = st[CLOCK]
        described["clock"] = {"now": milliseconds(now + ahead), "era": era_name(era)}
    return described


# What a worker does at a step of the model's: the label behind its name, and what that is in order.lua. A name
# of a decision is what is read from the order.
MEANINGS = [
    ("read", r"reads: \w+ \d+, for other parameters", {"step": "read", "decision": "conflict"}),
    ("read", r"reads: (bought|adopted) \d+", {"step": "read", "decision": "bought"}),
    ("read", r"reads: trying \d+", {"step": "read", "decision": "help"}),
    ("read", r"(reads: trying \d+, )?chooses \d+.*", {"step": "read", "decision": "choose"}),
    ("read", r"finds nothing to buy", {"step": "read", "decision": "choose"}),
    ("T1", r"T1: trying \d+(, under way)?(, unheard)?", {"step": "begin"}),
    ("post", r"sends POST \d+", {"step": "send"}),
    ("early", r"sends POST \d+ before T1", {"step": "send"}),
    ("signoff", r"signs off, others are at it", {"step": "sign_off", "given_up": False}),
    ("signoff", r"signs off, never sent", {"step": "sign_off", "given_up": True}),
    ("signoff", r"signs off, under way, unheard", {"step": "sign_off"}),
    ("signoff", r"cannot sign off", {"step": "cannot_sign_off"}),
    ("forked", r"signs its parent off", {"step": "sign_off"}),
    ("check", r"reads its order", {"step": "check", "same": True}),
    ("check", r"reads its order, which has gone on", {"step": "check", "same": False}),
    ("look1", r"look1: \d+ is not owned, sends again", {"step": "send_again"}),
    ("look1", r"look1: \d+ is not owned, helps", {"step": "help"}),
    ("look1", r"look1: \d+ is not owned, lets time pass", {"step": "lets_pass"}),
    ("look1", r"look1: \d+ is not owned, gives it up", {"step": "give_up"}),
    ("join", r"joins for \d+(, under way, unheard)?", {"step": "join"}),
    ("join", r"cannot join", {"step": "cannot_join"}),
    ("refused", r"T3: gives \d+ up(, ends)?", {"step": "refuse", "given_up": True}),
    ("refused", r"notes: refused, (others are at it|lets time pass)", {"step": "refuse", "given_up": False}),
    ("refused", r"notes: refused, under way, unheard", {"step": "refuse", "given_up": False}),
    ("refused", r"T3: gives \d+ up, under way, unheard", {"step": "refuse", "given_up": True}),
    ("settle", r"lets the time of all senders pass", {"step": "time_over"}),
    ("settle", r"writes: the senders' term begins anew", {"step": "renew"}),
    ("settle", r"reads: the time of all senders is over", {"step": "settled"}),
    ("settle", r"returns", {"step": "not_settled"}),
    ("drop", r"T3: gives \d+ up after time.*", {"step": "give_up"}),
    ("T2", r"T2: bought \d+(, unheard)?", {"step": "buy"}),
    ("T2", r"T2: the order has gone on without \d+", {"step": "cannot_buy"}),
    ("cT2", r"T2: bought \d+, conflict", {"step": "buy"}),
    ("adopt", r"notes: \d+ is adopted", {"step": "adopt"}),
    ("wait", r"gives the answer up", {"step": "unanswered"}),
    ("replay", r"does not find \d+, after the time of all senders", {"step": "time_over"}),
    ("replay", r"does not find \d+, says so", {"step": "released"}),
    ("replay2", r"does not find \d+, it was released", {"step": "released"}),
    ("uread", r"waits for the senders of 0", {"step": "time_over"}),
    ("uread", r"reads its order", {"step": "update", "decision": "own"}),
    ("uread", r"reads: key \d+ is trying 0", {"step": "update", "decision": "in_progress"}),
]
MEANINGS = [(pc, re.compile(pattern + "$"), meaning) for pc, pattern, meaning in MEANINGS]

WRITES_UNDER_WAY = "under way"


def of_worker(sc, st, i, text):
    """A step of a worker's: the first that its label and its place in the model say, or none."""
    w = st[WORKERS][i]
    step = next((m for pc, pattern, m in MEANINGS if pc == w[PC] and pattern.match(text)), None)
    if step is None:
        return None
    k = sc.keys[i]
    number = w[N] if w[N] >= 0 else next((int(d) for d in re.findall(r"chooses (\d+)", text)), 0)
    step = dict(step, worker=i + 1, key=k + 1, number=number, token=str(w[TOKEN]))
    if sc.params:
        step["asked"] = sc.params[i]
        finish = sc.finish[i] if sc.finish else 0
        step["finish"] = finish == 1 or (finish == 2 and w[TOKEN] % 10 > 0)
    if sc.records:
        step["record"] = sc.records[i] + 1
    if step["step"] in ("begin", "join"):
        step["sender"] = sender_of((w[TOKEN], 1) + term_of(sc, st, i, w))
    if step["step"] == "buy":
        step["under_way"] = sum(1 for message in st[NET] if message[1] == k and message[2] == w[N])
    if step["step"] in ("send_again", "help"):
        step["doubt"] = w[DOUBT] is not None
    if st[CLOCK]:
        step["expired"] = w[UNTIL] is not None and st[CLOCK][0] > w[UNTIL][0]
    if "long since bought" in text:  # by another key: that order's senders have no time left
        step["over"] = True
    add_seen(step, w)
    return step


def term_of(sc, st, i, w):
    """The time of a sender's, as the model's own steps write it."""
    if not st[CLOCK] or not w[UNTIL]:
        return ()
    ends, era, ahead = w[UNTIL]
    if sc.mutation == "the era of the write":
        era = st[CLOCK][1]
    return (ends + ahead, sc.settles[i], era, sc.terms[i])


def add_seen(step, w):
    """The order, and the claim, that the write replaces."""
    if step["step"] in ("begin", "adopt"):
        step["seen"] = order_of(w[SNAP][0])
        step["seen_claim"] = 0 if w[SNAP][1] is None else w[SNAP][1] + 1
    elif step["step"] in ("buy", "cannot_buy", "give_up") and w[SNAP]:
        step["seen"] = order_of(w[SNAP])


def of_others(sc, st, label, new, late):
    """A step of the store's, or of a customer's."""
    if label.startswith("the unheard write of") and label.endswith("is made"):
        gone = [p for p in st[PENDING] if p not in new[PENDING] and p[4] == new[ORDERS][p[1]]]
        token = "".join(re.findall(r"of (\d+)\.(\d+) ", label)[0])
        return next(late[p] for p in gone if str(p[0]) == token)
    answer = re.match(r"POST (\d+) of (\d)\.(\d) (buys|updates|is refused)$", label)
    if answer:
        return {"step": "answer", "token": answer[2] + answer[3], "refused": answer[4] == "is refused"}
    releases = re.match(r"the customer releases (\d+) of key (\d+)$", label)
    if releases and st[CLOCK]:
        return {"step": "settled", "key": int(releases[2]), "number": int(releases[1]), "expired": False}
    if label.startswith("release() writes"):
        k = next(k for k, left in enumerate(st[LEFT]) if left != new[LEFT][k])
        return {"step": "renew", "key": k + 1, "number": st[ORDERS][k][1]}
    return None


def describe(sc, st, label, new, late, before):
    """A step as the replay reads it. late: the writes under way; before: the summary before it."""
    worker = re.match(r"w(\d)\(k\d\) (.*)$", label)
    step = of_worker(sc, st, int(worker[1]) - 1, worker[2]) if worker else of_others(sc, st, label, new, late)
    step = dict(step or {}, label=label)
    if WRITES_UNDER_WAY in label and worker:
        for entry in new[PENDING]:
            if entry not in st[PENDING]:
                late[entry] = {name: value for name, value in step.items() if name != "label"}
        step = {"label": label, "step": "under_way", "key": step["key"], "token": step["token"]}
    for i, w in enumerate(new[WORKERS]):
        if w[RESULT] and w[RESULT] != st[WORKERS][i][RESULT]:
            step.update(worker=i + 1, says_no="no" in w[RESULT])
    after = summary(sc, new)
    step.update({name: value for name, value in after.items() if value != before.get(name)})
    return step, after


def described(name, sc, path):
    """A trace: the steps (state before, label, state after), from the scenario's first state on."""
    first = summary(sc, sc.initial())
    late, steps, before = {}, [], first
    for st, label, new in path:
        step, before = describe(sc, st, label, new, late, before)
        steps.append(step)
    recovers = sc.mutation == "no refusal needed" and name in model.SCENARIOS
    return dict(first, scenario=name, keys=[k + 1 for k in sc.keys], recovers=recovers, steps=steps)


def shape_of(sc, label):
    return re.sub(r"\d+", "", label), bool(sc.settles)


def walk(sc, rng, taken):
    """A random walk, which prefers steps that were rarely taken. taken: how often each was, by its shape. Returns
    the walk, and how rare its steps are."""
    st, path, rarity = sc.initial(), [], 0
    while len(path) < STEPS_MAX:
        following = list(model.successors(sc, st))
        if not following:
            break
        weights = [1 / (1 + taken.get(shape_of(sc, label), 0)) for label, _ in following]
        label, new = rng.choices(following, weights)[0]
        rarity = max(rarity, 1 / (1 + taken.get(shape_of(sc, label), 0)))
        path.append((st, label, new))
        st = new
    return path, rarity


def walks(count, rng):
    """Of some walks each time the one with the rarest step, so that all that the model can do is seen soon."""
    scenarios = sorted(list(model.SCENARIOS.items()) + list(model.DEEP.items()))
    clocks, taken = [s for s in scenarios if s[1].settles], {}
    for _ in range(count):
        best = None
        for _ in range(CANDIDATES):
            name, sc = rng.choice(clocks if rng.random() < CLOCKS else scenarios)
            sc = copy.copy(sc)
            sc.again = sc.again or "refused"
            path, rarity = walk(sc, rng, taken)
            if best is None or rarity > best[0]:
                best = rarity, name, sc, path
        _, name, sc, path = best
        for _, label, _ in path:
            shape = shape_of(sc, label)
            taken[shape] = taken.get(shape, 0) + 1
        yield name, sc, path


def print_line(value):
    print(json.dumps(value, separators=(",", ":"), sort_keys=True))


def main(arguments):
    if "--violations" in arguments:
        for name, sc in model.MUTATIONS.items():
            result = model.explore(sc, True)
            print_line(dict(described(name, sc, result["trace"]), broken=result["broken"]))
        return
    count = int(arguments[arguments.index("--traces") + 1])
    seed = int(arguments[arguments.index("--seed") + 1]) if "--seed" in arguments else 1
    rng = random.Random(seed)
    for name, sc, path in walks(count, rng):
        print_line(described(name, sc, path))
