"""The registry as one caller after the other would see it: what each call answers, and what it leaves behind.

The checker in `linearizability` holds what concurrent callers saw against it. Only what the API promises is in it: names,
contents, etags and revisions, of which all that is known is that different versions have different ones.
"""

from dataclasses import dataclass, replace

from plenary_testing.linearizability import check

# A write that was given up after others came in between did nothing.
CONTENTION = "WRITE_CONTENTION"

# The id of no write. The revision before the first write has None.
NOBODY = -1


@dataclass(frozen=True)
class Seen:
    """A record in an answer."""

    key: str
    content: str
    deleted: bool
    etag: str
    revision: str
    # The time of the version, in nanoseconds; None if the answer does not tell.
    time: int | None = None

    def __str__(self):
        return f"{self.key}={self.content}{' (deleted)' if self.deleted else ''} {self.etag}"


@dataclass(frozen=True)
class Answer:
    """The answer to a call that went well.

    `head` is the revision at which the answer is true; None if the caller was not told.
    """

    records: tuple = ()
    head: str | None = None
    replayed: bool = False

    def __str__(self):
        return f"{', '.join(map(str, self.records)) or 'nothing'} at {self.head}"


@dataclass(frozen=True)
class Refused:
    """A call was refused for a reason."""

    reason: str


@dataclass(frozen=True)
class Unknown:
    """Nobody knows whether the call did anything: the registry went away before it answered."""


@dataclass(frozen=True)
class Write:
    """A call that changes records: `verb` is create, update, delete, undelete or apply; `contents` are those asked for, by
    key, and None where the verb has none."""

    verb: str
    contents: tuple
    etag: str = ""
    request_id: str = ""


@dataclass(frozen=True)
class Read:
    """A call that reads: the record of a key, or all of them that begin so, those that are deleted included if it says so.

    It reads at a revision or a time, at one revision or later, or as things are.
    """

    key: str | None = None
    beginning: str = ""
    shows_deleted: bool = False
    revision: str = ""
    time: int | None = None
    fresh: str = ""
    # A follower may show any revision that was there before, as long as it never goes back.
    by_follower: bool = False


@dataclass(frozen=True)
class Compact:
    """A call that makes history begin at a revision."""

    revision: str


@dataclass(frozen=True)
class Version:
    """What a write made of a key."""

    write: int
    content: str
    deleted: bool


class Node:
    """All records after a write, and what came before it."""

    __slots__ = ("before", "write", "request_id", "records", "depth", "timed")

    def __init__(self, before, write, request_id, records, timed=0):
        self.before = before
        self.write = write
        self.request_id = request_id
        self.records = records
        self.depth = 0 if before is None else before.depth + 1
        # How many of the writes so far have a known time.
        self.timed = timed

    def back(self):
        """This and all before it."""
        node = self
        while node is not None:
            yield node
            node = node.before


@dataclass(frozen=True)
class State:
    """Where the registry stands. Nodes are the same object if they are the same."""

    node: Node
    # History begins at the node of this depth.
    oldest: int = 0
    # The tokens of versions and revisions of writes that were never answered, as they came to be seen.
    bound: frozenset = frozenset()

    def __hash__(self):
        return hash((id(self.node), self.oldest, self.bound))

    def __eq__(self, other):
        return self.node is other.node and self.oldest == other.oldest and self.bound == other.bound


class RegistryModel:
    """A registry of some keys, for the calls of one history.

    `order`, if it is given, is the order in which the writes are claimed to have happened, all of them and none besides:
    for each of them the ids of the calls of which it can be. With `in_time_order` writes must have happened in the order of the times of their versions, as the API
    promises; that leaves little to be tried, so that long histories can be checked too.
    """

    def __init__(self, operations, keys, order=None, in_time_order=False):
        self.keys = tuple(keys)
        self.order = None if order is None else list(order)
        self._nodes = {}
        self.initial = State(Node(None, None, "", (None,) * len(self.keys)))
        # What is known of the versions that writes made, and of the revisions that they led to, from their answers.
        self._tokens = {}
        for operation in operations:
            if isinstance(operation.call, Write) and isinstance(operation.outcome, Answer):
                if operation.outcome.replayed:
                    continue
                self._tokens[operation.id, None] = operation.outcome.head
                for seen in operation.outcome.records:
                    self._tokens[operation.id, seen.key] = (seen.etag, seen.revision)
        self._writes_of = {}
        for (write, _), token in self._tokens.items():
            self._writes_of[token[1] if isinstance(token, tuple) else token] = write
        self._owners = {self._name(token): place for place, token in self._tokens.items() if token is not None}
        self._writes = {operation.id: operation for operation in operations}
        ids = [operation.call.request_id for operation in operations if isinstance(operation.call, Write)]
        self._repeated = {id for id in ids if id and ids.count(id) > 1}
        self._times = {}
        for operation in operations:
            for seen in operation.outcome.records if isinstance(operation.outcome, Answer) else ():
                if seen.time is not None:
                    self._times.setdefault(seen.etag, set()).add(seen.time)
        # The writes whose times are known, in the order of these, and the place of each in it.
        self._timed = []
        if in_time_order:
            times = {write: self._time_of_write(write) for write, key in self._tokens if key is not None}
            self._timed = sorted((write for write, time in times.items() if time is not None), key=times.get)
        self._turns = {write: turn for turn, write in enumerate(self._timed)}

    @staticmethod
    def is_known(operation):
        """Whether anybody knows what the call did."""
        return not isinstance(operation.outcome, Unknown)

    def step(self, state, operation):
        """The states that a call can lead to, if it was answered so."""
        call = operation.call
        if isinstance(call, Write):
            return self._write(state, operation)
        if isinstance(call, Compact):
            return self._compact(state, operation)
        return self._read(state, operation)

    # Writes

    def _write(self, state, operation):
        call, outcome = operation.call, operation.outcome
        earlier = self._earlier(state, call)
        if earlier is not None:
            return self._replay(state, operation, earlier)
        refusal, records = self._effect(state, operation)
        if isinstance(outcome, Refused):
            return [state] if outcome.reason in (refusal, CONTENTION) else []
        if isinstance(outcome, Unknown):
            # Where the order of writes is known, so is whether this is among them.
            happens = refusal is None and self._is_next(state, operation)
            return [state] + ([replace(state, node=self._node(state.node, operation, records))] if happens else [])
        if outcome.replayed or refusal is not None or not self._is_next(state, operation):
            return []
        node = self._node(state.node, operation, records)
        following = replace(state, node=node)
        for seen in outcome.records:
            following = following and self._match(following, seen, node.records[self.keys.index(seen.key)])
        if following is None or {seen.key for seen in outcome.records} != {key for key, _ in call.contents}:
            return []
        following = self._match_head(following, outcome.head, node)
        return [following] if following else []

    def _is_next(self, state, operation):
        if self._turns.get(operation.id, state.node.timed) != state.node.timed:
            return False
        if self.order is None:
            return True
        return state.node.depth < len(self.order) and operation.id in self.order[state.node.depth]

    def _node(self, before, operation, records):
        place = (id(before), operation.id)
        if place not in self._nodes:
            timed = before.timed + (operation.id in self._turns)
            self._nodes[place] = Node(before, operation.id, operation.call.request_id, records, timed)
        return self._nodes[place]

    def _effect(self, state, operation):
        """Why the write is refused, or the records that it leads to."""
        call = operation.call
        records = list(state.node.records)
        for key, content in call.contents:
            index = self.keys.index(key)
            version = records[index]
            refusal = self._refusal(state, call, key, version)
            if refusal:
                return refusal, None
            if content is None:
                content = version.content
            records[index] = Version(operation.id, content, call.verb == "delete")
        return None, tuple(records)

    def _refusal(self, state, call, key, version):
        if call.verb == "apply":
            return None
        if call.verb == "create":
            return "RESOURCE_EXISTS" if version else None
        if version is None or version.deleted and call.verb != "undelete":
            return "RESOURCE_NOT_FOUND"
        if not version.deleted and call.verb == "undelete":
            return "RESOURCE_EXISTS"
        tokens = self._known(state, version.write, key)
        # An etag that nobody was told of is not the one that was sent.
        if call.etag and (tokens is None or tokens[0] != call.etag):
            return "ETAG_MISMATCH"
        return None

    def _earlier(self, state, call):
        """What the same request did before."""
        if call.request_id not in self._repeated:
            return None
        return next((node for node in state.node.back() if node.request_id == call.request_id), None)

    def _replay(self, state, operation, earlier):
        """A repeated request changes nothing and is answered as the first was; or, if that history is gone, with what is
        there now."""
        outcome = operation.outcome
        if isinstance(outcome, Unknown):
            return [state]
        if isinstance(outcome, Refused) or not outcome.replayed:
            return []
        nodes = [earlier] if earlier.depth >= state.oldest else [earlier, state.node]
        for node in nodes:
            following = state
            for seen in outcome.records:
                following = following and self._match(following, seen, node.records[self.keys.index(seen.key)])
            following = following and self._match_head(following, outcome.head, earlier)
            if following:
                return [following]
        return []

    # Reads

    def _read(self, state, operation):
        call, outcome = operation.call, operation.outcome
        if isinstance(outcome, Unknown):
            return [state]
        is_past = bool(call.revision) or call.time is not None
        if isinstance(outcome, Refused) and outcome.reason == "REVISION_COMPACTED":
            return [state] if any(node.depth < state.oldest for node in self._asked(state, call)) else []
        if call.fresh and self._node_of(state, call.fresh) is None:
            return []
        if not is_past and not call.by_follower:
            found = self._answer(state, operation, state.node)
            return [found] if found else []
        nodes = self._shown(state, operation)
        answers = (self._answer(state, operation, node) for node in nodes)
        return [answer for answer in answers if answer][:1]

    def _shown(self, state, operation):
        """The nodes that a read may show that does not show the present."""
        call, outcome = operation.call, operation.outcome
        if call.by_follower:
            least = self._node_of(state, call.fresh).depth if call.fresh else 0
            nodes = [node for node in state.node.back() if node.depth >= least]
        else:
            # A version that is kept is found by its own revision, also after the history around it is gone.
            nodes = [
                node for node in self._asked(state, call) if node.depth >= state.oldest or self._is_own(call, node)
            ]
        if isinstance(outcome, Answer) and outcome.head is not None:
            return [node for node in nodes if self._match_head(state, outcome.head, node)]
        return nodes

    def _is_own(self, call, node):
        if call.key is None or not call.revision:
            return False
        version = node.records[self.keys.index(call.key)]
        return version is not None and version.write == node.write

    def _asked(self, state, call):
        """The nodes that a read of the past may ask for: one, or several where times are not known."""
        if call.revision:
            node = self._node_of(state, call.revision)
            return [] if node is None else [node]
        found = []
        for node in state.node.back() if call.time is not None else ():
            # The time of a write that nobody was told of is not known either.
            time = self._time(state, node)
            if time is None or time <= call.time:
                found.append(node)
            if time is not None and time <= call.time:
                break
        return found

    def _answer(self, state, operation, node):
        """The state after a read, if its answer shows a node."""
        call, outcome = operation.call, operation.outcome
        if call.key is not None:
            version = node.records[self.keys.index(call.key)]
            if isinstance(outcome, Refused):
                return state if outcome.reason == "RESOURCE_NOT_FOUND" and version is None else None
            expected = [(call.key, version)]
        else:
            if isinstance(outcome, Refused):
                return None
            expected = [
                (key, version)
                for key, version in zip(self.keys, node.records)
                if version is not None
                and version.content.startswith(call.beginning)
                and (call.shows_deleted or not version.deleted)
            ]
        if [seen.key for seen in outcome.records] != [key for key, _ in expected]:
            return None
        for seen, (_, version) in zip(outcome.records, expected):
            state = state and self._match(state, seen, version)
        return state and self._match_head(state, outcome.head, node)

    def _compact(self, state, operation):
        node = self._node_of(state, operation.call.revision)
        if node is None:
            return []
        if isinstance(operation.outcome, Refused):
            return [state] if operation.outcome.reason == "REVISION_COMPACTED" and node.depth < state.oldest else []
        following = replace(state, oldest=max(state.oldest, node.depth))
        if isinstance(operation.outcome, Unknown):
            return [state, following]
        return [following]

    # Tokens

    @staticmethod
    def _name(token):
        """What tells a token from others: of a version it is the etag."""
        return ("version", token[0]) if isinstance(token, tuple) else ("head", token)

    def _known(self, state, write, key):
        """The tokens of a version, or of a revision if the key is None; None if nobody has seen them yet."""
        if (write, key) in self._tokens:
            return self._tokens[write, key]
        return next((token for place, token in state.bound if place == (write, key)), None)

    def _match(self, state, seen, version):
        """The state after a record was seen as this version; None if it is not."""
        if version is None or (seen.content, seen.deleted) != (version.content, version.deleted):
            return None
        if len(self._times.get(seen.etag, ())) > 1:
            return None
        return self._bind(state, (version.write, seen.key), (seen.etag, seen.revision))

    def _match_head(self, state, head, node):
        return state if head is None else self._bind(state, (node.write, None), head)

    def _bind(self, state, place, token):
        known = self._known(state, *place)
        if known is not None:
            # No two versions have the same.
            return state if known == token and self._owners.get(self._name(token), place) == place else None
        # It is the token of something else.
        if self._name(token) in self._owners or any(self._name(token) == self._name(other) for _, other in state.bound):
            return None
        return replace(state, bound=state.bound | {(place, token)})

    def head_of(self, state, node):
        """The revision that a write led to; None if nobody was told."""
        return self._known(state, node.write, None)

    def _time(self, state, node):
        """When a node was written; None if nobody was told."""
        if node.write is None:
            return -1
        for key, _ in self._writes[node.write].call.contents:
            tokens = self._known(state, node.write, key)
            if tokens is not None and tokens[0] in self._times:
                return min(self._times[tokens[0]])
        return None

    def _time_of_write(self, write):
        """When a write that was answered happened, as far as answers tell."""
        etags = [self._tokens[write, key][0] for key, _ in self._writes[write].call.contents if (write, key) in self._tokens]
        return next((min(self._times[etag]) for etag in etags if etag in self._times), None)

    def _node_of(self, state, revision):
        """The node that a revision stands for: that of the whole write, whichever of its changes the revision is of."""
        write = self._writes_of.get(revision)
        if write is None:
            # That of a write without an answer is known from what was seen.
            told = [(place, token[1] if isinstance(token, tuple) else token) for place, token in state.bound]
            write = next((place[0] for place, token in told if token == revision), NOBODY)
        return next((node for node in state.node.back() if node.write == write), None)


def verdict_of(operations, keys):
    """Whether what callers saw can have happened one call after the other."""
    return check(operations, RegistryModel(operations, keys, in_time_order=True))


def explain(operations, keys, verdict):
    """What is wrong, and which keys it shows in."""
    wrong = [key for key in keys if not verdict_of(projected(operations, key), [key]).is_linearizable]
    return f"{verdict}\nkeys that are wrong by themselves: {wrong or 'none'}"


def projected(operations, key):
    """What callers saw of one key, as the calls to a registry of that key alone whose revisions nobody is told.

    If all that was seen can have happened one after the other, so can this; and it says which key is to be looked at if
    not.
    """
    found = []
    for operation in operations:
        call, outcome = operation.call, operation.outcome
        if isinstance(call, Write):
            call = replace(call, contents=tuple(content for content in call.contents if content[0] == key))
            concerns = bool(call.contents)
        else:
            concerns = isinstance(call, Read) and call.key in (None, key)
            concerns = concerns and not (call.revision or call.time is not None or call.by_follower)
            call = replace(call, fresh="") if concerns else call
        if isinstance(outcome, Answer):
            outcome = Answer(tuple(seen for seen in outcome.records if seen.key == key), None, outcome.replayed)
        if concerns:
            found.append(replace(operation, call=call, outcome=outcome))
    return found


def gone_back(operations, verdict, model):
    """A read of a follower that shows less than one that was over before it began; None if there is no such pair."""
    depths = {}
    for node in verdict.state.node.back():
        depths[model.head_of(verdict.state, node)] = node.depth
    reads = [
        operation
        for operation in operations
        if isinstance(operation.call, Read) and operation.call.by_follower and isinstance(operation.outcome, Answer)
    ]
    for later in reads:
        for earlier in reads:
            if earlier.end < later.start and depths[earlier.outcome.head] > depths[later.outcome.head]:
                return earlier, later
    return None
