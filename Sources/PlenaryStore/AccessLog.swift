/// Something that belongs into the access log: a read of a record that is held back, or a refusal.
///
/// It has names of records and of principals, and never what a record holds or what a caller proves itself with.
package struct AccessEvent: Hashable, Sendable {
  /// What came of it.
  package enum Outcome: UInt8, Hashable, Sendable {
    /// A record that is marked so strictly was given out.
    case read = 1
    /// A call, or a part of one, was refused for want of an identity or a right.
    case refused = 2
  }

  /// The longest name that is kept, in bytes; what is longer is cut.
  package static let textBytesMax = 512

  /// What came of it.
  package let outcome: Outcome

  /// Who asked; empty if that is not known.
  package let principal: String

  /// What was called.
  package let method: String

  /// Why it was refused; empty for a read.
  package let reason: String

  /// The name of the record; empty if it is about none.
  package let resource: String

  /// Makes an event.
  package init(_ outcome: Outcome, principal: String, method: String, reason: String = "", resource: String = "") {
    func cut(_ text: String) -> String {
      text.utf8.count <= Self.textBytesMax ? text : String(decoding: text.utf8.prefix(Self.textBytesMax), as: UTF8.self)
    }
    self.outcome = outcome
    self.principal = cut(principal)
    self.method = cut(method)
    self.reason = cut(reason)
    self.resource = cut(resource)
  }
}

/// Takes in what belongs into the access log.
package protocol AccessRecorder: Sendable {
  /// Notes an event. It returns at once, whatever becomes of the log.
  func note(_ event: AccessEvent)
}

/// The access log as it is read.
package protocol AccessLogReader: Sendable {
  /// A page of entries, what was noted before included. It can have fewer than the limit and still not be the last one.
  /// - Throws: `unavailable`, `full`.
  func entries(_ question: AccessQuestion) async throws(StoreError) -> AccessPage

  /// Where the log ended at a time; nil for now. What waits to be written comes after it.
  /// - Throws: `unavailable`.
  func end(at time: CommitTime?) async throws(StoreError) -> AccessLogEnd

  /// What in the log is not as it was written; at most `VerifyReport.findingCountMax`.
  /// - Throws: `unavailable`, `full`.
  func verify() async throws(StoreError) -> [VerifyReport.Finding]
}

/// Where the access log ends: what stands for all of it.
package struct AccessLogEnd: Hashable, Sendable {
  /// How many batches there were.
  package let number: UInt64

  /// The digest of the last one, which names that of the one before.
  package let digest: [UInt8]

  /// Names the last batch.
  package init(number: UInt64, digest: [UInt8]) {
    self.number = number
    self.digest = digest
  }
}

/// What is asked of the access log.
package struct AccessQuestion: Sendable {
  /// Whether the oldest entries come first.
  package var isOldestFirst = false

  /// The place that the page begins after, in the order that is asked for; nil for the first page.
  package var place: UInt64?

  /// The last place that counts; nil for all.
  package var through: UInt64?

  /// The first time that counts, and the first that does not any more.
  package var start: CommitTime?
  package var end: CommitTime?

  /// Which entries count besides.
  package var isWanted: @Sendable (AccessEntry) -> Bool

  /// The most entries of a page.
  package var limit: Int

  /// Asks for entries.
  package init(limit: Int, isWanted: @escaping @Sendable (AccessEntry) -> Bool = { _ in true }) {
    self.limit = limit
    self.isWanted = isWanted
  }
}

/// An entry of the access log.
package struct AccessEntry: Hashable, Sendable {
  /// Its place in the log, which rises.
  package let place: UInt64

  /// When it happened, the first time if several times.
  package let time: CommitTime

  /// What happened; nil for what was only counted, since there was too much of it.
  package let event: AccessEvent?

  /// How often.
  package let count: UInt64

  /// Of what was only counted, whether it was reads or refusals.
  package let outcome: AccessEvent.Outcome

  /// Makes an entry.
  package init(place: UInt64, time: CommitTime, event: AccessEvent, count: UInt64) {
    (self.place, self.time, self.event, self.count, outcome) = (place, time, event, count, event.outcome)
  }

  /// Makes the entry of what was only counted.
  package init(place: UInt64, time: CommitTime, lost outcome: AccessEvent.Outcome, count: UInt64) {
    (self.place, self.time, event, self.count, self.outcome) = (place, time, nil, count, outcome)
  }
}

/// A page of the access log.
package struct AccessPage: Sendable {
  /// The entries.
  package let entries: [AccessEntry]

  /// The last place that there was when the first page was read.
  package let through: UInt64

  /// The place of the next page; nil after the last one.
  package let next: UInt64?

  /// Makes a page.
  package init(entries: [AccessEntry], through: UInt64, next: UInt64?) {
    self.entries = entries
    self.through = through
    self.next = next
  }
}
