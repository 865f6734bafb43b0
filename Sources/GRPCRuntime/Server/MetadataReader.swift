internal import HTTP2

/// Reads the metadata of the requests of one connection.
///
/// Most requests have nothing but a user agent, the same in each of them: then they share what the first one was read to.
package struct MetadataReader {
  private var agent: [UInt8] = []
  private var agentAlone = Metadata()

  /// Makes a reader that has read nothing.
  package init() {}

  /// The metadata of a request.
  ///
  /// Throws `INTERNAL` when a `-bin` value is not Base64.
  mutating func read(_ block: borrowing HTTP2HeaderBlock) throws(GRPCStatus) -> Metadata {
    guard block.hasOnlyKnownNamesOnce else { return try Metadata(receiving: block) }
    guard let index = block.firstIndex(of: .userAgent) else { return Metadata() }
    if block.value(at: index, equals: agent.span) { return agentAlone }
    let metadata = try Metadata(receiving: block)
    if metadata.count == 1 { (agent, agentAlone) = (block.valueBytes(at: index), metadata) }
    return metadata
  }
}
