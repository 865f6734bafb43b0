/// The key of a record: its resource name, such as `dialogues/d1/workingGroups/w2`.
///
/// A key is 1 to 512 printable ASCII characters. That makes the order of keys the order of their bytes in every
/// backend and in Swift alike, and two keys equal exactly when their bytes are.
package struct Key: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The longest key, in bytes.
  package static let byteCountMax = 512

  /// The resource name.
  package let name: String

  /// Makes a key of a resource name; nil if the name cannot be one.
  package init?(_ name: String) {
    guard (1...Self.byteCountMax).contains(name.utf8.count), name.utf8.allSatisfy(Self.isAllowed) else { return nil }
    self.name = name
  }

  /// Makes a key of a name that a store has read back, and that was a key when it was written.
  package init(stored name: String) {
    self.name = name
  }

  package var description: String { name }

  package static func < (left: Key, right: Key) -> Bool { left.name < right.name }

  /// Printable ASCII without the space.
  static func isAllowed(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }
}

/// The beginning that the keys of a parent's children share, such as `dialogues/d1/workingGroups/`.
package struct KeyPrefix: Hashable, Sendable, CustomStringConvertible {
  /// Every key.
  package static let all = KeyPrefix(checked: "")

  /// The characters that each key begins with.
  package let text: String

  /// Makes a prefix; nil if no key can begin so.
  package init?(_ text: String) {
    guard text.utf8.count < Key.byteCountMax, text.utf8.allSatisfy(Key.isAllowed) else { return nil }
    self.text = text
  }

  private init(checked text: String) {
    self.text = text
  }

  package var description: String { text }

  /// The least string that is greater than every key with this prefix: DEL follows each character of a key.
  package var end: String { text + "\u{7F}" }

  /// Whether the key begins with this prefix.
  package func contains(_ key: Key) -> Bool { key.name.hasPrefix(text) }
}
