internal import PlenaryStore
internal import Transparency

/// The log as heads of the tree over the audit commit to it.
extension AccessFiles {
  /// Where the log ended at a time: with the last batch that was written by then, or with what the first one continues.
  func end(at time: CommitTime) throws(Fault) -> AccessLogEnd {
    var end = Head().end
    for first in firsts.reversed() {
      let batches = try contents(first).batches
      if let last = batches.last(where: { $0.batch.time <= time.microseconds }) { return last.end }
      if let begin = batches.first { end = begin.before }
    }
    return end
  }

  /// What is not as heads commit to: each is of one of the ends that the log has had. The files are gone through once.
  func findings(
    of heads: [(title: String, checkpoint: Checkpoint)], _ key: SigningKey
  ) throws(Fault) -> [VerifyReport.Finding] {
    var sought = heads.map { SoughtHead(title: $0.title, checkpoint: $0.checkpoint, key) }
    var begin: AccessBatch?
    for first in firsts where sought.contains(where: { $0.wanted != nil }) {
      for found in try contents(first).batches {
        if begin == nil {
          begin = found.batch
          sought.removeAll { $0.commits(to: found.before) }
        }
        sought.removeAll { $0.commits(to: found.end) }
      }
    }
    if begin == nil { sought.removeAll { $0.commits(to: Head().end) } }
    return sought.map { head in
      guard head.wanted != nil else { return Self.finding("\(head.title) says nothing of it") }
      if let begin, begin.number > 1, let time = head.time, Int64(clamping: time) <= begin.time / 1_000_000 {
        return Self.finding(
          "it begins with batch \(begin.number), which was written after \(head.title): whether it continues what that "
            + "commits to cannot be known")
      }
      return Self.finding("it is not the one that \(head.title) commits to: batches of then were taken out or changed")
    }
  }

  private static func finding(_ message: String) -> VerifyReport.Finding {
    VerifyReport.Finding(nil, "the access log: \(message)")
  }
}

/// A head of the tree for which no end of the log was found yet.
private struct SoughtHead {
  let title: String

  /// When it was made, in seconds since the Unix epoch; nil if it does not say so.
  let time: UInt64?

  /// The digest of the end that it is of; nil if it says nothing of the log.
  let wanted: [UInt8]?

  private let commitment: AccessCommitment

  init(title: String, checkpoint: Checkpoint, _ key: SigningKey) {
    self.title = title
    time = checkpoint.time
    wanted = checkpoint.accessCommitment
    commitment = AccessCommitment(of: checkpoint, by: key)
  }

  /// Whether it is of an end.
  func commits(to end: AccessLogEnd) -> Bool {
    wanted.map { $0 == commitment.digest(number: end.number, digest: end.digest) } ?? false
  }
}

extension AccessFiles.Head {
  /// The same for others.
  var end: AccessLogEnd { AccessLogEnd(number: number, digest: digest) }
}

extension AccessFiles.Found {
  /// Where the log ended with the batch, and before it.
  fileprivate var end: AccessLogEnd { AccessLogEnd(number: batch.number, digest: digest) }
  fileprivate var before: AccessLogEnd { AccessLogEnd(number: batch.number &- 1, digest: batch.previous) }
}
