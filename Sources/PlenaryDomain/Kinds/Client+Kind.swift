internal import PlenaryAPI

extension Kind {
  /// The systems and persons that use the registry. Without a marking of its own a client is RED for nobody, which
  /// leaves those who see everything; and it is part of no export.
  static let client = Kind(
    NoFurtherRules<Client>(), defaultLabel: .red, indexed: ["expire_time"], isExported: false)
}
