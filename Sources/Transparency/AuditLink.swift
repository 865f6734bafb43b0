internal import Crypto
internal import Foundation

/// One row of the audit, as the hash chain covers it.
///
/// The chain holds a salted digest of the body and not the body, so that erasing body and salt leaves the chain whole
/// and nothing to guess the body from.
package struct AuditLink: Sendable {
  /// The hash before the first row.
  package static let origin = [UInt8](repeating: 0, count: 32)

  /// The state in the row of a restore, which is no record's.
  package static let restored: UInt8 = 4

  /// The revision that the row accounts for, and the last one of the same request.
  package var revision: UInt64
  package var transaction: UInt64

  /// Microseconds since the Unix epoch.
  package var time: Int64

  /// Who changed which record into which state.
  package var actor: String
  package var state: UInt8
  package var key: String

  /// The digests of the request's id and content, in the last row of a request that has an id.
  package var requestID: [UInt8]?
  package var requestHash: [UInt8]?

  /// The salted digest of the body; nil if the record was purged.
  package var bodyDigest: [UInt8]?

  /// Why the request was made, in the last row of a request that says so.
  package var reason: String?

  /// Makes a link.
  package init(
    revision: UInt64, transaction: UInt64, time: Int64, actor: String, state: UInt8, key: String, requestID: [UInt8]?,
    requestHash: [UInt8]?, bodyDigest: [UInt8]?, reason: String?
  ) {
    self.revision = revision
    self.transaction = transaction
    self.time = time
    self.actor = actor
    self.state = state
    self.key = key
    self.requestID = requestID
    self.requestHash = requestHash
    self.bodyDigest = bodyDigest
    self.reason = reason
  }

  /// The hash of the chain up to and including this row.
  package func hash(after previous: [UInt8]) -> [UInt8] {
    Self.hash(of: canonicalBytes, after: previous)
  }

  /// The hash of the chain up to and including a row, of which these are the canonical bytes.
  package static func hash(of row: [UInt8], after previous: [UInt8]) -> [UInt8] { digest(previous, row) }

  /// The digest of a body that stands in the audit.
  package static func bodyDigest(salt: [UInt8], body: [UInt8]) -> [UInt8] { digest(salt, body) }

  /// SHA-256 of two runs of bytes, one after the other.
  package static func digest(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: first)
    hash.update(data: second)
    return Array(hash.finalize())
  }

  /// The row as bytes: what the chain covers, and the entry of the tree. The first names the form: 1 without a reason, 2
  /// with one at the end.
  package var canonicalBytes: [UInt8] {
    var bytes: [UInt8] = [reason == nil ? 1 : 2]
    bytes.reserveCapacity(160)
    CanonicalBytes.append(revision, to: &bytes)
    CanonicalBytes.append(transaction, to: &bytes)
    CanonicalBytes.append(UInt64(bitPattern: time), to: &bytes)
    bytes.append(state)
    CanonicalBytes.append(Array(actor.utf8), to: &bytes)
    CanonicalBytes.append(Array(key.utf8), to: &bytes)
    CanonicalBytes.append(requestID ?? [], to: &bytes)
    CanonicalBytes.append(requestHash ?? [], to: &bytes)
    CanonicalBytes.append(bodyDigest ?? [], to: &bytes)
    if let reason { CanonicalBytes.append(Array(reason.utf8), to: &bytes) }
    return bytes
  }

  /// Reads what `canonicalBytes` has written; nil if it cannot have.
  package init?(canonicalBytes bytes: [UInt8]) {
    var reader = CanonicalBytes.Reader(rest: bytes[...])
    guard let form = reader.byte(), form == 1 || form == 2, let revision = reader.number(),
      let transaction = reader.number(), let time = reader.number(), let state = reader.byte(),
      let actor = reader.part(),
      let key = reader.part(), let requestID = reader.part(), let requestHash = reader.part(),
      let bodyDigest = reader.part()
    else { return nil }
    self.init(
      revision: revision, transaction: transaction, time: Int64(bitPattern: time),
      actor: String(decoding: actor, as: UTF8.self),
      state: state, key: String(decoding: key, as: UTF8.self), requestID: requestID.isEmpty ? nil : requestID,
      requestHash: requestHash.isEmpty ? nil : requestHash, bodyDigest: bodyDigest.isEmpty ? nil : bodyDigest,
      reason: nil)
    if form == 2 {
      guard let reason = reader.part() else { return nil }
      self.reason = String(decoding: reason, as: UTF8.self)
    }
    // Whatever else there is, or was written otherwise, is not what was hashed.
    guard canonicalBytes == bytes else { return nil }
  }
}
