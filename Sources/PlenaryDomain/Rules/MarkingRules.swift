internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// How far a record may be shared: the marking that is in effect is the one that is stored.
enum MarkingRules {
  /// The marking that is in effect for a record.
  ///
  /// - Parameters:
  ///   - given: What the caller has sent; nil for nothing.
  ///   - previous: What is stored for the record; nil for a new one.
  ///   - parent: What is in effect for the parent; nil at the top.
  ///   - followsWhatIsAlike: Whether a marking like the one that the record would inherit is taken for that one.
  static func effective(
    given: PlenaryAPI.Marking?, previous: PlenaryAPI.Marking?, parent: PlenaryAPI.Marking?,
    default label: PlenaryAPI.Marking.Label, followsWhatIsAlike: Bool, _ findings: inout Findings
  ) -> PlenaryAPI.Marking {
    let given = (given ?? PlenaryAPI.Marking()).asOwn
    var inherited = (parent ?? .with { $0.label = label }).asOwn
    // Whoever sends back what was read has not chosen anything: the record goes on following.
    let isSentBack = previous.map { $0.inherited && $0.asOwn == given } ?? false
    if given == PlenaryAPI.Marking() || isSentBack || followsWhatIsAlike && given == inherited {
      inherited.inherited = true
      return inherited
    }
    checkRecipients(of: given, &findings)
    if let parent, given.label.rawValue < parent.label.rawValue {
      findings.add(
        "marking.label", .markingTooLoose,
        "it is looser than the parent's, \(parent.label); choose that or a stricter one",
        metadata: ["minimum": parent.label.description])
    }
    return given
  }

  private static func checkRecipients(of marking: PlenaryAPI.Marking, _ findings: inout Findings) {
    let missing: String? =
      switch marking.label {
      case .red where marking.recipients.isEmpty: "recipients"
      case .amberStrict where marking.organizations.isEmpty: "organizations"
      case .amber where marking.organizations.isEmpty && marking.sharingGroups.isEmpty: "organizations"
      default: nil
      }
    if let missing {
      findings.add("marking.\(missing)", .recipientsMissing, "\(marking.label) needs to know for whom")
    }
    if marking.label == .unspecified {
      findings.add("marking.label", .fieldRequired, "a marking with recipients or a caveat needs a label")
    }
  }
}

extension PlenaryAPI.Marking {
  /// The marking without the note that it is not the record's own.
  var asOwn: PlenaryAPI.Marking {
    var marking = self
    marking.inherited = false
    return marking
  }

  /// The marking as the store compares it: who may see the record.
  func stored(originator: String) throws(DomainError) -> PlenaryStore.Marking {
    var audience = asOwn
    audience.label = .unspecified
    audience.caveat = ""
    return PlenaryStore.Marking(label: label.rawValue, originator: originator, detail: try audience.encoded())
  }
}

extension ProtobufMessage {
  /// The message in its encoding, which for the registry's own values always succeeds.
  func encoded() throws(DomainError) -> [UInt8] {
    do {
      return try serializedBytes()
    } catch {
      throw DomainError(.limitReached, "the record is too large to be encoded: \(error)")
    }
  }

  /// The marking of a record.
  var marking: PlenaryAPI.Marking? {
    get { value(ofField: HeaderField.marking).flatMap { PlenaryAPI.Marking($0) } }
    set { set(number: HeaderField.marking, to: newValue?.fieldValue) }
  }

  /// Sets the field with this number, which the message is known to have.
  mutating func set(number: Int32, to value: FieldValue?) {
    guard let field = Self.descriptor.field(number: number) else {
      preconditionFailure("\(Self.descriptor.fullName) has no field \(number)")
    }
    set(field, to: value)
  }
}
