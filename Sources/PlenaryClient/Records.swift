/// The records of a list, in its order, fetched page by page as they are read.
///
/// All of them stand as they did when the first page was fetched. Each iteration asks anew. It throws the status of the
/// call that failed, and `CANCELLED` when the task is cancelled.
public struct Records<Service: ResourceServiceDefinition>: AsyncSequence, Sendable {
  /// The same list, a page at a time.
  public let pages: Pages<Service>

  /// Begins with the first page.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(pages: pages.makeAsyncIterator())
  }

  /// Reads the records of a list.
  public struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate var pages: Pages<Service>.AsyncIterator
    private var page: [Service.Resource] = []
    private var position = 0

    fileprivate init(pages: Pages<Service>.AsyncIterator) {
      self.pages = pages
    }

    /// The next record, or nil after the last one.
    public mutating func next() async throws(GRPCStatus) -> Service.Resource? {
      // A page may be empty and not the last: the registry looked at as many records as one call may.
      while position == page.count {
        guard let next = try await pages.next() else { return nil }
        page = next.resources
        position = 0
      }
      defer { position += 1 }
      return page[position]
    }
  }
}

/// The pages of a list, fetched one after the other as they are read.
///
/// The page size and the token of the request say where to begin. Otherwise like `Records`.
public struct Pages<Service: ResourceServiceDefinition>: AsyncSequence, Sendable {
  let channel: GRPCChannel
  let request: Service.List
  let options: CallOptions

  /// Begins with the first page.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(channel: channel, request: request, options: options)
  }

  /// Fetches the pages of a list.
  public struct AsyncIterator: AsyncIteratorProtocol {
    private let channel: GRPCChannel
    private var request: Service.List
    private let options: CallOptions
    private var isOver = false

    fileprivate init(channel: GRPCChannel, request: Service.List, options: CallOptions) {
      self.channel = channel
      self.request = request
      self.options = options
    }

    /// The next page, or nil after the last one.
    public mutating func next() async throws(GRPCStatus) -> Service.ListResponse? {
      if isOver { return nil }
      let page = try await channel.unary(Service.list, request, options: options)
      request.pageToken = page.nextPageToken
      isOver = page.nextPageToken.isEmpty
      return page
    }
  }
}
