internal import PlenaryAPI
internal import PlenaryStore

/// All that the content of a report follows from, besides the records: what the report asks for, and when.
struct OutcomeInput: Sendable {
  /// The version of the rules of this version of the registry. When they change in a way that gives other content, the rules of
  /// before stay in the code, and reports that were compiled by them go by them.
  static let templateVersion: Int32 = 1

  /// The report, of which only what it asks for is looked at.
  let report: OutcomeReport

  /// The state of the registry that it reports on.
  let revision: Revision

  /// The state by which it is decided what is held back, the same or a later one: what has been marked more strictly since
  /// stays out of a report on the past.
  let horizon: Revision

  /// The digest of the content that this one takes the place of; empty if it takes the place of none.
  var replacedDigest = ""

  /// The persons that are about to be erased, as they will be.
  var notices: [String: Person] = [:]

  /// The strictest label of what goes in.
  var ceiling: PlenaryAPI.Marking.Label {
    let label = report.marking?.label ?? .unspecified
    return report.ceilingLabel == .unspecified ? label : report.ceilingLabel
  }

  /// The languages, each once.
  var languages: [String] {
    var seen: Set<String> = []
    let asked = report.languageCodes.filter { seen.insert($0).inserted }
    return asked.isEmpty ? [OutcomeTexts.english] : asked
  }

  /// Whether a part has to be there. A report that asks for none in particular asks for all.
  func requires(_ part: OutcomeReport.Part) -> Bool {
    report.requiredParts.isEmpty || report.requiredParts.contains(part)
  }

  /// Why a gap does not matter; empty if nobody has said so.
  func waiveReason(_ kind: OutcomeGap.Kind, _ subject: String) -> String {
    report.waivers.first { $0.kind == kind && $0.subject == subject }?.reason ?? ""
  }
}

/// The content of a report, and what is told of it in the report.
struct CompiledOutcome: Sendable {
  /// The canonical JSON.
  let bytes: [UInt8]

  /// Its SHA-256, in hexadecimal.
  let digest: String

  /// What is missing, with the names of the records themselves.
  let gaps: [OutcomeGap]

  /// How much was left out for the ceiling.
  let withheldCount: Int

  /// The strictest label of what went in.
  let highestLabel: PlenaryAPI.Marking.Label

  /// The dialogues that it covers.
  let dialogues: [String]
}
