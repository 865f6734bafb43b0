/// A batch of the access log: who read what is held back, and who was refused, in some moments one after another.
///
/// Each batch names the digest of the one before it and is signed, so that a batch that is changed, left out or put in
/// between is found by whoever has the key's public half.
package struct AccessBatch: Hashable, Sendable {
  /// What happened so many times, the first time at `time`.
  package struct Entry: Hashable, Sendable {
    /// Microseconds since the Unix epoch.
    package var time: Int64
    package var outcome: UInt8
    package var count: UInt64
    package var principal: String
    package var method: String
    package var reason: String
    package var resource: String

    /// Makes an entry.
    package init(
      time: Int64, outcome: UInt8, count: UInt64, principal: String, method: String, reason: String, resource: String
    ) {
      self.time = time
      self.outcome = outcome
      self.count = count
      self.principal = principal
      self.method = method
      self.reason = reason
      self.resource = resource
    }
  }

  /// The digest that stands for what came before the first batch.
  package static let origin = [UInt8](repeating: 0, count: 32)

  private static let form: UInt8 = 1

  /// Its place among the batches, counted from 1.
  package var number: UInt64

  /// The digest of the batch before it.
  package var previous: [UInt8]

  /// The oldest batch that is still kept.
  package var oldest: UInt64

  /// When it was written, in microseconds since the Unix epoch.
  package var time: Int64

  /// What happened besides, and was only counted.
  package var lostReads: UInt64
  package var lostRefusals: UInt64

  /// What happened.
  package var entries: [Entry]

  /// Makes a batch.
  package init(
    number: UInt64, previous: [UInt8], oldest: UInt64, time: Int64, lostReads: UInt64, lostRefusals: UInt64,
    entries: [Entry]
  ) {
    self.number = number
    self.previous = previous
    self.oldest = oldest
    self.time = time
    self.lostReads = lostReads
    self.lostRefusals = lostRefusals
    self.entries = entries
  }

  /// The batch as bytes: what is written and signed.
  package var canonicalBytes: [UInt8] {
    var bytes = [Self.form]
    for number in [number, oldest, UInt64(bitPattern: time), lostReads, lostRefusals, UInt64(entries.count)] {
      CanonicalBytes.append(number, to: &bytes)
    }
    CanonicalBytes.append(previous, to: &bytes)
    for entry in entries {
      bytes.append(entry.outcome)
      CanonicalBytes.append(UInt64(bitPattern: entry.time), to: &bytes)
      CanonicalBytes.append(entry.count, to: &bytes)
      for text in [entry.principal, entry.method, entry.reason, entry.resource] {
        CanonicalBytes.append(text, to: &bytes)
      }
    }
    return bytes
  }

  /// Reads what `canonicalBytes` has written; nil if it cannot have.
  package init?(canonicalBytes bytes: [UInt8]) {
    var reader = CanonicalBytes.Reader(rest: bytes[...])
    guard reader.byte() == Self.form, let number = reader.number(), let oldest = reader.number(),
      let time = reader.number(), let lostReads = reader.number(), let lostRefusals = reader.number(),
      let count = reader.number(), count <= UInt64(bytes.count), let previous = reader.part(),
      previous.count == Self.origin.count
    else { return nil }
    self.init(
      number: number, previous: previous, oldest: oldest, time: Int64(bitPattern: time), lostReads: lostReads,
      lostRefusals: lostRefusals, entries: [])
    for _ in 0..<count {
      guard let outcome = reader.byte(), let time = reader.number(), let count = reader.number(),
        let principal = reader.text(), let method = reader.text(), let reason = reader.text(),
        let resource = reader.text()
      else { return nil }
      entries.append(
        Entry(
          time: Int64(bitPattern: time), outcome: outcome, count: count, principal: principal, method: method,
          reason: reason, resource: resource))
    }
    guard canonicalBytes == bytes else { return nil }
  }

  /// The digest of a batch's bytes, which the next one names.
  package static func digest(of bytes: [UInt8]) -> [UInt8] { AuditLink.digest(bytes, []) }
}

/// What a key signs besides notes. Each use has bytes of its own before what is signed, so that a signature for one use is
/// none for another.
package enum SignedUse: String, Sendable {
  /// A batch of the access log.
  case accessBatch = "plenary access batch v1\n"
  /// The number and the digest of the last batch.
  case accessHead = "plenary access head v1\n"

  func message(_ bytes: [UInt8]) -> [UInt8] { Array(rawValue.utf8) + bytes }
}
