import Foundation
import PlenaryClient
import PlenaryTestKit

/// The dialogues that the project comes with.
enum Example {
  static func records() throws -> [Record] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try Record.bundled(json: Array(Data(contentsOf: root.appending(path: "Deploy/examples/asia-ict-ct.json"))))
  }

  /// The names of the records of a kind, in order.
  static func names<Resource: ResourceMessage>(of type: Resource.Type) throws -> [String] {
    try records().flatMap { record in
      Record.descriptor.fields.compactMap { field in
        guard case .message(let message)? = record.value(ofField: field.number) else { return nil }
        return (message as? Resource)?.name
      }
    }.sorted()
  }
}
