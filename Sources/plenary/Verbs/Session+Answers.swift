internal import ProtobufRuntime

extension Session {
  /// Answers with one record, in the format that is asked for.
  ///
  /// - Parameter lines: What people see.
  func show(_ record: any ResourceMessage, of kind: Kind, lines: () throws -> [String]) throws {
    switch options.output {
    case .table: try console.print(lines())
    case .json, .yaml: try answer(.message(record))
    case .name: try console.print([record.name])
    }
  }

  /// Answers programs, in the format that is asked for.
  func answer(_ value: JSONValue) throws(Failure) {
    try console.print([try options.output.text(value)])
  }
}
