/// The version of the daemon.
enum Version {
  /// After the rules of semantic versioning; what `plenaryd version` prints.
  static let current = "0.1.0"
}
