internal import PlenaryClient

/// How a daemon lets callers in, for a person.
enum AccessWords {
  /// Adds what there is to say.
  static func add(_ access: AccessStatus, to sheet: inout Sheet) {
    guard !access.revocationFiles.isEmpty else { return }
    sheet.add("revocation lists", "\(access.revocationFiles.count)")
    for file in access.revocationFiles {
      let end = file.expireTime.map { ", good until \(PointInTime.words($0))" } ?? ""
      let problem =
        file.problem.isEmpty ? "" : "; the file as it is now is not used: \(TerminalText.oneLine(file.problem))"
      sheet.add(
        TerminalText.oneLine(file.file), depth: 1,
        [StyledText("\(file.revokedCount) certificates\(end)\(problem)")])
    }
  }

  /// What is thought of it.
  static func checks(_ access: AccessStatus, at now: ProtobufTimestamp) -> [Diagnosis.Check] {
    access.revocationFiles.map { file in
      let subject = "revocation list \(TerminalText.oneLine(file.file))"
      if !file.problem.isEmpty {
        return Diagnosis.Check(
          subject: subject, verdict: .bad,
          finding: "what it held before counts on, since \(TerminalText.oneLine(file.problem))",
          advice: "fetch the authority's new list")
      }
      if let end = file.expireTime, end.seconds < now.seconds {
        return Diagnosis.Check(
          subject: subject, verdict: .bad, finding: "it has expired, and nobody hears of certificates taken back since",
          advice: "fetch the authority's new list")
      }
      return Diagnosis.Check(
        subject: subject, verdict: .good, finding: "it takes back \(file.revokedCount) certificates")
    }
  }
}
