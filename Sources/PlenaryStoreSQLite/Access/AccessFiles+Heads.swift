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

  /// What is not as heads commit to: each is of one of the ends that the log has had.
  func findings(
    of heads: [(title: String, checkpoint: Checkpoint)], _ key: SigningKey
  ) throws(Fault) -> [VerifyReport.Finding] {
    var ends: [AccessLogEnd] = []
    var begin: AccessBatch?
    for first in firsts {
      for found in try contents(first).batches {
        if begin == nil { (begin, ends) = (found.batch, [found.before]) }
        ends.append(found.end)
      }
    }
    if ends.isEmpty { ends = [Head().end] }
    return heads.compactMap { title, checkpoint in
      guard let wanted = checkpoint.accessCommitment else { return Self.finding("\(title) says nothing of it") }
      let commitment = AccessCommitment(of: checkpoint, by: key)
      if ends.contains(where: { commitment.digest(number: $0.number, digest: $0.digest) == wanted }) { return nil }
      if let begin, begin.number > 1, let time = checkpoint.time, Int64(clamping: time) <= begin.time / 1_000_000 {
        return Self.finding(
          "it begins with batch \(begin.number), which was written after \(title): whether it continues what that commits to "
            + "cannot be known")
      }
      return Self.finding("it is not the one that \(title) commits to: batches of then were taken out or changed")
    }
  }

  private static func finding(_ message: String) -> VerifyReport.Finding {
    VerifyReport.Finding(nil, "the access log: \(message)")
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
