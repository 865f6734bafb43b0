/// Values that are each kept once in a table and named elsewhere by their number there, counted from 1.
struct Interned<Value: Hashable & Sendable>: Sendable {
  private var values: [Value] = []
  private var numbers: [Value: UInt32] = [:]

  /// How many values there are.
  var count: Int { values.count }

  /// The value with a number that this table gave out.
  subscript(number: UInt32) -> Value { values[Int(number) - 1] }

  /// Whether this table gave out a number.
  func has(_ number: UInt32) -> Bool { number >= 1 && number <= values.count }

  /// The number of a value, if it is in the table.
  func number(of value: Value) -> UInt32? { numbers[value] }

  /// Adds a value that is not in the table, and returns its number.
  mutating func append(_ value: Value) -> UInt32 {
    values.append(value)
    let number = UInt32(values.count)
    numbers[value] = number
    return number
  }

  /// Forgets the values after the first `count`, whose transaction was rolled back.
  mutating func truncate(to count: Int) {
    for value in values[count...] { numbers[value] = nil }
    values.removeSubrange(count...)
  }
}
