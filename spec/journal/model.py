#!/usr/bin/env python3
"""A model of the purchase journal, explored exhaustively: every interleaving of workers (processes on any
machine), crashes, lost answers, late requests, stale look-ups, and other buyers.

    python3 spec/journal/model.py               all scenarios and all mutations (three minutes)
    python3 spec/journal/model.py NAME ...      some of them, with the trace of a violation
    python3 spec/journal/model.py --deep        larger scenarios (half an hour or more, 2 GB)
    python3 spec/journal/model.py --traces N [--seed S]
                                                random walks, for model_spec.lua: see model_traces.py
    python3 spec/journal/model.py --violations  the trace of each mutation, in the same form

The protocol under test (docs/exactly-once.md), whose rules on records are lua/twilio/numbers/journal/order.lua:
  order[K]   none -> trying(n, senders) -> bought(n)        one record for each idempotency key
                        |  ^
                        v  |
                     open(tried)                            n was given up, with certainty
  claim[n]   which key a number belongs to; written in the same transaction as the order
A worker reads the order; finds a candidate; looks whether the account owns it already (look0); writes T1
(order := trying n, claim, itself as a sender); only then may send the POST; after it T2 (order := bought n).
Any call that finds an order at "trying n" may help at once: look, join as a sender, send the same POST: buying
a certain number twice is buying it once. Only giving n up needs certainty: each sender's attempts ended in
refusals, or the time of all senders is over ("settle"), and a look-up after that found nothing.

What the environment may do, at any moment:
  the network delays a POST, loses it, or loses its answer; the client's deadline may pass;
  Twilio buys, refuses a number that is there ("unfit"), refuses one that the account already owns (21422 after an
  unanswered attempt); a look-up does not show recent purchases yet (until "settle");
  a worker dies between any two steps and another begins with the same key; a commit's answer is lost;
  a stranger (another customer) buys a number, and releases it again; a program of the same account without
  a journal ("foreign") buys one;
  where a scenario asks for it: a write whose answer was lost is made later (late_commits), a call is cancelled,
  a process forks, the key comes with other parameters (params, finish), a replay looks its number up, a number
  is adopted, a number of the account is updated by its SID, T1 charges one of two limit records, and there is a
  real clock (clock): senders have terms and settle times of their own, the store's era changes, its clock is set.
What is assumed:
  A1 no POST has an effect after its sender's time and the settle time are over
  A2 a look-up after that shows what the account owns
  A3 what the store has acknowledged stays (T1 is durable), and its transactions are atomic
Mutations take away one rule or one assumption each; all must be found to break something.
"""
import sys
import time

FREE, OURS, STRANGER = 0, 1, 2

# worker: (pc, n, unknown, posts, token, expired, snap, skip, result, in_hand, doubt, until)
# unknown: an attempt of its own went unanswered; in_hand: the latest attempt of its own was refused
# doubt: the order before a write of its own whose answer was lost, and which may be made later
# until: (end of the call, era and offset of the store's clock when it began), only with a clock
PC, N, UNKNOWN, POSTS, TOKEN, EXPIRED, SNAP, SKIP, RESULT, IN_HAND, DOUBT, UNTIL = range(12)
# order: ("none",) | ("open", tried) | ("trying", n, tried, senders) | ("bought", n)
# senders: a tuple of (token, status), sorted; status 1: may have sent, 0: all that it sent was refused;
#   with a clock (token, status, until, settle, era, term), by the store's clock
# state: (workers, orders, claims, owners, buyers, fresh, bought, net, budgets, flags, asked, pending, clock,
#   counts, left); asked: whose parameters an order has; pending: writes under way whose answer is lost;
#   clock: (now, era, how far the store's clock is ahead); counts: (of each limit record, the record each order charged)
#   left: the senders that a bought order keeps, with a clock only
WORKERS, ORDERS, CLAIMS, OWNERS, BUYERS, FRESH, BOUGHT, NET, BUDGETS, FLAGS = range(10)
ASKED, PENDING, CLOCK, COUNTS, LEFT = range(10, 15)

NONE = ("none",)
AT_REST = ("end", "unborn")


class Scenario:
    def __init__(self, keys, numbers=2, crashes=1, posts=1, lost_commits=0, stranger=0, release=0,
                 foreign=0, owned_before=False, limit=None, mutation=None, unfit=True, stale=True,
                 user_release=0, again=False, late=False, late_commits=0, cancels=0, forks=0, params=None,
                 finish=None, replay=False, adopt=False, programs=None, records=None, settles=None,
                 terms=(1, 1), eras=0, set_back=0, set_ahead=0, horizon=0):
        self.keys, self.numbers, self.crashes, self.posts = keys, numbers, crashes, posts
        self.lost_commits, self.stranger, self.release, self.foreign = lost_commits, stranger, release, foreign
        self.owned_before, self.limit, self.mutation = owned_before, limit, mutation
        self.unfit, self.stale = unfit, stale
        self.user_release = user_release  # the customer gives a number back that a call had returned
        # a number that was given up may be tried again: always; "refused": only if given up for good, as in order.lua
        self.again = again
        self.late = late  # A1 does not hold: requests may take any time, and no worker looks at the clock
        self.late_commits = late_commits  # writes whose answer is lost, and which are made later, or never
        self.cancels = cancels  # a call is cancelled before it has sent anything
        self.forks = forks  # the last worker is the child of another: unborn until that one forks
        self.params, self.finish = params, finish  # of each worker; finish: 0, 1, or 2 (in its further calls)
        self.replay = replay  # a bought number is looked up before it is returned
        self.adopt = adopt  # unless_owned = false: what look0 finds is taken, and noted as adopted
        self.programs = programs  # "buy", or "update": a purchase of number 0, which the account may own
        self.records = records  # the limit record that each worker's client counts on
        # of each worker; with them there is a clock. A call lasts its term
        self.settles, self.terms, self.horizon = settles, terms, horizon
        self.eras, self.set_back, self.set_ahead = eras, set_back, set_ahead

    def initial(self):
        workers = tuple((self.first_step(i), -1, 0, self.posts, 10 * (i + 1), 0, None, 0, None, 0, None, None)
                        for i in range(len(self.keys)))
        count = len(set(self.keys))
        owners = [FREE] * self.numbers
        buyers = [None] * self.numbers
        if self.owned_before:
            owners[0], buyers[0] = OURS, "before"
        return (workers, (NONE,) * count, (None,) * self.numbers, tuple(owners), tuple(buyers),
                (0,) * self.numbers, (0,) * count, (),
                (self.crashes, self.lost_commits, self.stranger, self.release, self.foreign,
                 self.user_release, self.late_commits, self.cancels, self.forks, self.eras, self.set_back,
                 self.set_ahead), (),
                (None,) * count if self.params else (), (), (0, 0, 0) if self.settles else (),
                ((0, 0), (None,) * count) if self.records else (), ((),) * count if self.settles else ())

    def first_step(self, i):
        if self.forks and i == len(self.keys) - 1:
            return "unborn"
        return "uread" if self.programs and self.programs[i] == "update" else "read"

    def differs(self, st, i, token):
        """This call has other parameters than its order, and reports that."""
        if not self.params or st[ASKED][self.keys[i]] in (None, self.params[i]):
            return False
        finish = self.finish[i] if self.finish else 0
        return not (finish == 1 or (finish == 2 and token % 10))


def put(tuple_, i, value):
    return tuple_[:i] + (value,) + tuple_[i + 1:]


def with_(state, **parts):
    names = {"workers": 0, "orders": 1, "claims": 2, "owners": 3, "buyers": 4, "fresh": 5, "bought": 6,
             "net": 7, "budgets": 8, "flags": 9, "asked": 10, "pending": 11, "clock": 12, "counts": 13,
             "left": 14}
    state = list(state)
    for name, value in parts.items():
        state[names[name]] = value
    return tuple(state)


def set_sender(senders, token, status, more=None):
    """Adds or changes a sender; more: its until, settle and era, with a clock."""
    if more is None:
        more = next((s[2:] for s in senders if s[0] == token), ())
    return tuple(sorted([s for s in senders if s[0] != token] + [(token, status) + more]))


def charge(counts, k, record):
    """What T1 (record given) or T3 (None: to the record that the order names) makes of the limit records."""
    if not counts:
        return counts
    numbers, charged = counts
    if record is None:
        return put(numbers, charged[k], max(0, numbers[charged[k]] - 1)), put(charged, k, None)
    return put(numbers, record, numbers[record] + 1), put(charged, k, record)


def successors(sc, st):
    """Yields (label, state). A write under way is void as soon as its order has another version."""
    for label, new in steps(sc, st):
        if new[PENDING] and new[ORDERS] != st[ORDERS]:
            new = with_(new, pending=tuple(p for p in new[PENDING] if new[ORDERS][p[1]] == st[ORDERS][p[1]]))
        yield label, new


def steps(sc, st):
    (workers, orders, claims, owners, buyers, fresh, bought, net, budgets, flags, asked, pending, clock, counts,
     left) = st
    crashes, lost_commits, stranger, release, foreign, user_release, late_commits, cancels, forks = budgets[:9]
    mutation = sc.mutation
    now, era, ahead = clock or (0, 0, 0)

    for i, w in enumerate(workers):
        k = sc.keys[i]
        pc, n, unknown, posts, token, expired, snap, skip, _, in_hand, doubt, until = w
        order = orders[k]
        if pc == "unborn":
            continue
        if clock:
            if until is None and pc == "read":
                until = (now + sc.terms[i], era, ahead)
            expired = int(until is not None and now > until[0])

        def go(pc_, **changes):
            """This worker at another step."""
            values = {"n": n, "unknown": unknown, "posts": posts, "token": token, "expired": expired,
                      "snap": None, "skip": skip, "result": None, "in_hand": in_hand, "doubt": doubt,
                      "until": until}
            values.update(changes)
            if clock:
                values["expired"] = 0
            if pc_ in ("read", "end"):
                values["in_hand"] = 0
            return put(workers, i, (pc_, values["n"], values["unknown"], values["posts"], values["token"],
                                    values["expired"], values["snap"], values["skip"], values["result"],
                                    values["in_hand"], values["doubt"], values["until"]))

        def end(result, **parts):
            if result == ("no",) and doubt is not None and not parts:
                result = ("unknown",)  # the write that went unheard may still be made
            return with_(st, workers=go("end", n=-1, unknown=0, expired=0, skip=0, result=result, doubt=None,
                                        until=None), **parts)

        def under_way(new, claim, result=None):
            """The answer to a write is lost. It may be made later, or never; the order is read again."""
            entry = (token, k, n, order, new, claims[n], claim, sc.params[i] if sc.params else None,
                     (sc.records[i], counts[0][sc.records[i]]) if counts else None)
            after = go("read", n=-1, posts=sc.posts, doubt=order)
            if result:
                after = go("end", n=-1, unknown=0, expired=0, skip=0, result=result)
            return with_(st, workers=after, pending=tuple(sorted(pending + (entry,), key=repr)),
                         budgets=put(budgets, 6, late_commits - 1))

        me = ()
        if clock and until:  # the time and the era of one and the same read
            at = era if mutation == "the era of the write" else until[1]
            me = (until[0] + until[2], sc.settles[i], at, sc.terms[i])

        name = "w%d(k%d)" % (i + 1, k + 1)

        # it dies, and another process starts a call with the same key; or the caller calls again
        if crashes and (pc != "end" or w[RESULT] == ("unknown",) or (sc.replay and w[RESULT][0] == "number")
                        or (sc.finish and w[RESULT][0] == "conflict")):
            parts = {"budgets": put(budgets, 0, crashes - 1)}
            first = "read" if sc.forks else sc.first_step(i)
            mine = token if not sc.forks or token // 10 == i + 1 else 10 * (i + 1)
            again = (first, -1, 0, sc.posts, mine + 1, 0, None, 0, None, 0, None, None)
            parts["workers"] = put(workers, i, again)
            yield name + " dies, and begins anew", with_(st, **parts)
            if mutation == "store forgets" and order[0] == "trying":
                yield name + " dies, and the store has forgotten T1", with_(
                    st, orders=put(orders, k, NONE), claims=put(claims, order[1], None), **parts)

        if forks and i < len(workers) - 1 and pc in ("T1", "post", "wait", "refused", "check", "look1"):
            child = put(w, PC, "forked") if mutation != "child goes on" else w
            yield name + " forks", with_(st, workers=put(workers, len(workers) - 1, child),
                                         budgets=put(budgets, 8, forks - 1))

        if pc == "read" and doubt is not None and (order != doubt or mutation == "since the last read"):
            doubt = None  # it was made, or never will be: the order has another version
        if pc == "read" and cancels and doubt is not None and order == doubt:
            # the answer to T1 was lost, and the order does not show it: no proof that nothing will be sent
            rest = {"budgets": put(budgets, 7, cancels - 1)}
            yield name + " is cancelled", end(("unknown",), **rest)
            if mutation == "signs off, T1 unheard":
                yield name + " is cancelled, never sent", end(("no",), **rest)
        if pc == "read":
            if order[0] != "none" and order[0] != "open" and sc.differs(st, i, token):
                m = order[1]
                if order[0] == "bought":
                    yield name + " reads: bought %d, for other parameters" % m, end(("conflict", m, "yes"))
                elif mutation == "conflict says no":
                    yield name + " reads: trying %d, for other parameters" % m, end(("conflict", m, "no"))
                else:
                    yield name + " reads: trying %d, for other parameters" % m, with_(
                        st, workers=go("clook", n=m, snap=order))
            elif order[0] == "bought" and sc.replay:
                yield name + " reads: bought %d" % order[1], with_(
                    st, workers=go("replay", n=order[1], snap=order))
            elif order[0] == "bought" and ("adopted", k) in flags:
                yield name + " reads: adopted %d" % order[1], end(("adopted", order[1]))
            elif order[0] == "bought":
                yield name + " reads: bought %d" % order[1], end(("number", order[1]))
            elif order[0] == "trying":
                yield name + " reads: trying %d" % order[1], with_(
                    st, workers=go("look1", n=order[1], snap=order))
                for m in range(sc.numbers if mutation == "finish chooses anew" else 0):
                    if claims[m] is None and asked[k] != sc.params[i]:
                        yield name + " reads: trying %d, chooses %d" % (order[1], m), with_(
                            st, workers=go("look0", n=m, snap=(order, None)))
            else:
                tried = order[1] if order[0] == "open" and sc.again is not True else 0
                free = [m for m in range(sc.numbers)
                        if not tried >> m & 1 and not skip >> m & 1
                        and (claims[m] is None or mutation == "no claims")]
                for m in free:
                    step = "T1" if mutation == "no look0" else "look0"
                    if mutation == "post before T1":
                        yield name + " chooses %d" % m, with_(
                            st, workers=go("early", n=m, snap=(order, None)))
                        continue
                    yield name + " chooses %d" % m, with_(st, workers=go(step, n=m, snap=(order, None)))
                # a number that another key bought long ago: released, if look0 does not find it
                for m in range(sc.numbers if sc.user_release else 0):
                    k1 = claims[m]
                    if (k1 is None or k1 == k or skip >> m & 1 or tried >> m & 1
                            or orders[k1] != ("bought", m)):
                        continue
                    if mutation == "takes over at once":
                        yield name + " chooses %d of key %d" % (m, k1 + 1), with_(
                            st, workers=go("look0", n=m, snap=(order, k1)))
                    elif not any(x[1] == k1 and x[2] == m for x in net):
                        after = go("look0", n=m, snap=(order, k1))
                        after = tuple(put(v, EXPIRED, 1) if sc.keys[j] == k1 and v[PC] != "end" else v
                                      for j, v in enumerate(after))
                        yield name + " chooses %d, long since bought by key %d" % (m, k1 + 1), with_(
                            st, workers=after, fresh=put(fresh, m, 0))
                if not free:
                    yield name + " finds nothing to buy", end(("no",))

        elif pc == "forked":  # the child: its calls are cancelled, and it writes nothing for its parent
            mine = order[0] == "trying" and order[1] == n and any(s[0] == token for s in order[3])
            if mutation == "child signs off" and mine:
                senders = tuple(s for s in order[3] if s[0] != token)
                new = ("trying", n, order[2], senders) if any(s[1] for s in senders) else ("open", order[2])
                yield name + " signs its parent off", end(
                    ("unknown",), orders=put(orders, k, new),
                    claims=claims if new[0] == "trying" else put(claims, n, None))
            else:
                yield name + " is cancelled", end(("unknown",))

        elif pc == "clook":  # a conflict: was the order's number bought?
            if owners[n] == OURS:
                yield name + " looks: %d is owned" % n, with_(st, workers=go("cT2", snap=snap))
            if owners[n] != OURS or (fresh[n] and sc.stale):
                yield name + " looks: %d is not owned, conflict" % n, end(("conflict", n, "unknown"))

        elif pc == "cT2":
            if order == snap:
                yield name + " T2: bought %d, conflict" % n, end(
                    ("conflict", n, "yes"), orders=put(orders, k, ("bought", n)))
            else:
                yield name + " T2: too late, reads again", with_(st, workers=go("read", n=-1))

        elif pc == "replay":  # by SID, and by number
            if owners[n] == OURS and (buyers[n] == k or mutation == "by number alone"):
                yield name + " finds %d" % n, end(("number", n, "replayed"))
            if owners[n] != OURS or buyers[n] != k or (fresh[n] and sc.stale):
                label = name + " does not find %d" % n
                if mutation == "lag is a release, buys again":
                    yield label + ", forgets it", with_(st, workers=go("read", n=-1), orders=put(
                        orders, k, ("open", 1 << n)), claims=put(claims, n, None))
                elif mutation == "lag is a release":
                    yield label + ", says so", end(("conflict", n, "released"))
                else:
                    yield label + " yet", end(("in_progress",))
                    if not any(x[1] == k and x[2] == n for x in net):
                        after = go("replay2", snap=snap)
                        after = tuple(put(v, EXPIRED, 1) if j != i and sc.keys[j] == k and v[PC] != "end" else v
                                      for j, v in enumerate(after))
                        yield label + ", after the time of all senders", with_(
                            st, workers=after, fresh=put(fresh, n, 0))

        elif pc == "replay2":
            if owners[n] == OURS and (buyers[n] == k or mutation == "by number alone"):
                yield name + " finds %d" % n, end(("number", n, "replayed"))
            else:
                yield name + " does not find %d, it was released" % n, end(("conflict", n, "released"))

        elif pc == "uread":  # buys a certain number, in a client with a journal
            claim = claims[0]
            other = claim is not None and claim != k
            if order[0] in ("trying", "bought"):
                yield name + " reads its order", with_(st, workers=go("read"))
            elif other and orders[claim][0] == "trying":
                yield name + " reads: key %d is trying 0" % (claim + 1), end(("in_progress",))
            else:
                if owners[0] == OURS:
                    yield name + " looks: 0 is owned", with_(st, workers=go("usend", n=0, snap=buyers[0]))
                if (owners[0] != OURS or (fresh[0] and sc.stale)) and not other:
                    yield name + " looks: 0 is not owned", with_(
                        st, workers=go("T1", n=0, snap=(order, claim)))
                elif not any(x[1] == claim and x[2] == 0 and len(x) == 4 for x in net):
                    after = go("look0", n=0, snap=(order, claim))
                    after = tuple(put(v, EXPIRED, 1) if sc.keys[j] == claim and v[PC] != "end" else v
                                  for j, v in enumerate(after))
                    yield name + " waits for the senders of 0", with_(st, workers=after, fresh=put(fresh, 0, 0))

        elif pc == "usend":
            yield name + " sends an update of 0", with_(
                st, workers=go("uwait", snap=snap), net=add(net, (token, k, n, posts, snap)))

        elif pc == "uwait":
            yield name + " gives the answer up", end(("unknown",))

        elif pc == "adopt":
            claim = claims[n]
            if order[0] in ("none", "open") and order == snap[0] and (
                    claim == snap[1] or mutation == "adopts without the claim"):
                yield name + " notes: %d is adopted" % n, end(
                    ("adopted", n), orders=put(orders, k, ("bought", n)), claims=put(claims, n, k),
                    flags=tuple(sorted(flags + (("adopted", k),))))
            else:
                yield name + " cannot adopt", with_(st, workers=go("read", n=-1))

        elif pc == "look0":
            if owners[n] == OURS and sc.adopt:
                yield name + " look0: %d is owned" % n, with_(st, workers=go("adopt", snap=snap))
            elif owners[n] == OURS and sc.programs and sc.programs[i] == "update":
                yield name + " look0: %d is owned" % n, with_(st, workers=go("uread", n=-1))
            elif owners[n] == OURS:
                yield name + " look0: %d is owned already" % n, with_(
                    st, workers=go("read", n=-1, skip=skip | 1 << n))
            if owners[n] != OURS or (fresh[n] and sc.stale):
                yield name + " look0: %d is not owned" % n, with_(st, workers=go("T1", snap=snap))

        elif pc == "T1":
            spent = sum(1 for o in orders if o[0] in ("trying", "bought"))
            if counts:
                spent = counts[0][sc.records[i]]
            if sc.late_commits:
                yield name + " T1: the journal fails", end(("no",))
            if sc.limit is not None and spent >= sc.limit and order[0] not in ("trying", "bought"):
                yield name + " T1: over the limit", end(("no",))
            elif order == snap[0] and (claims[n] == snap[1] or mutation == "no claims"):
                tried = order[1] if order[0] == "open" else 0
                tried = 0 if sc.again is True else tried
                new = ("trying", n, tried, ((token, 1) + me,))
                parts = {"orders": put(orders, k, new), "claims": put(claims, n, k)}
                if sc.params:
                    parts["asked"] = put(asked, k, sc.params[i])
                if counts:
                    parts["counts"] = charge(counts, k, sc.records[i])
                yield name + " T1: trying %d" % n, with_(
                    st, workers=go("wait" if mutation == "post before T1" else "post", doubt=None), **parts)
                if late_commits:
                    yield name + " T1: trying %d, under way, unheard" % n, under_way(
                        new, k, ("no",) if mutation in ("unheard T1 says no",) else None)
                if lost_commits:
                    yield name + " T1: trying %d, unheard" % n, with_(
                        st, workers=go("read", n=-1), budgets=put(budgets, 1, lost_commits - 1), **parts)
            else:
                yield name + " T1: too late", with_(st, workers=go("read", n=-1))

        elif pc == "early":  # a mutation: it is sent before it is written down
            yield name + " sends POST %d before T1" % n, with_(
                st, workers=go("T1", posts=posts - 1, snap=snap), net=add(net, (token, k, n, posts)))

        elif pc == "post":
            message = (token, k, n, posts) + ((until[0] + sc.settles[i],) if clock else ())
            if expired:
                yield name + " has no time left to send", end(("unknown",))
            else:
                yield name + " sends POST %d" % n, with_(
                    st, workers=go("wait", posts=posts - 1, in_hand=0), net=add(net, message))
            if cancels and posts == sc.posts:
                rest = put(budgets, 7, cancels - 1)
                yield name + " is cancelled, its job is taken back unsent", with_(
                    st, workers=go("signoff"), budgets=rest)
                if mutation == "job may still be sent":
                    yield name + " is cancelled, its job is in a queue", with_(
                        st, workers=go("signoff"), budgets=rest, net=add(net, message))

        elif pc == "signoff":  # never sent: T1 was heard, and the job can no longer be sent
            if order[0] == "trying" and order[1] == n and any(s[0] == token for s in order[3]):
                senders = tuple(s for s in order[3] if s[0] != token)
                if any(s[1] for s in senders):
                    new = ("trying", n, order[2], senders)
                    yield name + " signs off, others are at it", end(("unknown",), orders=put(orders, k, new))
                else:
                    new = NONE if sc.again is True else ("open", order[2])
                    parts = {"counts": charge(counts, k, None)} if counts else {}
                    yield name + " signs off, never sent", end(
                        ("no",), orders=put(orders, k, new), claims=put(claims, n, None), **parts)
                if late_commits:
                    yield name + " signs off, under way, unheard", under_way(
                        new, claims[n] if new[0] == "trying" else None,
                        ("no",) if mutation == "unheard sign-off says no" else ("unknown",))
            else:
                yield name + " cannot sign off", end(("unknown",))

        elif pc == "wait":
            yield name + " gives the answer up", with_(st, workers=go("check", unknown=1))
            if cancels and mutation == "signs off what was sent":
                yield name + " is cancelled", with_(
                    st, workers=go("signoff"), budgets=put(budgets, 7, cancels - 1))

        elif pc == "check":  # reads its order again, before it looks
            if order[0] == "trying" and order[1] == n and not sc.differs(st, i, token):
                yield name + " reads its order", with_(st, workers=go("look1", snap=order))
            else:
                yield name + " reads its order, which has gone on", with_(
                    st, workers=go("read", n=-1, unknown=0, posts=sc.posts))

        elif pc == "look1":
            if owners[n] == OURS:
                yield name + " look1: %d is owned" % n, with_(st, workers=go("T2", snap=snap))
            if owners[n] != OURS or (fresh[n] and sc.stale):
                label = name + " look1: %d is not owned" % n
                mine = order[0] == "trying" and order[1] == n and any(
                    s[0] == token and (s[1] or mutation == "sends again after its note") for s in order[3])
                mine = mine and (doubt is None or mutation == "sends again after an unheard write")
                if mutation == "give up after unknown" and order[0] == "trying" and order[1] == n:
                    yield label + ", gives it up", abandon(sc, st, i, k, n, go)
                if mine and posts:
                    yield label + ", sends again", with_(st, workers=go("post"))
                if not mine and posts:
                    yield label + ", helps", with_(st, workers=go("join"))
                if in_hand or mutation == "no refusal needed":
                    yield label + ", lets time pass", with_(st, workers=go("settle"))
                yield label + ", returns", end(("unknown",))

        elif pc == "join":
            if order[0] == "trying" and order[1] == n and not sc.differs(st, i, token):
                new = ("trying", n, order[2], set_sender(order[3], token, 1, me))
                # whatever it changes, the order has another version: no write under way can be made any more
                yield name + " joins for %d" % n, with_(
                    st, workers=go("post", doubt=None), orders=put(orders, k, new),
                    pending=tuple(p for p in pending if p[1] != k))
                if late_commits:
                    yield name + " joins for %d, under way, unheard" % n, under_way(new, claims[n])
            else:
                yield name + " cannot join", with_(st, workers=go("read", n=-1, unknown=0, posts=sc.posts))

        elif pc == "refused":  # each of its own attempts for n was refused
            if order[0] == "trying" and order[1] == n:
                others = [s for s in order[3] if s[0] != token and s[1]]
                if not others or mutation == "ignore senders":
                    yield name + " T3: gives %d up" % n, abandon(sc, st, i, k, n, go)
                    yield name + " T3: gives %d up, ends" % n, abandon(sc, st, i, k, n, go, end)
                    if late_commits:
                        yield name + " T3: gives %d up, under way, unheard" % n, under_way(
                            given_up(sc, order, n, False), None)
                else:
                    new = ("trying", n, order[2], set_sender(order[3], token, 0))
                    done = put(orders, k, new)
                    if late_commits:
                        yield name + " notes: refused, under way, unheard", under_way(new, claims[n])
                    yield name + " notes: refused, others are at it", end(("unknown",), orders=done)
                    yield name + " notes: refused, lets time pass", with_(
                        st, workers=go("settle"), orders=done)
            else:
                yield name + " was refused, reads again", with_(
                    st, workers=go("read", n=-1, unknown=0, posts=sc.posts))

        elif pc == "settle" and clock:
            if order[0] != "trying" or order[1] != n:
                yield name + " reads again", with_(
                    st, workers=go("read", n=-1, unknown=0, posts=sc.posts))
            else:
                senders, over, wrote = judge(sc, i, order[3], now + ahead, era)
                if expired or not over:
                    yield name + " returns", end(("unknown",))
                if wrote:
                    yield name + " writes: the senders' term begins anew", with_(
                        st, workers=go("settle"), orders=put(orders, k, ("trying", n, order[2], senders)))
                elif over and not expired:
                    yield name + " reads: the time of all senders is over", with_(
                        st, workers=go("look2", snap=order))

        elif pc == "settle":
            if order[0] != "trying" or order[1] != n:
                yield name + " reads again", with_(
                    st, workers=go("read", n=-1, unknown=0, posts=sc.posts))
            elif sc.late or mutation == "late" or not any(m[1] == k and m[2] == n for m in net):
                after = go("look2", snap=order)
                if mutation not in ("late", "no expiry") and not sc.late:
                    tokens = [s[0] for s in order[3]]
                    after = tuple(
                        put(v, EXPIRED, 1) if j != i and v[TOKEN] in tokens and v[PC] != "end" else v
                        for j, v in enumerate(after))
                now = fresh if mutation == "stale for ever" else put(fresh, n, 0)
                yield name + " lets the time of all senders pass", with_(st, workers=after, fresh=now)

        elif pc == "look2":
            if owners[n] == OURS:
                yield name + " look2: %d is owned" % n, with_(st, workers=go("T2", snap=snap))
            if owners[n] != OURS or fresh[n]:
                yield name + " look2: %d is not owned" % n, with_(st, workers=go("drop", snap=snap))
                if posts:
                    yield name + " look2: %d is not owned, buys it" % n, with_(st, workers=go("join"))

        elif pc == "drop":
            if order == snap or (mutation == "no compare" and order[0] == "trying" and order[1] == n):
                yield name + " T3: gives %d up after time" % n, abandon(sc, st, i, k, n, go, None, True)
                yield name + " T3: gives %d up after time, ends" % n, abandon(sc, st, i, k, n, go, end, True)
                if late_commits:
                    yield name + " T3: gives %d up after time, under way, unheard" % n, under_way(
                        given_up(sc, order, n, True), None)
            else:
                yield name + " T3: too late", with_(st, workers=go("check"))

        elif pc == "T2":
            if snap and order != snap and mutation != "T2 without compare":
                # its own doubt stays: only the number that it is about may have changed
                yield name + " T2: too late, reads again", with_(st, workers=go(
                    "check", unknown=0 if mutation == "forgets its doubt" else unknown))
            elif order[0] == "trying" and order[1] == n:
                done = put(orders, k, ("bought", n))
                parts = {"left": put(left, k, order[3])} if clock else {}
                yield name + " T2: bought %d" % n, end(("number", n), orders=done, **parts)
                if lost_commits:
                    yield name + " T2: bought %d, unheard" % n, with_(
                        st, workers=go("read", n=-1, unknown=0, posts=sc.posts), orders=done,
                        budgets=put(budgets, 1, lost_commits - 1))
            elif order == ("bought", n):
                yield name + " T2: another call has noted it", end(("number", n))
            else:
                yield name + " T2: the order has gone on without %d" % n, end(
                    ("stray", n), flags=flags + ("stray",))

    # the network and Twilio
    for at, message in enumerate(net):
        token, k, n, attempt = message[:4]
        rest = net[:at] + net[at + 1:]
        if len(message) == 5 and not clock:  # an update by SID
            label = "the update of %d by %d.%d " % (n, token // 10, token % 10)
            yield label + "is lost", with_(st, net=rest)
            is_ok = owners[n] == OURS and buyers[n] == message[4]
            new = with_(st, net=rest)
            if not is_ok and owners[n] == FREE and mutation == "POST to the collection":
                new = with_(new, owners=put(owners, n, OURS), buyers=put(buyers, n, "an update"))
            yield label + ("is done, unheard" if is_ok else "finds nothing, unheard"), new
            for i, w in enumerate(workers):
                if w[TOKEN] == token and w[PC] == "uwait":
                    heard = put(put(w, PC, "uread"), N, -1)
                    if is_ok:
                        heard = put(put(put(w, PC, "end"), N, -1), RESULT, ("updated", n))
                    yield label + ("is done" if is_ok else "finds nothing"), with_(
                        new, workers=put(workers, i, put(heard, SNAP, None)))
            continue
        label = "POST %d of %d.%d " % (n, token // 10, token % 10)
        yield label + "is lost", with_(st, net=rest)
        results = []
        if owners[n] == FREE:
            results.append(("buys", with_(
                st, net=rest, owners=put(owners, n, OURS), buyers=put(buyers, n, k),
                fresh=put(fresh, n, message[4] if clock else 1), bought=put(bought, k, bought[k] + 1)), True))
            if sc.unfit is True:
                results.append(("is refused", with_(st, net=rest), False))
        elif owners[n] == OURS:
            results.append(("updates", with_(st, net=rest), True))
            if sc.unfit:
                results.append(("is refused", with_(st, net=rest), False))
        else:
            results.append(("is refused", with_(st, net=rest), False))
        for what, new, is_ok in results:
            yield label + what + ", unheard", new
            for i, w in enumerate(workers):
                if w[TOKEN] == token and w[PC] == "wait" and w[N] == n and w[POSTS] == attempt - 1:
                    step = "T2" if is_ok else ("check" if w[UNKNOWN] else "refused")
                    heard = put(put(put(w, PC, step), SNAP, None), IN_HAND, int(not is_ok))
                    yield label + what, with_(new, workers=put(workers, i, heard))

    # the store: writes under way, and its clock
    for at, (token, k, n, old, new, old_claim, new_claim, params, record) in enumerate(pending):
        rest = pending[:at] + pending[at + 1:]
        label = "the unheard write of %d.%d " % (token // 10, token % 10)
        yield label + "comes to nothing", with_(st, pending=rest)
        is_t1 = old[0] != "trying"
        if orders[k] == old and claims[n] == old_claim and not (
                is_t1 and record and counts[0][record[0]] != record[1]):
            parts = {"asked": put(asked, k, params)} if params is not None and is_t1 else {}
            if counts and (is_t1 or new[0] != "trying"):
                parts["counts"] = charge(counts, k, record[0] if is_t1 else None)
            yield label + "is made", with_(st, pending=rest, orders=put(orders, k, new),
                                           claims=put(claims, n, new_claim), **parts)
    if clock:
        if now < sc.horizon:
            yield "time passes", with_(
                st, clock=(now + 1, era, ahead), net=tuple(m for m in net if m[4] > now),
                fresh=tuple(f if f > now else 0 for f in fresh))
        if budgets[9]:
            for offset in (ahead - 3, ahead + 6):
                yield "another era, its clock %+d" % (offset - ahead), with_(
                    st, clock=(now, era + 1, offset), budgets=put(budgets, 9, budgets[9] - 1))
        if budgets[10]:
            yield "the store's clock is set back", with_(
                st, clock=(now, era, ahead - 1000), budgets=put(budgets, 10, budgets[10] - 1))
        if budgets[11]:
            yield "the store's clock is set ahead", with_(
                st, clock=(now, era, ahead + 6), budgets=put(budgets, 11, budgets[11] - 1))

    # others
    for i, w in enumerate(workers):
        if user_release and w[RESULT] and w[RESULT][0] == "number":
            k, n = sc.keys[i], w[RESULT][1]
            busy = any(x[1] == k and x[2] == n for x in net)  # release() waits for the time of the order's senders
            if clock:  # by the record of the bought order, which is written too
                senders, over, wrote = judge(sc, i, left[k], now + ahead, era)
                busy = not over
                if wrote and owners[n] == OURS and buyers[n] == k and ("released", k) not in flags:
                    yield "release() writes: the terms of %d's senders begin anew" % n, with_(
                        st, left=put(left, k, senders))
            if (owners[n] == OURS and buyers[n] == k and ("released", k) not in flags
                    and (not busy or mutation == "release at once")):
                after = workers
                if mutation != "release at once" and not clock:
                    after = tuple(put(v, EXPIRED, 1) if sc.keys[j] == k and v[PC] != "end" else v
                                  for j, v in enumerate(workers))
                yield "the customer releases %d of key %d" % (n, k + 1), with_(
                    st, workers=after, owners=put(owners, n, FREE), buyers=put(buyers, n, None),
                    flags=flags + (("released", k),), budgets=put(budgets, 5, user_release - 1))
    for n in range(sc.numbers):
        if stranger and owners[n] == FREE:
            yield "a stranger buys %d" % n, with_(
                st, owners=put(owners, n, STRANGER), budgets=put(budgets, 2, stranger - 1))
        if release and owners[n] == STRANGER:
            yield "the stranger releases %d" % n, with_(
                st, owners=put(owners, n, FREE), budgets=put(budgets, 3, release - 1))
        if foreign and owners[n] == FREE:
            yield "a program without the journal buys %d" % n, with_(
                st, owners=put(owners, n, OURS), buyers=put(buyers, n, "foreign"),
                fresh=put(fresh, n, 1), budgets=put(budgets, 4, foreign - 1))


def add(net, message):
    return tuple(sorted(net + (message,)))


def judge(sc, i, senders, now, era):
    """Are the times of all senders over, by the store's clock? Returns the senders as they must be written first,
    if any must be, and the answer."""
    after, over = [], True
    for s in senders:
        if s[1]:
            token, status, until, settle, at, term = s
            anew = at != era or until > now + term
            if sc.mutation == "a shorter term" and at != era:
                term = 0
            if sc.mutation == "another era, all dead" and at != era:
                continue
            if sc.mutation == "compares across eras":
                anew = False
            if anew:
                until = now + term
                written = sc.mutation != "counts and never writes" and not (
                    sc.mutation == "set back, not written" and at == era)
                if written:
                    s = (token, status, until, settle, era, s[5])
            if sc.mutation == "the reader's settle":
                settle = sc.settles[i]
            over = over and now > until + settle
        after.append(s)
    after = tuple(after)
    wrote = len(after) == len(senders) and after != senders
    return after, over and not wrote, wrote


def given_up(sc, order, n, in_doubt):
    """An order that has given its number up, for good or in doubt."""
    if sc.again is True:
        return NONE
    return ("open", order[2] if sc.again and not in_doubt else order[2] | 1 << n)


def abandon(sc, st, i, k, n, go, end=None, in_doubt=False):
    order = st[ORDERS][k]
    now = given_up(sc, order, n, in_doubt)
    parts = {"orders": put(st[ORDERS], k, now), "claims": put(st[CLAIMS], n, None)}
    if st[COUNTS]:
        parts["counts"] = charge(st[COUNTS], k, None)
        if sc.mutation == "gives back to its own":
            counts = put(st[COUNTS][0], sc.records[i], max(0, st[COUNTS][0][sc.records[i]] - 1))
            parts["counts"] = counts, parts["counts"][1]
    if end:
        return end(("no",), **parts)
    return with_(st, workers=go("read", n=-1, unknown=0, posts=sc.posts), **parts)


def violation(sc, st, before):
    """The rule that a state breaks, or None."""
    workers, orders, claims, owners, buyers, fresh, bought, net, budgets, flags = st[:10]
    for k, count in enumerate(bought):
        if count > 1:
            return "I1 key %d has bought %d numbers" % (k + 1, count)
    if "stray" in flags:
        return "I5 a number was bought for an order that has gone on without it"
    released = [f[1] for f in flags if f[0] == "released"]
    for n, k in enumerate(buyers):
        if isinstance(k, int) and owners[n] == OURS:
            order = orders[k]
            if not (order[0] in ("trying", "bought") and order[1] == n):
                return "I4 number %d, bought for key %d, is lost: its order says %s" % (
                    n, k + 1, order[0])
    returned = {}
    for i, w in enumerate(workers):
        if w[RESULT] and w[RESULT][0] == "number" and sc.keys[i] not in released:
            k, n = sc.keys[i], w[RESULT][1]
            if orders[k] != ("bought", n):
                return "I2 worker %d returned %d, its order says otherwise" % (i + 1, n)
            if returned.get(n, k) != k:
                return "I3 two keys were given number %d" % n
            returned[n] = k
            if buyers[n] != k:
                return "I6 key %d was given number %d, which it has not bought (%s)" % (
                    k + 1, n, buyers[n])
        if w[RESULT] == ("no",) and (before is None or before[WORKERS][i][RESULT] is None):
            if bought[sc.keys[i]]:
                return "I7 key %d was told that nothing was bought" % (sc.keys[i] + 1)
        if w[RESULT] == ("no",) and orders[sc.keys[i]][0] == "trying":
            if any(s[0] == w[TOKEN] and s[1] for s in orders[sc.keys[i]][3]):
                return "I9 key %d was told 'no' by a call that is a sender of its order" % (sc.keys[i] + 1)
        if w[RESULT] and w[RESULT][0] == "conflict":
            k, n, truth = sc.keys[i], w[RESULT][1], w[RESULT][2]
            if truth == "no" and bought[k]:
                return "I10 a conflict said 'no', and key %d has bought a number" % (k + 1)
            if truth == "yes" and k not in released and (orders[k] != ("bought", n) or buyers[n] != k):
                return "I10 a conflict said 'yes', and key %d has not bought %d" % (k + 1, n)
            if truth == "released" and owners[n] == OURS and buyers[n] == k:
                return "I11 key %d was told that %d was given back; it is owned" % (k + 1, n)
        if w[RESULT] and w[RESULT][0] == "adopted" and isinstance(buyers[w[RESULT][1]], int):
            return "I12 worker %d adopted a number that key %d had bought" % (i + 1, buyers[w[RESULT][1]] + 1)
        if w[RESULT] and w[RESULT][-1] == "replayed" and (before is None or not before[WORKERS][i][RESULT]):
            if buyers[w[RESULT][1]] != sc.keys[i]:
                return "I3 a replay of key %d was given %d, which another has bought" % (
                    sc.keys[i] + 1, w[RESULT][1])
    adopted = {}
    for i, w in enumerate(workers):
        if w[RESULT] and w[RESULT][0] == "adopted":
            k, n = sc.keys[i], w[RESULT][1]
            if adopted.setdefault(n, k) != k or returned.get(n, k) != k:
                return "I3 two keys were given number %d" % n
    if "an update" in buyers:
        return "I13 an update has bought a number"
    if st[COUNTS]:
        for record, count in enumerate(st[COUNTS][0]):
            charged = [k for k, r in enumerate(st[COUNTS][1]) if r == record]
            if count != sum(1 for k in charged if orders[k][0] in ("trying", "bought")):
                return "I14 limit record %d counts %d, its orders are %d" % (record, count, len(charged))
            if sc.limit is not None and sum(bought[k] for k in charged) > sc.limit:
                return "I8 more was bought than limit record %d allows" % record
    elif sc.limit is not None and sum(bought) > sc.limit:
        return "I8 more was bought than the limit allows"
    return None


def ends_in_time(sc, order, clock):
    """Calls come one after another, and each lasts its term: can one of them ever rely on the senders' time?"""
    now, era, ahead = clock
    senders = order[3]
    for t in range(now, now + 20 * (max(sc.terms) + max(sc.settles) + 1)):
        senders, over, _ = judge(sc, len(sc.keys) - 1, senders, t + ahead, era)
        if over:
            return True
    return False


def recover(sc, st, k):
    """No other worker is there, and all requests have arrived: how does one more call with the key end?"""
    orders, owners, bought, buyers = list(st[ORDERS]), list(st[OWNERS]), list(st[BOUGHT]), list(st[BUYERS])
    claims = list(st[CLAIMS])
    for _ in range(20):
        order = orders[k]
        if order[0] == "bought":
            return ("number", order[1]), bought[k], buyers[order[1]]
        if order[0] == "trying":
            n = order[1]
            if owners[n] == FREE:
                owners[n], buyers[n] = OURS, k
                bought[k] += 1
            if owners[n] == OURS:
                orders[k] = ("bought", n)
            else:
                orders[k], claims[n] = ("open", order[2] | 1 << n), None
            continue
        tried = order[1] if order[0] == "open" else 0
        free = [n for n in range(sc.numbers)
                if not tried >> n & 1 and claims[n] is None and owners[n] != OURS]
        spent = sum(1 for o in orders if o[0] in ("trying", "bought"))
        if not free or (sc.limit is not None and not sc.records and spent >= sc.limit):
            return ("no",), bought[k], None
        orders[k], claims[free[0]] = ("trying", free[0], tried, ()), k
    return ("never",), bought[k], None


def check_end(sc, st):
    """At rest: one more call with each key must end with its one number, or with none at all."""
    for k in sorted(set(sc.keys)):
        if ("released", k) in st[FLAGS]:
            continue
        outcome, count, buyer = recover(sc, st, k)
        if outcome[0] == "number" and (count != 1 or buyer != k):
            if not (sc.foreign or sc.owned_before) or count > 1:
                return "L1 a further call with key %d returns a number; it has bought %d" % (k + 1, count)
        if outcome[0] == "no" and count:
            return "L2 a further call with key %d finds nothing, though it has bought %d" % (k + 1, count)
        if outcome[0] == "never":
            return "L3 a further call with key %d never ends" % (k + 1)
        order = st[ORDERS][k]
        if st[CLOCK] and order[0] == "trying" and not ends_in_time(sc, order, st[CLOCK]):
            return "L4 no further call with key %d ever learns that its senders' time is over" % (k + 1)
    return None


def explore(sc, want_trace, most=40_000_000):
    """All reachable states, breadth first. Returns what was found."""
    first = sc.initial()
    seen = {hash(first)}
    parents = {first: None} if want_trace else None
    level, states, ends, began = [first], 1, 0, time.time()
    outcomes = {}
    while level:
        following = []
        for st in level:
            is_end = True
            for label, new in successors(sc, st):
                if not label.endswith("begins anew"):
                    is_end = False
                h = hash(new)
                if h in seen:
                    continue
                seen.add(h)
                states += 1
                if want_trace:
                    parents[new] = (st, label)
                broken = violation(sc, new, st)
                if broken:
                    return {"states": states, "broken": broken, "seconds": time.time() - began,
                            "trace": trace(parents, new) if want_trace else None}
                following.append(new)
                if states > most:
                    return {"states": states, "broken": "not finished", "seconds": time.time() - began}
            if is_end or (not st[NET] and not st[PENDING] and all(w[PC] in AT_REST for w in st[WORKERS])):
                ends += 1
                broken = check_end(sc, st)
                if broken:
                    return {"states": states, "broken": broken, "seconds": time.time() - began,
                            "trace": trace(parents, st) if want_trace else None}
                for w in st[WORKERS]:
                    name = w[RESULT][0] if w[RESULT] else "?"
                    outcomes[name] = outcomes.get(name, 0) + 1
        level = following
    return {"states": states, "broken": None, "ends": ends, "outcomes": outcomes,
            "seconds": time.time() - began}


def trace(parents, st):
    """The steps that led to a state: of each the state before, the label, and the state after."""
    steps_ = []
    while parents and parents[st]:
        before, label = parents[st]
        steps_.append((before, label, st))
        st = before
    return steps_[::-1]


SAME, TWO = (0, 0), (0, 1)

SCENARIOS = {
    # one key, two workers; two keys that want the same numbers; three workers
    "one worker, 3 crashes": Scenario((0,), crashes=3, posts=2, lost_commits=1),
    "one worker, stranger": Scenario((0,), crashes=2, posts=2, lost_commits=1, stranger=1, release=1),
    "same key": Scenario(SAME, crashes=1, posts=1),
    "same key, 2 posts each": Scenario(SAME, crashes=0, posts=2),
    "same key, stranger buys and releases": Scenario(SAME, crashes=1, posts=1, stranger=1, release=1),
    "same key, commits unheard": Scenario(SAME, crashes=0, posts=1, lost_commits=2),
    "two keys": Scenario(TWO, crashes=1, posts=1),
    "two keys, stranger": Scenario(TWO, crashes=0, posts=1, stranger=1, release=1),
    "two keys, limit of one number": Scenario(TWO, crashes=1, posts=1, limit=1),
    "number owned before": Scenario(SAME, crashes=1, posts=1, owned_before=True),
    "two keys, one of them twice": Scenario((0, 0, 1), crashes=0, posts=1),
    "given up and tried again": Scenario(SAME, crashes=0, posts=1, again=True, stranger=1, release=1),
    "refused and tried again": Scenario(SAME, crashes=1, posts=1, again="refused", stranger=1, release=1),
    "released, and bought by another key": Scenario(TWO, crashes=1, posts=1, numbers=1, user_release=1),
    "the same, one key twice": Scenario((0, 0, 1), crashes=0, posts=1, numbers=1, user_release=1),
    # what recover() does after a day: it buys nothing, so it has no refusal in hand, and relies on A1
    "given up by time alone, A1 holds": Scenario(
        SAME, crashes=1, posts=1, stranger=1, release=1, mutation="no refusal needed"),
    # without A1 and without any check of the time: enough that what Twilio has refused stays refused
    "no clock at all, one worker": Scenario((0,), crashes=2, posts=2, stranger=1, unfit="ours", late=True),
    "no clock at all, same key": Scenario(SAME, crashes=1, posts=1, stranger=1, unfit="ours", late=True),
    "no clock at all, two keys": Scenario(TWO, crashes=1, posts=1, stranger=1, unfit="ours", late=True),
    # late writes, cancels, forks, other parameters, replays, adopted numbers, updates, clocks
    "writes unheard, made later": Scenario((0,), crashes=1, posts=2, late_commits=2),
    "writes unheard, made later, same key": Scenario(SAME, crashes=0, posts=1, late_commits=1),
    "cancelled": Scenario(SAME, crashes=1, posts=1, cancels=1),
    "cancelled, writes made later": Scenario((0,), crashes=1, posts=1, cancels=1, late_commits=2),
    "forks": Scenario((0, 0, 0), crashes=0, posts=1, forks=1),
    "forks, the child calls too": Scenario((0, 0), crashes=2, posts=1, forks=1),
    "other parameters: conflict": Scenario(SAME, crashes=1, posts=1, params=(0, 1)),
    "other parameters: finish": Scenario(SAME, crashes=1, posts=1, params=(0, 1), finish=(0, 1)),
    "other parameters: conflict, then finish": Scenario(SAME, crashes=1, posts=1, params=(0, 1), finish=(0, 2)),
    "replay, look-ups lag": Scenario(SAME, crashes=1, posts=1, replay=True),
    "replay, released, bought by another key": Scenario(
        TWO, crashes=1, posts=1, numbers=1, user_release=1, replay=True),
    "unless_owned = false": Scenario(TWO, crashes=1, posts=1, owned_before=True, adopt=True),
    "unless_owned = false, same key": Scenario(SAME, crashes=1, posts=1, owned_before=True, adopt=True),
    "update by SID": Scenario(TWO, crashes=1, posts=1, numbers=1, user_release=1, programs=("buy", "update")),
    "two limit records": Scenario((0, 0, 1), crashes=0, posts=1, records=(0, 1, 1), limit=1),
    "clock, two settle times": Scenario(SAME, crashes=0, posts=1, numbers=1, settles=(2, 1), horizon=6),
    "clock, another era": Scenario(
        SAME, crashes=0, posts=1, numbers=1, settles=(1, 0), terms=(1, 3), eras=1, horizon=4),
    "clock, another era, released": Scenario(
        SAME, crashes=0, posts=1, numbers=1, settles=(1, 0), terms=(1, 1), eras=1, horizon=4, user_release=1),
    "clock set back": Scenario(
        SAME, crashes=0, posts=1, numbers=1, settles=(1, 0), terms=(1, 3), set_back=1, horizon=4),
}

DEEP = {  # minutes each
    "same key, 2 crashes, 2 posts": Scenario(SAME, crashes=2, posts=2),
    "same key, 2 crashes, all faults": Scenario(
        SAME, crashes=2, posts=1, lost_commits=1, stranger=1, release=1),
    "three workers, same key": Scenario((0, 0, 0), crashes=0, posts=1),
    "refused and tried again, one key twice": Scenario((0, 0, 1), crashes=0, posts=1, again="refused"),
    "two keys, 2 crashes, 3 numbers": Scenario(TWO, crashes=2, posts=1, numbers=3),
    "two keys, one twice, stranger": Scenario((0, 0, 1), crashes=0, posts=1, stranger=1, release=1),
    "two keys, all faults, limit": Scenario(
        TWO, crashes=2, posts=1, lost_commits=1, stranger=1, release=1, limit=1),
    "released and bought again, all faults": Scenario(
        (0, 0, 1), crashes=1, posts=1, numbers=1, lost_commits=1, user_release=1),
    "no clock at all, same key, 2 crashes": Scenario(
        SAME, crashes=2, posts=1, stranger=1, unfit="ours", late=True),
    "no clock at all, same key, 2 posts": Scenario(
        SAME, crashes=1, posts=2, stranger=1, unfit="ours", late=True),
    "no clock at all, one key twice": Scenario(
        (0, 0, 1), crashes=0, posts=1, stranger=1, unfit="ours", late=True),
    # the same of late writes, cancels, forks, other parameters, replays, updates, clocks
    "writes made later, same key, a death": Scenario(SAME, crashes=1, posts=1, late_commits=2),
    "writes made later, same key, 2 posts": Scenario(SAME, crashes=0, posts=2, late_commits=2),
    "writes made later, cancelled, two limit records": Scenario(
        SAME, crashes=1, posts=1, late_commits=1, cancels=1, records=(0, 1), limit=1),
    "writes made later, two keys, released": Scenario(
        TWO, crashes=1, posts=1, numbers=1, late_commits=1, user_release=1),
    "cancelled, forks": Scenario((0, 0, 0), crashes=0, posts=1, forks=1, cancels=1, numbers=1),
    "conflict, finish and the first, three workers": Scenario(
        (0, 0, 0), crashes=0, posts=1, params=(0, 1, 1), finish=(0, 0, 1)),
    "conflict, finish, all faults": Scenario(
        SAME, crashes=2, posts=1, stranger=1, release=1, lost_commits=1, params=(0, 1), finish=(0, 2)),
    "replay, released, one key twice": Scenario(
        (0, 0, 1), crashes=1, posts=1, numbers=1, user_release=1, replay=True),
    "update by SID, one key twice": Scenario(
        (0, 0, 1), crashes=1, posts=1, numbers=1, user_release=1, programs=("buy", "buy", "update")),
    "clock, another era, longer terms": Scenario(
        SAME, crashes=0, posts=1, numbers=1, settles=(1, 1), terms=(2, 4), eras=1, horizon=6),
    "clock, two eras": Scenario(
        SAME, crashes=0, posts=1, numbers=1, settles=(1, 0), terms=(1, 3), eras=2, horizon=4),
}

MUTATIONS = {
    "store forgets T1": Scenario((0,), crashes=1, posts=1, mutation="store forgets"),
    "POST before T1": Scenario((0,), crashes=1, posts=1, mutation="post before T1"),
    "no claims": Scenario(TWO, crashes=0, posts=1, mutation="no claims"),
    "gives up after an unknown": Scenario((0,), crashes=0, posts=1, mutation="give up after unknown"),
    "ignores other senders": Scenario(SAME, crashes=0, posts=1, mutation="ignore senders"),
    "A1 broken: later than settle, then fit": Scenario(SAME, crashes=0, posts=1, mutation="late"),
    "the same, a stranger releases": Scenario(
        (0,), crashes=1, posts=2, stranger=1, release=1, unfit="ours", mutation="late"),
    "no check before sending": Scenario(SAME, crashes=0, posts=1, mutation="no expiry"),
    "gives up what was only not found": Scenario(
        (0,), crashes=0, posts=1, unfit="ours", late=True, mutation="no refusal needed"),
    "A2 broken: look-up stale for ever": Scenario((0,), crashes=0, posts=2, mutation="stale for ever"),
    "gives up without compare-and-set": Scenario(SAME, crashes=0, posts=2, mutation="no compare"),
    "forgets its own doubt": Scenario(SAME, crashes=0, posts=2, mutation="forgets its doubt"),
    "T2 after a look-up without compare": Scenario(
        (0, 0, 1), crashes=0, posts=1, mutation="T2 without compare"),
    "takes a bought number's claim over at once": Scenario(
        TWO, crashes=0, posts=1, numbers=1, user_release=1, mutation="takes over at once"),
    "release() does not wait for senders": Scenario(
        SAME, crashes=0, posts=1, numbers=1, user_release=1, mutation="release at once"),
    "no look before T1": Scenario((0,), crashes=0, posts=1, owned_before=True, mutation="no look0"),
    "'no' after an unheard T1": Scenario((0,), crashes=0, posts=1, late_commits=1, mutation="unheard T1 says no"),
    "'no' because the last read said none": Scenario(
        (0,), crashes=0, posts=1, late_commits=1, mutation="since the last read"),
    "sends again after an unheard T3": Scenario(
        (0,), crashes=0, posts=2, late_commits=1, mutation="sends again after an unheard write"),
    "sends again after it noted 'refused'": Scenario(
        SAME, crashes=0, posts=2, late_commits=1, mutation="sends again after its note"),
    "signs off, T1 unheard": Scenario(
        (0,), crashes=0, posts=1, cancels=1, late_commits=1, mutation="signs off, T1 unheard"),
    "'no' after an unheard sign-off": Scenario(
        (0,), crashes=0, posts=1, cancels=1, late_commits=1, mutation="unheard sign-off says no"),
    "signs off, the job may still be sent": Scenario(
        (0,), crashes=1, posts=1, cancels=1, mutation="job may still be sent"),
    "signs off what was sent": Scenario((0,), crashes=1, posts=1, cancels=1, mutation="signs off what was sent"),
    "the child of a fork signs its parent off": Scenario(
        (0, 0, 0), crashes=0, posts=1, forks=1, mutation="child signs off"),
    "the child of a fork goes on": Scenario((0, 0), crashes=0, posts=1, forks=1, mutation="child goes on"),
    "conflict says 'no'": Scenario(SAME, crashes=0, posts=1, params=(0, 1), mutation="conflict says no"),
    "finish buys another number": Scenario(
        SAME, crashes=0, posts=1, params=(0, 1), finish=(0, 1), mutation="finish chooses anew"),
    "takes a lag for a release": Scenario(SAME, crashes=0, posts=1, replay=True, mutation="lag is a release"),
    "the same, and buys again": Scenario(
        SAME, crashes=0, posts=1, replay=True, mutation="lag is a release, buys again"),
    "a replay trusts the number, not the SID": Scenario(
        TWO, crashes=1, posts=1, numbers=1, user_release=1, replay=True, mutation="by number alone"),
    "adopts without the claim": Scenario(
        TWO, crashes=0, posts=1, owned_before=True, adopt=True, mutation="adopts without the claim"),
    "updates by a POST to the collection": Scenario(
        TWO, crashes=0, posts=1, numbers=1, user_release=1, programs=("buy", "update"),
        mutation="POST to the collection"),
    "T3 gives back to the reader's record": Scenario(
        SAME, crashes=0, posts=1, records=(0, 1), limit=1, mutation="gives back to its own"),
    "another era: all senders are dead": Scenario(
        SAME, crashes=0, posts=1, numbers=1, settles=(1, 1), eras=1, horizon=6, mutation="another era, all dead"),
    "another era: release() does not wait": Scenario(
        SAME, crashes=0, posts=1, numbers=1, settles=(1, 0), eras=1, horizon=4, user_release=1,
        mutation="another era, all dead"),
    "compares times across eras": Scenario(
        SAME, crashes=0, posts=1, numbers=1, settles=(1, 1), eras=1, horizon=6, mutation="compares across eras"),
    "another era: counts, never writes": Scenario(
        SAME, crashes=0, posts=1, numbers=1, settles=(1, 1), eras=1, horizon=6,
        mutation="counts and never writes"),
    "another era: T1 names it with the old one's time": Scenario(
        SAME, crashes=0, posts=1, numbers=1, settles=(1, 0), terms=(1, 3), eras=1, horizon=4,
        mutation="the era of the write"),
    "another era: a shorter term than the sender's": Scenario(
        SAME, crashes=0, posts=1, numbers=1, settles=(0, 0), terms=(2, 2), eras=1, horizon=3,
        mutation="a shorter term"),
    "clock set back: counts, never writes": Scenario(
        SAME, crashes=0, posts=1, numbers=1, settles=(1, 1), set_back=1, horizon=6,
        mutation="set back, not written"),
    "the reader's settle for another sender": Scenario(
        SAME, crashes=0, posts=1, numbers=1, settles=(2, 1), horizon=7, mutation="the reader's settle"),
}

LIMITS = {
    # not a mutation: what no journal can prevent
    "buyer of the account without the journal": Scenario((0,), crashes=0, posts=1, foreign=1),
    "the store's clock set ahead": Scenario(
        SAME, crashes=0, posts=1, numbers=1, settles=(1, 1), set_ahead=1, horizon=6),
}


def main():
    if "--traces" in sys.argv or "--violations" in sys.argv:
        import model_traces
        model_traces.main(sys.argv[1:])
        return
    wanted = [a for a in sys.argv[1:] if a != "--deep"]
    groups = [("scenarios", SCENARIOS, False), ("mutations", MUTATIONS, True), ("limits", LIMITS, True)]
    if "--deep" in sys.argv:
        groups = [("deep", DEEP, False)]
    failed = False
    for title, group, must_break in groups:
        print("== " + title, flush=True)
        for name, sc in group.items():
            if wanted and not any(w in name for w in wanted):
                continue
            result = explore(sc, must_break or (bool(wanted) and "--deep" not in sys.argv))
            broken = result["broken"]
            print("%-44s %10d states %6.1f s  %s" % (
                name, result["states"], result["seconds"],
                broken or "holds; %d ends, %s" % (result["ends"], result["outcomes"])), flush=True)
            if result.get("trace"):
                for _, label, _ in result["trace"]:
                    print("      " + label)
            failed = failed or bool(broken) != must_break
    print("as expected" if not failed else "NOT AS EXPECTED")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
