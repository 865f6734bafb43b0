/// What a store tells the program around it. Called on the store's own threads: it must return at once.
package protocol StoreObserver: Sendable {
  /// A batch of requests became durable.
  func storeDidCommit(requests: Int, changes: Int)

  /// A checkpoint moved frames from the write-ahead log into the database; some may remain.
  func storeDidCheckpoint(framesMoved: Int, framesRemaining: Int)

  /// The store is being opened, and gives its records the index entries of a new declaration: so many of them have been
  /// looked at. Told now and then, and at the end.
  func storeIsReindexing(records: Int, of total: Int)

  /// The disk is full: a batch was refused, and reads go on.
  func storeIsFull()

  /// The store has failed for good. The program must end, and recover by starting again.
  func storeDidFail(_ error: StoreError)
}
