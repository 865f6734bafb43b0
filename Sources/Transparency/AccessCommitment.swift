internal import Crypto
internal import Foundation

/// What a checkpoint says of the access log: a line that tells nothing to who reads it, and that holds whoever has signed it
/// to the log as it was then.
///
/// It is a digest of the number and the digest of the last batch, after a salt that follows from the key and the rest of the
/// checkpoint. So another checkpoint has another line, whether the log has grown or not; the same one has the same line; and
/// only who has the key can say what the line is of, and of one thing alone.
package struct AccessCommitment: Sendable {
  private static let saltUse = "plenary access salt v1\n"
  private static let digestUse = "plenary access commitment v1\n"
  fileprivate static let word = "access "
  fileprivate static let timeWord = "time "

  private let salt: [UInt8]

  /// What goes before the line of a checkpoint that has none.
  package init(of checkpoint: Checkpoint, by key: SigningKey) {
    salt = key.derived(Self.saltUse, from: Array(checkpoint.withoutCommitment.text.utf8))
  }

  /// The digest of an end of the log: the number of its last batch, and the digest of that.
  package func digest(number: UInt64, digest: [UInt8]) -> [UInt8] {
    var bytes = Array(Self.digestUse.utf8) + salt
    CanonicalBytes.append(number, to: &bytes)
    CanonicalBytes.append(digest, to: &bytes)
    return Array(SHA256.hash(data: bytes))
  }
}

extension Checkpoint {
  /// The same with a line for an end of the access log.
  package func committing(toNumber number: UInt64, digest: [UInt8], by key: SigningKey) -> Checkpoint {
    let bytes = AccessCommitment(of: self, by: key).digest(number: number, digest: digest)
    return Checkpoint(
      origin: origin, size: size, root: root,
      extensions: withoutCommitment.extensions + [AccessCommitment.word + Data(bytes).base64EncodedString()])
  }

  /// The digest of the end of the access log; nil if it says nothing of the log, as those of before did not.
  package var accessCommitment: [UInt8]? {
    let lines = extensions.filter { $0.hasPrefix(AccessCommitment.word) }
    guard lines.count == 1, let line = lines.first else { return nil }
    return Data(base64Encoded: String(line.dropFirst(AccessCommitment.word.count))).map(Array.init)
  }

  /// When it was made, in seconds since the Unix epoch; nil if it does not say so.
  package var time: UInt64? {
    extensions.first { $0.hasPrefix(AccessCommitment.timeWord) }
      .flatMap { UInt64($0.dropFirst(AccessCommitment.timeWord.count)) }
  }

  fileprivate var withoutCommitment: Checkpoint {
    Checkpoint(
      origin: origin, size: size, root: root, extensions: extensions.filter { !$0.hasPrefix(AccessCommitment.word) })
  }
}
