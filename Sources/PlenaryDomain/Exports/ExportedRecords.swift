internal import GoogleAPI
internal import PlenaryAPI
internal import ProtobufRuntime

/// The records that a file is made of: of one revision, as far as the caller sees them and no ceiling is above them.
///
/// What is looked up here and not found is not to be spoken of: the caller does not see it, it is left out, or it is marked
/// more strictly than what it would be spoken of in. So the mark of a record holds for all that a file says in its place.
struct ExportedRecords {
  /// The strictest label of what the file is about.
  private(set) var label = PlenaryAPI.Marking.Label.unspecified

  /// Where events began that have been put off since, by the name of the dialogue.
  var previousStarts: [String: PartialDate] = [:]

  private var written: [String: [any ProtobufMessage]] = [:]
  private var consulted: [String: [any ProtobufMessage]] = [:]
  private var byName: [String: any ProtobufMessage] = [:]
  private var writtenNames: Set<String> = []

  /// Adds a record, which comes behind those of its kind with smaller names.
  ///
  /// - Parameter isWritten: Whether the file is about it; else it is only looked up for others.
  mutating func add(_ record: any ProtobufMessage, of kind: Kind, isWritten: Bool) {
    let name = record.resourceName
    byName[name] = record
    if isWritten {
      if record.label.rawValue > label.rawValue { label = record.label }
      written[kind.resourceType, default: []].append(record)
      writtenNames.insert(name)
    } else {
      consulted[kind.resourceType, default: []].append(record)
    }
  }

  /// The records of a kind that the file is about, by name.
  func written<Record: ProtobufMessage>(_ type: Record.Type) -> [Record] { Self.list(written, type) }

  /// All records of a kind that are there, by name within those that the file is about and within the others.
  func all<Record: ProtobufMessage>(_ type: Record.Type) -> [Record] {
    Self.list(written, type) + Self.list(consulted, type)
  }

  /// A record by its name, to be spoken of in the place of another one; nil if it is not there, or marked more strictly.
  func find<Record: ProtobufMessage>(
    _ name: String, as type: Record.Type, for other: any ProtobufMessage
  ) -> Record? {
    byName[name].flatMap { $0.label.rawValue <= other.label.rawValue ? $0 as? Record : nil }
  }

  /// Whether the file is about the record and may speak of it in the place of another one.
  func isWritten(_ name: String, for other: any ProtobufMessage) -> Bool {
    guard writtenNames.contains(name), let record = byName[name] else { return false }
    return record.label.rawValue <= other.label.rawValue
  }

  private static func list<Record: ProtobufMessage>(
    _ records: [String: [any ProtobufMessage]], _ type: Record.Type
  ) -> [Record] {
    guard let resource = Record.descriptor.resource else { return [] }
    return (records[resource.type] ?? []).compactMap { $0 as? Record }
  }
}

/// What an organization has to do with a subject.
struct ExportedPart {
  /// The organization.
  let organization: Organization
  /// What it does.
  let role: Partnership.Participant.Role
}

extension ExportedRecords {
  /// The organizations that stand behind the subjects of partnerships, by the name of the subject: each with its roles, in
  /// the order of the roles and names. Those who have declined do not; those who have ended it did. Of a dialogue under the
  /// Chatham House Rule there are none.
  func parts() -> [String: [ExportedPart]] {
    var parts: [String: [ExportedPart]] = [:]
    for partnership in all(Partnership.self) where partnership.state != .declined {
      guard let subject = byName[partnership.subject], partnership.label.rawValue <= subject.label.rawValue,
        (subject as? Dialogue)?.attributionRule != .chathamHouse
      else { continue }
      for participant in partnership.participants {
        guard let organization = find(participant.organization, as: Organization.self, for: subject) else { continue }
        let isThere = parts[partnership.subject]?.contains {
          $0.organization.name == organization.name && $0.role == participant.role
        }
        if isThere == true { continue }
        parts[partnership.subject, default: []].append(ExportedPart(organization: organization, role: participant.role))
      }
    }
    return parts.mapValues { parts in
      parts.sorted { ($0.role.rawValue, $0.organization.name) < ($1.role.rawValue, $1.organization.name) }
    }
  }
}

extension ProtobufMessage {
  /// The label of a record.
  var label: PlenaryAPI.Marking.Label { marking?.label ?? .unspecified }
}

/// How a file is written.
struct ExportOptions {
  /// Where the addresses of records begin if nothing else is said.
  static let baseURIDefault = "urn:plenary:"

  /// The languages in which a text is wanted, the most wanted first.
  var languages: [LanguageTag] = []

  /// Where the addresses of records begin.
  var baseURI = baseURIDefault

  /// The address of a record.
  func address(_ name: String) -> String { baseURI + name }
}

extension LocalizedText {
  /// The text to write where there is room for one: in the languages that are wanted, or forms of them, else in English, else
  /// the original, else the first by its tag; nil if there is none.
  func chosen(_ languages: [LanguageTag]) -> (language: String, text: String)? {
    let tags = values.keys.sorted()
    let wanted = languages.map(\.description) + ["en"]
    let found = wanted.lazy.compactMap { tag in
      tags.first { $0 == tag } ?? tags.first { $0.hasPrefix(tag + "-") }
    }.first
    guard let tag = found ?? tags.first(where: { $0 == originalLanguage }) ?? tags.first, let text = values[tag] else {
      return nil
    }
    return (tag, text)
  }

  /// All texts by language, in the order of the tags.
  var texts: [(language: String, text: String)] {
    values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

extension FieldValue {
  /// The message; nil if it is none.
  var message: (any ProtobufMessage)? {
    if case .message(let message) = self { message } else { nil }
  }
}

/// Points in time as formats write them, in UTC.
enum UTCText {
  /// `20181107T093000Z`.
  static func compact(_ time: ProtobufTimestamp) -> String { extended(time).filter { $0 != "-" && $0 != ":" } }

  /// `2018-11-07T09:30:00Z`, or with thousandths of a second, what is finer cut off.
  static func extended(_ time: ProtobufTimestamp, milliseconds: Bool = false) -> String {
    let (days, seconds) = (
      time.seconds.flooredQuotient(86400), time.seconds - time.seconds.flooredQuotient(86400) * 86400
    )
    let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded(Int($0), 2) }.joined(separator: ":")
    let fraction = milliseconds ? "." + padded(Int(time.nanos) / 1_000_000, 3) : ""
    return "\(CivilDay(number: Int(days)))T\(clock)\(fraction)Z"
  }

  private static func padded(_ number: Int, _ count: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, count - digits.count)) + digits
  }
}

extension Int64 {
  fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
    self / divisor - (self % divisor < 0 ? 1 : 0)
  }
}

/// Numbers as formats write them.
enum DecimalText {
  /// A number of degrees with six digits behind the point, which is a tenth of a metre.
  static func degrees(_ value: Double) -> String {
    let scaled = Int((abs(value) * 1_000_000).rounded())
    let fraction = String(scaled % 1_000_000)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    return "\(sign)\(scaled / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
  }
}
