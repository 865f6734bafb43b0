internal import ArgumentParser
internal import PlenaryClient
internal import ProtobufRuntime

/// `plenary marking lint`
struct MarkingLint: Verb {
  static let configuration = CommandConfiguration(
    commandName: "lint", abstract: "Looks for sharing marks that are probably not meant as they are.",
    discussion: """
      Examples:

        plenary marking lint
        plenary marking lint dialogues

      It ends with 0 if there is nothing to say, and with 9 if there is. What the caller may not see is not looked at.
      """)

  @Argument(help: "The kind, such as dialogues. Default: all but clients.")
  var kind: String?

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let kinds = KindCatalog.registry
    let chosen = try kind.map { word throws(Failure) in [try kinds.kind(word)] }
    let all = kinds.kinds.filter { $0.singular != "client" }
    let check = try await session.withRegistry(isBrief: false) { registry in
      var check = MarkingCheck()
      for kind in all {
        // Of kinds whose references are not looked at, the marking alone says enough.
        let isChosen = chosen?.contains { $0.plural == kind.plural } ?? true
        let paths = isChosen ? [] : ["name", "marking", "originating_organization"]
        let parent = kind.pattern.hasParent ? kind.pattern.anyParent : ""
        try await registry.list(kind, ListQuery(parent: parent, paths: paths)) { page in
          for record in page { check.take(record, isChosen: isChosen) }
        }
      }
      return check
    }
    let remarks = check.remarks()
    switch global.output {
    case .table:
      guard !remarks.isEmpty else { return session.console.note("nothing to say of \(check.count) records") }
      try session.console.print(remarks.map { "\($0.name): \($0.text)" })
    case .json, .yaml:
      try session.answer(
        .array(remarks.map { .object([("name", .string($0.name)), ("remark", .string($0.text))]) }))
    case .name: try session.console.print(remarks.map(\.name))
    }
    if !remarks.isEmpty { throw Failure.somethingDiffers }
  }
}

/// What is odd about the markings of records.
struct MarkingCheck {
  /// Something that is probably not meant.
  struct Remark: Hashable {
    let name: String
    let text: String
  }

  /// How many records have been looked at.
  private(set) var count = 0

  private struct Marked {
    let marking: Marking
    let originator: String
    let references: Set<String>
    let isChosen: Bool
  }

  private var records: [String: Marked] = [:]

  /// Takes a record in.
  mutating func take(_ record: any ResourceMessage, isChosen: Bool) {
    if isChosen { count += 1 }
    records[record.name] = Marked(
      marking: record.marking, originator: record.originator,
      references: isChosen ? References.names(in: record) : [], isChosen: isChosen)
  }

  /// The remarks, in the order of the names.
  func remarks() -> [Remark] {
    records.keys.sorted().flatMap { name in records[name].map { remarks(on: $0, name) } ?? [] }
  }

  private func remarks(on record: Marked, _ name: String) -> [Remark] {
    guard record.isChosen else { return [] }
    let marking = record.marking
    var texts: [String] = []
    let audience = marking.organizations + marking.sharingGroups
    switch marking.label {
    case .amber, .amberStrict:
      if Set(audience).subtracting([record.originator]).isEmpty { texts.append("only its originator may have it") }
      if marking.label == .amberStrict, !marking.sharingGroups.isEmpty {
        texts.append("the sharing groups that it lists are not let in by TLP:AMBER+STRICT")
      }
    case .clear, .green:
      if !(audience + marking.recipients).isEmpty {
        texts.append("\(MarkingWords.label(marking)) lets everyone in, whoever is listed")
      }
    default: break
    }
    for listed in audience where records[listed] == nil {
      texts.append("lists \(listed), which is deleted or out of the caller's sight")
    }
    for reference in record.references.sorted() where !audience.contains(reference) {
      guard let other = records[reference], other.marking.label.rawValue > max(marking.label.rawValue, 2) else {
        continue
      }
      texts.append("names \(reference), which is marked \(MarkingWords.label(other.marking)) and so more strictly")
    }
    return texts.map { Remark(name: name, text: $0) }
  }
}
