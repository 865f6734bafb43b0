"""Finds out whether what concurrent callers saw can have happened one call after the other.

The algorithm is that of Wing and Gong, with Lowe's memory of what was tried: calls are put in an order that respects who
had his answer before whom, as long as a model of the system gives the answers that were given; where it does not, the last
choice is taken back. Since the states that were reached with a set of calls are remembered, none is tried twice.
"""

import math
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Operation:
    """A call, and what became of it.

    `end` is infinite as long as nobody knows when it can have happened at the latest. What a call and its outcome are, the
    model alone knows.
    """

    id: int
    client: object
    call: object
    outcome: object
    start: float
    end: float = math.inf

    def __str__(self):
        return f"#{self.id} of {self.client}: {self.call} -> {self.outcome}"


@dataclass
class Verdict:
    """Whether there is an order, and the one that was found; else the longest, and what could not follow it."""

    is_linearizable: bool
    order: list = field(default_factory=list)
    stuck: list = field(default_factory=list)
    state: object = None

    def __str__(self):
        if self.is_linearizable:
            return f"{len(self.order)} calls happened one after the other"
        lines = [f"after {len(self.order)} calls, the last of them"]
        lines += [f"  {operation}" for operation in self.order[-8:]]
        lines += ["none of these can be the next:"] + [f"  {operation}" for operation in self.stuck]
        return "\n".join(lines)


class _Entry:
    """The start or the end of a call, in a list that is linked both ways."""

    __slots__ = ("operation", "end", "before", "after")

    def __init__(self, operation, end):
        self.operation = operation
        # The entry of the call's end; None if this is it.
        self.end = end

    def take(self):
        """Takes the call out of the list."""
        for entry in (self, self.end):
            entry.before.after, entry.after.before = entry.after, entry.before

    def put_back(self):
        """Puts it back to where it was."""
        for entry in (self.end, self):
            entry.before.after = entry.after.before = entry


def check(operations, model):
    """Looks for an order of the calls that the model allows.

    The model has `initial`, a state, and `step(state, operation)`, the states that the call can lead to if it happens as
    it was answered: none if it cannot. States can be compared and hashed. A call that perhaps never happened leads to the
    state before it, too.

    A call with a known answer that can come next and only leave the state as it is is taken for the next, and that choice
    is never taken back: in any order that there is, it can be moved here. Of a call without an answer that is not so: what
    does nothing here can do something later. The model's `is_known` tells which it is.
    """
    first = _linked(operations)
    bits = {operation.id: 1 << index for index, operation in enumerate(operations)}
    state, done = model.initial, 0
    tried = {(done, state)}
    taken = []
    best = Verdict(False)
    entry = first.after
    while first.after.after is not None:
        if entry.end is None:
            # This call is over, and nothing that could come before its end can be put there: the last choice was wrong.
            if len(taken) >= len(best.order):
                best = Verdict(False, [choice[0].operation for choice in taken], _open(first), state)
            while taken:
                entry, state, done, others = taken.pop()
                entry.put_back()
                if others is not None:
                    break
            else:
                return best
        else:
            following = model.step(state, entry.operation)
            if following == [state] and model.is_known(entry.operation):
                taken.append((entry, state, done, None))
                entry.take()
                done, entry = done | bits[entry.operation.id], first.after
                continue
            others = iter(following)
        after = done | bits[entry.operation.id]
        for following in others:
            if (after, following) in tried:
                continue
            tried.add((after, following))
            taken.append((entry, state, done, others))
            entry.take()
            state, done, entry = following, after, first.after
            break
        else:
            entry = entry.after
    return Verdict(True, [choice[0].operation for choice in taken], state=state)


def _linked(operations):
    """The starts and ends in the order of time, between two entries that are neither."""
    moments = []
    for operation in operations:
        end = _Entry(operation, None)
        # Of what happens at one time, starts come first, so that such calls count as concurrent.
        moments += [(operation.start, 0, _Entry(operation, end)), (operation.end, 1, end)]
    moments.sort(key=lambda moment: moment[:2])
    entries = [_Entry(None, None), *(moment[2] for moment in moments), _Entry(None, None)]
    for before, after in zip(entries, entries[1:]):
        before.after, after.before = after, before
    entries[0].before = entries[-1].after = None
    return entries[0]


def _open(first):
    """The calls that could have come next: those that began before the first end."""
    found = []
    entry = first.after
    while entry.operation is not None and entry.end is not None:
        found.append(entry.operation)
        entry = entry.after
    return found
