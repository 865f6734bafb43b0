internal import PlenaryClient

/// How a daemon lets callers in, for a person.
enum AccessWords {
  /// Adds what there is to say.
  static func add(_ access: AccessStatus, to sheet: inout Sheet) {
    if let keys = access.issuerKeys { sheet.add("keys of the issuer", words(keys)) }
    if let failed = access.failedCredentials, failed.totalCount > 0 {
      let unheard = failed.unheardCount > 0 ? ", and \(failed.unheardCount) that were not looked at" : ""
      sheet.add("bad credentials", "\(failed.totalCount) since the start\(unheard)")
      for peer in failed.peers {
        sheet.add(TerminalText.oneLine(peer.peer), depth: 1, "\(peer.count) in the last minute")
      }
    }
    if !access.organizations.isEmpty { sheet.add("calls under way", "\(access.organizations.count) organizations") }
    for use in access.organizations {
      let refused = use.refusedCount > 0 ? ", \(use.refusedCount) refused since the start" : ""
      sheet.add(
        TerminalText.oneLine(use.organization), depth: 1, "\(use.callCount) calls, \(use.streamCount) streams\(refused)"
      )
    }
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

  private static func words(_ keys: AccessStatus.IssuerKeys) -> String {
    let time = keys.readTime.map { ", read at \(PointInTime.words($0))" } ?? ""
    let problem = keys.problem.isEmpty ? "" : "; since then: \(TerminalText.oneLine(keys.problem))"
    return "\(keys.keyCount) of \(TerminalText.oneLine(keys.issuer))\(time)\(problem)"
  }

  /// What is thought of it.
  static func checks(_ access: AccessStatus, at now: ProtobufTimestamp) -> [Diagnosis.Check] {
    let keys = access.issuerKeys.map { keys in
      keys.problem.isEmpty && keys.keyCount > 0
        ? Diagnosis.Check(subject: "keys of the issuer", verdict: .good, finding: words(keys))
        : Diagnosis.Check(
          subject: "keys of the issuer", verdict: .bad, finding: words(keys),
          advice: "see to it that \(TerminalText.oneLine(keys.source)) holds the issuer's keys")
    }
    return [keys].compactMap(\.self)
      + access.revocationFiles.map { file in
        let subject = "revocation list \(TerminalText.oneLine(file.file))"
        if !file.problem.isEmpty {
          return Diagnosis.Check(
            subject: subject, verdict: .bad,
            finding: "what it held before counts on, since \(TerminalText.oneLine(file.problem))",
            advice: "fetch the authority's new list")
        }
        if let end = file.expireTime, end.seconds < now.seconds {
          return Diagnosis.Check(
            subject: subject, verdict: .bad,
            finding: "it has expired, and nobody hears of certificates taken back since",
            advice: "fetch the authority's new list")
        }
        return Diagnosis.Check(
          subject: subject, verdict: .good, finding: "it takes back \(file.revokedCount) certificates")
      }
  }
}
