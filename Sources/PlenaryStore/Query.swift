/// What a list selects, and in which order.
///
/// A record is listed if its key lies in `scope`, it satisfies every condition and one of each union, and the viewer sees
/// it.
package struct Query: Sendable {
  /// What one indexed field must be. A record with several values of the field satisfies it by any of them.
  package struct Condition: Hashable, Sendable {
    /// The field.
    package let field: IndexField

    /// Where one of its values must lie.
    package let test: Test

    /// Makes a condition.
    package init(_ field: IndexField, _ test: Test) {
      self.field = field
      self.test = test
    }
  }

  /// How a value is tested.
  package enum Test: Hashable, Sendable {
    /// The whole value is this one. The cheapest test: it finds the records, in the order of their keys.
    case equals(IndexValue)

    /// The value lies in the range.
    case within(IndexRange)

    /// Whether it asks for one whole value.
    package var isEquality: Bool {
      if case .equals = self { true } else { false }
    }
  }

  /// What the records are ordered by. Records that are equal in it follow by key; descending reverses both.
  package enum Order: Hashable, Sendable {
    /// By key. At least one condition, or all of one union, must be an equality, which finds the records: the one that
    /// every record of a kind satisfies will do.
    case key

    /// By an indexed field. Records without an entry for it are not listed, so a kind enters `IndexValue.unset`
    /// where there is no value; a field that orders has one entry a record.
    case field(IndexField)
  }

  /// The way through the order.
  package enum Direction: Hashable, Sendable {
    /// Smallest first.
    case ascending

    /// Greatest first.
    case descending
  }

  /// The beginning of the keys to list.
  package var scope: KeyPrefix

  /// The conditions, all of which must hold.
  package var conditions: [Condition]

  /// Groups of conditions, of each of which one at least must hold.
  package var unions: [[Condition]] = []

  /// What follows from the conditions and unions of fields that have few values, such as the year of a date: each is true
  /// of whatever is listed. A store may find a list by key by them, and need not test them.
  package var implied: [Condition] = []

  /// Whether nobody waits for the answer any longer. The store asks now and then while it looks at records, and answers
  /// `unavailable` at once if it is so.
  package var isGivenUp: (@Sendable () -> Bool)?

  /// What the records are ordered by.
  package var order: Order

  /// The way through the order.
  package var direction: Direction

  /// Whether soft-deleted records are listed too.
  package var includesDeleted: Bool

  /// A condition that no index answers. The store applies it, last, so that pages stay full.
  package var predicate: (@Sendable (StoredRecord) -> Bool)?

  /// Where else to look for the records that satisfy the predicate: they are all among these.
  package var candidates: SearchCandidates?

  /// Makes a query.
  package init(
    scope: KeyPrefix = .all, conditions: [Condition], order: Order = .key, direction: Direction = .ascending,
    includesDeleted: Bool = false, predicate: (@Sendable (StoredRecord) -> Bool)? = nil
  ) {
    self.scope = scope
    self.conditions = conditions
    self.order = order
    self.direction = direction
    self.includesDeleted = includesDeleted
    self.predicate = predicate
  }
}

/// The place of a record in a list: what the next page begins after.
package struct Cursor: Hashable, Sendable {
  /// The record's value in the field of the order; empty if the order is by key.
  package let value: [UInt8]

  /// The record's key.
  package let key: Key

  /// Names a place.
  package init(value: [UInt8], key: Key) {
    self.value = value
    self.key = key
  }
}

/// Where a page ends: at whichever limit comes first.
package struct PageLimit: Hashable, Sendable {
  /// The most records.
  package var records: Int

  /// The most bytes of bodies. A first record larger than that still makes a page.
  package var bytes: Int

  /// The most records looked at and left out for a condition that no index answers in order. The page is then
  /// shorter than it could be, and its cursor goes on from there.
  package var rejected: Int

  /// Makes a limit; by default a page fits a client that accepts messages of 4 MiB.
  package init(records: Int, bytes: Int = 3 << 20, rejected: Int = 50_000) {
    self.records = records
    self.bytes = bytes
    self.rejected = rejected
  }
}

/// One page of a list.
package struct Page: Sendable {
  /// The revision that the page shows; later pages are asked for at the same.
  package let revision: Revision

  /// The records, in order.
  package let records: [StoredRecord]

  /// What the next page begins after; nil on the last page.
  package let next: Cursor?

  /// Makes a page.
  package init(revision: Revision, records: [StoredRecord], next: Cursor?) {
    self.revision = revision
    self.records = records
    self.next = next
  }
}
