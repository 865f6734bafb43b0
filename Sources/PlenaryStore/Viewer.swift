/// The effective marking of a record: who may see it.
///
/// To the store a marking is a value to be compared and handed to a `Viewer`; what its parts mean is decided above.
/// The store keeps each distinct marking once.
package struct Marking: Hashable, Sendable {
  /// The number of the label.
  package let label: Int32

  /// The organization whose record it is; empty if none is named.
  package let originator: String

  /// The organizations, groups and recipients that may see it, in an encoding of the caller's.
  package let detail: [UInt8]

  /// The originator to whom the version is confined: of those whom the marking lets in, it is for those alone who decide
  /// for that one. Nil if the version is confined to nobody. Only the store confines versions, see `Confining`.
  package let keeper: String?

  /// Makes a marking.
  package init(label: Int32, originator: String = "", detail: [UInt8] = [], keeper: String? = nil) {
    self.label = label
    self.originator = originator
    self.detail = detail
    self.keeper = keeper
  }

  /// The marking as it was given.
  package var unconfined: Marking {
    keeper == nil ? self : Marking(label: label, originator: originator, detail: detail)
  }

  /// The marking of a version that is confined. One that is confined already stays as it is.
  package func confined(to keeper: String) -> Marking {
    Marking(label: label, originator: originator, detail: detail, keeper: self.keeper ?? keeper)
  }
}

/// The number under which one store keeps a marking. It means nothing in another store.
package struct ACL: Hashable, Comparable, Sendable {
  /// The number, counted from 1.
  package let number: UInt32

  /// Makes the name of the marking with this number.
  package init(_ number: UInt32) {
    self.number = number
  }

  package static func < (left: ACL, right: ACL) -> Bool { left.number < right.number }
}

/// Who reads: decides, marking by marking, what of the store exists for the caller.
///
/// Every read takes a viewer and the store applies it, so a page is never short for what was left out, and a record
/// out of sight answers like one that does not exist.
package struct Viewer: Sendable {
  /// Sees every record.
  package static let everything = Viewer(rule: nil)

  private let rule: (@Sendable (Marking) -> Bool)?

  /// A viewer that sees the records whose marking satisfies the rule.
  ///
  /// The rule must give the same answer to the same marking for as long as the viewer lives.
  package init(sees rule: @escaping @Sendable (Marking) -> Bool) {
    self.init(rule: rule)
  }

  private init(rule: (@Sendable (Marking) -> Bool)?) {
    self.rule = rule
  }

  /// Whether no marking is out of sight, so that none needs to be looked up.
  package var seesEverything: Bool { rule == nil }

  /// Whether the viewer sees records with this marking.
  package func sees(_ marking: Marking) -> Bool { rule?(marking) ?? true }
}
