/// The version of the contract between generated code and this runtime.
///
/// Every generated Swift file names the version it was made for. When the contract changes, the current version gets
/// the next number and the old one becomes `unavailable` with the message "run `swift run dev generate`", so that a
/// stale file does not compile instead of putting wrong bytes on the wire.
public enum GeneratedCode {
  /// The current contract.
  public enum Version1 {}
}
