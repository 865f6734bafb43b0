/// The number of an indexed field, unique over all kinds. It is stored: a number is never given to another field.
package struct IndexField: Hashable, Comparable, Sendable {
  /// The number.
  package let id: UInt32

  /// Names the field with a number.
  package init(_ id: UInt32) {
    self.id = id
  }

  package static func < (left: IndexField, right: IndexField) -> Bool { left.id < right.id }
}

/// An indexed value: bytes that compare, as unsigned bytes, in the order of the values they stand for.
///
/// A value is a sequence of parts. Each part begins with a tag that tells its type and ends where its own bytes say,
/// so values can be joined into a composite one that orders by its first part, then by its second. Values of different
/// types order by tag: unset, bytes, strings, integers, booleans. No tag is 0xFF, which therefore follows every value.
package struct IndexValue: Hashable, Comparable, Sendable {
  /// The longest value, in bytes.
  package static let byteCountMax = 1024

  private enum Tag {
    static let unset: UInt8 = 0x00
    static let bytes: UInt8 = 0x01
    static let string: UInt8 = 0x02
    /// The tag of 0; an integer of n bytes is tagged n above or, if negative, n below.
    static let integerZero: UInt8 = 0x14
    static let booleanFalse: UInt8 = 0x26
    static let booleanTrue: UInt8 = 0x27
  }

  /// The encoding.
  package let bytes: [UInt8]

  /// Takes an encoding that a store has read back.
  package init(stored bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Stands for a field without a value, and for a kind's mere membership; precedes every other value.
  package static let unset = IndexValue(stored: [Tag.unset])

  /// Orders by bytes.
  package static func bytes(_ value: [UInt8]) -> IndexValue {
    IndexValue(stored: terminated(tag: Tag.bytes, value, count: value.count))
  }

  /// Orders by Unicode scalar values: capitals before small letters, `z` before `é`. Whoever wants another order
  /// indexes a folded string.
  package static func string(_ value: String) -> IndexValue {
    IndexValue(stored: terminated(tag: Tag.string, value.utf8, count: value.utf8.count))
  }

  /// Refers to another record.
  package static func reference(_ key: Key) -> IndexValue { .string(key.name) }

  /// Orders as numbers do; enumerations are indexed by their numbers.
  package static func integer(_ value: Int64) -> IndexValue {
    let magnitude = value.magnitude
    let byteCount = (UInt64.bitWidth - magnitude.leadingZeroBitCount + 7) / 8
    let isNegative = value < 0
    var bytes: [UInt8] = []
    bytes.reserveCapacity(1 + byteCount)
    bytes.append(isNegative ? Tag.integerZero - UInt8(byteCount) : Tag.integerZero + UInt8(byteCount))
    for index in (0..<byteCount).reversed() {
      // The complement of a negative number's magnitude falls as the magnitude rises.
      let byte = UInt8(truncatingIfNeeded: magnitude >> UInt64(8 * index))
      bytes.append(isNegative ? ~byte : byte)
    }
    return IndexValue(stored: bytes)
  }

  /// The number that the value is; nil if it is not just an integer.
  package var integer: Int64? {
    guard let tag = bytes.first else { return nil }
    let byteCount = Int(tag) - Int(Tag.integerZero)
    guard abs(byteCount) <= 8, bytes.count == 1 + abs(byteCount) else { return nil }
    let isNegative = byteCount < 0
    let magnitude = bytes.dropFirst().reduce(UInt64(0)) { $0 << 8 | UInt64(isNegative ? ~$1 : $1) }
    return isNegative ? Int64(truncatingIfNeeded: 0 &- magnitude) : Int64(exactly: magnitude)
  }

  /// False precedes true.
  package static func boolean(_ value: Bool) -> IndexValue {
    IndexValue(stored: [value ? Tag.booleanTrue : Tag.booleanFalse])
  }

  /// A calendar date, perhaps partial: a day or a month of 0 is unknown. Orders by first day, then coarser first.
  package static func date(year: Int, month: Int, day: Int) -> IndexValue {
    .integer((Int64(year) * 16 + Int64(month)) * 32 + Int64(day))
  }

  /// Orders by the first part, then by the second, and so on.
  package static func composite(_ parts: IndexValue...) -> IndexValue {
    IndexValue(stored: parts.flatMap(\.bytes))
  }

  package static func < (left: IndexValue, right: IndexValue) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }

  /// Bytes that end in 0x00. One within is followed by 0xFF, which no tag is, so the end cannot be mistaken and a
  /// value precedes its continuations.
  private static func terminated(tag: UInt8, _ content: some Sequence<UInt8>, count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 2)
    bytes.append(tag)
    for byte in content {
      bytes.append(byte)
      if byte == 0x00 { bytes.append(0xFF) }
    }
    bytes.append(0x00)
    return bytes
  }
}

/// A run of index values: from `lower`, included, to `upper`, excluded.
///
/// A value given to one of these makers stands for itself and for every composite value that begins with it.
package struct IndexRange: Hashable, Sendable {
  /// The first bytes in the range.
  package var lower: [UInt8]

  /// The first bytes after the range.
  package var upper: [UInt8]

  /// Makes the range between two bounds.
  package init(lower: [UInt8], upper: [UInt8]) {
    self.lower = lower
    self.upper = upper
  }

  /// Every value.
  package static let all = IndexRange(lower: [], upper: [0xFF])

  /// `= value`.
  package static func equal(to value: IndexValue) -> IndexRange {
    IndexRange(lower: value.bytes, upper: value.bytes + [0xFF])
  }

  /// `< value`.
  package static func below(_ value: IndexValue) -> IndexRange { IndexRange(lower: [], upper: value.bytes) }

  /// `<= value`.
  package static func through(_ value: IndexValue) -> IndexRange {
    IndexRange(lower: [], upper: value.bytes + [0xFF])
  }

  /// `>= value`.
  package static func from(_ value: IndexValue) -> IndexRange { IndexRange(lower: value.bytes, upper: [0xFF]) }

  /// `> value`.
  package static func above(_ value: IndexValue) -> IndexRange {
    IndexRange(lower: value.bytes + [0xFF], upper: [0xFF])
  }

  /// Whether there is a first value and a last one.
  package var isBounded: Bool { !lower.isEmpty && upper != Self.all.upper }

  /// What lies in both ranges.
  package func intersection(_ other: IndexRange) -> IndexRange {
    IndexRange(
      lower: lower.lexicographicallyPrecedes(other.lower) ? other.lower : lower,
      upper: upper.lexicographicallyPrecedes(other.upper) ? upper : other.upper)
  }

  /// Whether the value lies in the range.
  package func contains(_ value: IndexValue) -> Bool {
    !value.bytes.lexicographicallyPrecedes(lower) && value.bytes.lexicographicallyPrecedes(upper)
  }
}

/// One value of one indexed field of a record. A field with several values has an entry for each.
package struct IndexEntry: Hashable, Comparable, Sendable {
  /// The field.
  package let field: IndexField

  /// Its value.
  package let value: IndexValue

  /// Makes an entry.
  package init(_ field: IndexField, _ value: IndexValue) {
    self.field = field
    self.value = value
  }

  package static func < (left: IndexEntry, right: IndexEntry) -> Bool {
    (left.field, left.value) < (right.field, right.value)
  }
}
