internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

extension Kind {
  /// Persons who take part.
  static let person = Kind(
    PersonRules(), indexed: ["family_name", "given_name", "retain_until_date"], givenByImports: ["redaction"])
}

private struct PersonRules: KindRules {
  func keep(_ person: inout Person, replacing previous: Person) {
    if previous.redaction != nil { person.redaction = previous.redaction }
  }

  func check(_ person: Person, replacing previous: Person?, _ findings: inout Findings) {
    if person.redaction != nil, person.holdsData {
      findings.add(
        "name", .personErased,
        "the person was erased and takes no data any more; leave the fields out, or create another person if there is a "
          + "ground to keep the data again")
    }
    if let previous, person.redaction != nil, previous.redaction == nil {
      findings.add(
        "redaction", .personErased,
        "the person is not erased here, and would only look so; erase it with ErasePerson")
    }
  }

  func checkRelations(
    _ person: Person, replacing previous: Person?, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    guard person.legalHold != previous?.legalHold ?? "", let key = Key(person.name) else { return }
    try await view.checkAccess(
      to: key, .person, content: previous ?? person, isNew: previous == nil, role: .officer,
      what: "the legal hold of a person")
  }

  func checkDeletion(_ person: Person, _ findings: inout Findings) {
    guard !person.legalHold.isEmpty else { return }
    findings.add(PersonData.held(person))
  }
}

/// What the law asks of the data of persons.
enum PersonData {
  /// Whether a text has the given or the family name of a person among its words.
  static func names(_ person: Person, in text: String) -> Bool {
    let words = SearchTokenizer.words(in: text)
    return [person.givenName, person.familyName].contains { (name: String) in
      let name = SearchTokenizer.words(in: name).map(\.text)
      return !name.isEmpty && words.firstIndex(of: SearchPhrase(name, isPrefix: false)) != nil
    }
  }

  /// The person stays as it is while somebody needs its data kept.
  static func held(_ person: Person) -> DomainError.FieldViolation {
    .init(
      "legal_hold", .legalHold,
      "`\(person.name)` is under a legal hold, and its data stay; have an officer lift that first, by clearing "
        + "`legal_hold`", metadata: ["name": person.name])
  }
}

extension Person {
  /// Whether anything is said of the person.
  var holdsData: Bool { self != notice }

  /// What is left of the person when all that is said of it is taken out: whose record it is, how far that is shared, and
  /// that it was erased.
  var notice: Person {
    .with {
      $0.name = name
      $0.originatingOrganization = originatingOrganization
      $0.marking = marking
      $0.redaction = redaction
    }
  }
}
