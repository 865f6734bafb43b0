internal import Glibc
package import PlenaryStore

extension SQLiteStore {
  /// How a store works. Every limit has a default that suits a machine of a few cores and gigabytes.
  package struct Configuration: Sendable {
    /// How long each way to a page of a list is followed before another one is tried.
    package struct ListEffort: Hashable, Sendable {
      /// The candidates that are gathered before anything else is tried.
      package var gatheredFirst = 64

      /// The most values of a field with few of them that a list by key goes through at once.
      package var valuesMax = 32

      /// How many times the records of a page are left out on the way along the order before a list by key goes through
      /// the values of a range without an end.
      package var rejectedPages = 4

      /// The records left out on the way along the order before it is left for the time being.
      package var rejectedFirst = 320

      /// The most candidates that are gathered to be read and sorted.
      package var gatheredMax = 1000

      /// The most candidates that are gathered to be sorted by key before any is read.
      package var gatheredByKeyMax = 8000

      /// The defaults.
      package init() {}
    }

    /// Where a store is.
    package enum Location: Hashable, Sendable {
      /// In a directory of its own.
      case directory(String)

      /// In memory, until it is closed.
      case memory
    }

    /// The pages of 4 KiB in the write-ahead log from which on they are moved into the database.
    package struct LogPages: Hashable, Sendable {
      /// When nothing waits to be written.
      package var whenIdle = 1_000

      /// Though requests wait.
      package var whenBusy = 8_000

      /// From here on the log's file is emptied, as soon as readers allow.
      package var truncate = 65_536

      /// From here on writes wait some seconds for the readers that keep the log, and upkeep gives way: 1 GiB.
      package var max = 262_144

      /// The defaults.
      package init() {}
    }

    /// Where the store is.
    package var location: Location

    /// The address of the leader, if the store is a copy of another one; a copy is opened as nothing else.
    package var leader: String?

    /// The time and the chance that the store lives by.
    package var inputs: TimeAndChance

    /// The database that a new store begins as; nil begins with nothing. A store that is there already stays as it is.
    package var image: [UInt8]?

    /// Nanoseconds of a clock that only runs forward, for how long things take.
    package var nanoseconds: @Sendable () -> Int64 = monotonicNanoseconds

    /// What records are found by; nil if the store is to keep to what each write says.
    package var indexing: Indexing?

    /// Who is told of what happens.
    package var observer: (any StoreObserver)?

    /// The reader threads, each with a connection.
    package var readers = 2

    /// The bytes of records kept in memory.
    package var cacheBytesMax = 256 << 20

    /// The last changes that are kept in memory for those who follow them.
    package var feedChangesMax = 65_536

    /// The most bytes that these take.
    package var feedBytesMax = 64 << 20

    /// The bytes of database pages that each connection may keep in memory.
    package var pageCacheBytesMax = 64 << 20

    /// The most changes that are made durable together, unless one request has more.
    package var batchWritesMax = 256

    /// The most bytes of bodies that are made durable together, unless one request has more.
    package var batchBytesMax = 1 << 20

    /// How long a request id is remembered: 24 hours.
    package var idempotencyMicrosecondsMax: Int64 = 24 * 3_600 * 1_000_000

    /// How many request ids are remembered.
    package var idempotencyCountMax = 2_000_000

    /// When the write-ahead log is emptied.
    package var logPages = LogPages()

    /// The bytes of a file that keeps some of the disk free, to be given up when the disk is full; 0 for none.
    package var ballastBytes: Int64 = 64 << 20

    /// How long each way to a page of a list is followed.
    package var listEffort = ListEffort()

    /// SQLite's name of the layer between it and the file system; nil for the system's own.
    package var fileLayer: String?

    /// A store at a place, with the defaults.
    package init(_ location: Location, _ inputs: TimeAndChance) {
      self.location = location
      self.inputs = inputs
    }

    /// A store at a place, with the defaults.
    package init(
      _ location: Location, now: @escaping @Sendable () -> CommitTime,
      randomBytes: @escaping @Sendable (Int) -> [UInt8]
    ) {
      self.init(location, TimeAndChance(now: now, randomBytes: randomBytes))
    }

    /// The time.
    package var now: @Sendable () -> CommitTime {
      get { inputs.now }
      set { inputs.now = newValue }
    }

    /// So many random bytes that nobody can guess.
    var randomBytes: @Sendable (Int) -> [UInt8] { inputs.randomBytes }
  }
}

/// What the machine's clock says that only runs forward.
// SAFETY: the clock writes into a value that lives through the call.
private func monotonicNanoseconds() -> Int64 {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
