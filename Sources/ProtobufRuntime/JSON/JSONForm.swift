/// How a message type stands in ProtoJSON.
enum JSONForm {
  /// As an object with a member for each field.
  case object
  // The forms of the well-known types.
  case any, duration, fieldMask, listValue, structure, timestamp, value
  /// The bare value of field 1.
  case wrapper

  /// The enum whose only value is written as null.
  static let nullValueEnum = "google.protobuf.NullValue"

  init(fullName: String) {
    self =
      switch fullName {
      case "google.protobuf.Any": .any
      case "google.protobuf.Duration": .duration
      case "google.protobuf.FieldMask": .fieldMask
      case "google.protobuf.ListValue": .listValue
      case "google.protobuf.Struct": .structure
      case "google.protobuf.Timestamp": .timestamp
      case "google.protobuf.Value": .value
      case "google.protobuf.BoolValue", "google.protobuf.BytesValue", "google.protobuf.DoubleValue",
        "google.protobuf.FloatValue", "google.protobuf.Int32Value", "google.protobuf.Int64Value",
        "google.protobuf.StringValue", "google.protobuf.UInt32Value", "google.protobuf.UInt64Value":
        .wrapper
      default: .object
      }
  }
}
