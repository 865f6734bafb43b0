/// One record as an answer: bytes that can be sent as they are.
package struct Reply: Sendable {
  /// The encoded message.
  package let bytes: [UInt8]

  /// The token of the revision at which the answer is true.
  package let revision: String

  /// Whether the call was a repetition, and this is what the first one did.
  package let isReplay: Bool
}

/// A page of a list as an answer.
package struct ReplyPage: Sendable {
  /// The encoded messages, in order.
  package let records: [[UInt8]]

  /// Where the next page begins; empty after the last one.
  package let nextPageToken: String

  /// How many records all pages have together, if that costs nothing to say.
  package let totalSize: Int32?

  /// The token of the revision that all pages show.
  package let revision: String
}
