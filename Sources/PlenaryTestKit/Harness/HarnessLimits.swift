/// What a test daemon holds at most, so that a test that runs wild fails and not its machine.
public enum HarnessLimits {
  /// The most faults in force at once.
  public static let faultCountMax = 100

  /// The longest pattern of methods, in bytes.
  public static let patternBytesMax = 256

  /// The longest message of a status that a fault ends calls with, and its details together, in bytes: headers are bounded.
  public static let statusBytesMax = 4096

  /// The longest latency or delay of a fault.
  public static let delayMax = Duration.seconds(3600)

  /// The most calls that are recorded; of more, the oldest are forgotten.
  public static let callCountMax = 1000

  /// The most bytes of all recorded calls together; of more, the oldest are forgotten. They fit into one message.
  public static let callBytesMax = 2 << 20

  /// The longest request that is recorded, in bytes; a longer one is left out of its call.
  public static let requestBytesMax = 64 << 10

  /// The most snapshots that are kept.
  public static let snapshotCountMax = 16

  /// The most bytes of all snapshots together.
  public static let snapshotBytesMax = 256 << 20

  /// The longest name of a snapshot, in bytes.
  public static let snapshotNameBytesMax = 63
}
