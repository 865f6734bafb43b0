internal import GoogleAPI
internal import ProtobufRuntime

/// One comparison of a filter, understood: which values of a record it looks at, and what they must be.
struct FieldTest: Sendable {
  /// What a value must be.
  enum Test: Sendable {
    /// There is one.
    case isSet
    /// Text, in the form in which it is compared.
    case text(FilterComparator, String)
    /// Text that has these pieces in order, anything between them; or that has not.
    case pattern(WildcardPattern, isWanted: Bool)
    /// Text that is one of these.
    case oneOf(Set<String>)
    /// A map that has this key.
    case key(String)
    /// A number, a truth value as 0 or 1, or a value of an enum.
    case number(FilterComparator, Double)
    /// A date, by what is certain of it.
    case date(PartialDate.Comparison, PartialDate)
    /// A date that is not this one.
    case dateOtherThan(PartialDate)
    /// A point in time, in seconds and nanoseconds.
    case time(FilterComparator, seconds: Int64, nanos: Int32)
  }

  /// The values.
  let path: ValuePath

  /// What one of them must be.
  let test: Test

  private let form: ComparisonForm

  /// A comparison of the values at a path.
  init(path: ValuePath, test: Test) {
    self.path = path
    self.test = test
    form = ComparisonForm(path)
  }

  /// Whether the record satisfies the comparison. Without a value it satisfies none, not even `!=` (AIP-160).
  func holds(for record: any ProtobufMessage) -> Bool {
    let values = path.values(in: record)
    if case .isSet = test { return !values.isEmpty }
    if values.isEmpty, let unset { return Self.holds(unset, test, form: form) }
    return values.contains { Self.holds($0, test, form: form) }
  }

  /// The value of a field without presence that is not set: numbers and truth values have one, text and enums do not
  /// count as given.
  private var unset: FieldValue? {
    guard path.field.cardinality == .singular, !path.isRepeated, path.steps.count == 1 else { return nil }
    return switch path.valueType {
    case .bool: .bool(false)
    case .int32, .int64: .int64(0)
    default: nil
    }
  }

  private static func holds(_ value: FieldValue, _ test: Test, form: ComparisonForm) -> Bool {
    switch (test, value) {
    case (.text(let comparator, let text), .string(let value)):
      comparator.holds(form.comparable(value), text)
    case (.pattern(let pattern, let isWanted), .string(let value)):
      pattern.matches(form.comparable(value)) == isWanted
    case (.oneOf(let texts), .string(let value)):
      texts.contains(value)
    case (.key(let key), .map(let entries)):
      entries.contains { $0.key == .string(key) }
    case (.number(let comparator, let number), _):
      value.number.map { comparator.holds($0, number) } ?? false
    case (.date(let comparison, let date), .message(let value as GoogleDate)):
      PartialDate(value)?.holds(comparison, to: date) ?? false
    case (.dateOtherThan(let date), .message(let value as GoogleDate)):
      PartialDate(value).map { $0 != date } ?? false
    case (.time(let comparator, let seconds, let nanos), .message(let value as ProtobufTimestamp)):
      value.seconds == seconds ? comparator.holds(value.nanos, nanos) : comparator.holds(value.seconds, seconds)
    default: false
    }
  }
}

extension FilterComparator {
  /// Whether the values compare so. On single values, `:` asks for equality.
  func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
    switch self {
    case .equal, .has: left == right
    case .notEqual: left != right
    case .less: left < right
    case .lessOrEqual: left <= right
    case .greater: left > right
    case .greaterOrEqual: left >= right
    }
  }
}

extension ComparisonForm {
  /// The text in the form in which it is compared.
  func comparable(_ text: String) -> String {
    switch self {
    case .symbol: MandateSymbol(text)?.key ?? text
    case .code(let code): code.canonical(text) ?? text
    default: text
    }
  }
}

extension FieldValue {
  /// The value as a number, if it is one, or stands for one.
  fileprivate var number: Double? {
    switch self {
    case .int32(let number): Double(number)
    case .int64(let number): Double(number)
    case .uint32(let number): Double(number)
    case .uint64(let number): Double(number)
    case .double(let number): number
    case .float(let number): Double(number)
    case .enumeration(let number): Double(number)
    case .bool(let truth): truth ? 1 : 0
    default: nil
    }
  }
}
