internal import GoogleAPI
internal import PlenaryClient

/// Persons whose data the registry keeps without a ground, or for longer than was said.
struct KeptPersons {
  /// The most that are looked for.
  static let countMax = 1000

  /// The most names that are told.
  private static let sampleMax = 3

  /// The persons without a legal basis, and those that are past the last day on which they are kept.
  var withoutBasis: [String]
  var pastRetention: [String]

  /// Names them.
  init(withoutBasis: [String], pastRetention: [String]) {
    self.withoutBasis = withoutBasis
    self.pastRetention = pastRetention
  }

  /// Asks the registry for them.
  /// - Parameter now: The time of the daemon.
  init(_ registry: Registry, at now: ProtobufTimestamp) async throws {
    let kind = try KindCatalog.registry.kind("persons")
    func names(_ filter: String) async throws -> [String] {
      let query = ListQuery(filter: filter, limit: Self.countMax, paths: ["name"])
      var names: [String] = []
      try await registry.list(kind, query) { names += $0.map(\.name) }
      return names
    }
    withoutBasis = try await names(Self.withoutBasisFilter)
    pastRetention = try await names(Self.pastRetentionFilter(now))
  }

  /// Finds persons without a legal basis.
  static let withoutBasisFilter = "NOT redaction:* AND NOT legal_basis:*"

  /// Finds persons that are kept for too long.
  static func pastRetentionFilter(_ now: ProtobufTimestamp) -> String {
    "NOT redaction:* AND NOT legal_hold:* AND retain_until_date < \(PointInTime.words(now).prefix(10))"
  }

  /// What the doctor says of them.
  var checks: [Diagnosis.Check] {
    [
      check(
        "legal basis", withoutBasis, mayBe: true, "every person has one", "have none",
        "set `legal_basis`, or erase them with `plenary person erase`"),
      check(
        "retention", pastRetention, "no person is kept for too long", "are past the last day on which they are kept",
        "erase them with `plenary person erase`, or set a later `retain_until_date`"),
    ]
  }

  private func check(
    _ subject: String, _ names: [String], mayBe: Bool = false, _ well: String, _ ill: String, _ advice: String
  ) -> Diagnosis.Check {
    guard !names.isEmpty else { return Diagnosis.Check(subject: subject, verdict: .good, finding: well) }
    let count = names.count < Self.countMax ? "\(names.count)" : "\(Self.countMax) or more"
    let sample = names.prefix(Self.sampleMax).joined(separator: ", ")
    return Diagnosis.Check(
      subject: subject, verdict: mayBe ? .good : .doubtful, finding: "\(count) persons \(ill), such as \(sample)",
      advice: advice)
  }
}
