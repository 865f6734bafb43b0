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

  /// Makes a marking.
  package init(label: Int32, originator: String = "", detail: [UInt8] = []) {
    self.label = label
    self.originator = originator
    self.detail = detail
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
