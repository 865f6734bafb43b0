internal import PlenaryStore
internal import ProtobufRuntime

/// Puts a message of a watch together, where its changes are read.
struct WatchTeller: FeedTeller {
  /// The numbers of the fields of a message of a watch.
  enum Field {
    static let kind: Int32 = 1
    static let changes: Int32 = 2
    static let revision: Int32 = 3
    static let isWithinRequest: Int32 = 4
  }

  /// Whoever is told more than the one is likely to be told about as much as the other.
  private static let smallByteCount = 4 << 10
  private static let largeByteCount = 96 << 10

  private let encoder: ChangeEncoder
  private let place: Revision
  private let isWithinRequest: Bool
  private let text: @Sendable (Revision) -> String

  /// The time of the last change: all changes of a request have the same.
  private var time: EncodedTime?

  private var message: [UInt8]
  private var hasChanges = false

  /// The least label of which it is to be noted that a version is given out.
  private let notedLabelMin: Int32

  /// The records in the message of which it is to be noted that they are given out.
  private var noted: [String] = []

  /// Where the last change begins and which request did it, if it is not known to be the last of it.
  private var unended: (start: Int, request: Revision)?

  /// - Parameters:
  ///   - place: The place that the watch has come to.
  ///   - isWithinRequest: Whether what was told last is only the beginning of a request.
  ///   - message: What the message begins with.
  ///   - text: What a revision is called.
  init(
    _ encoder: ChangeEncoder, after place: Revision, isWithinRequest: Bool, message: [UInt8],
    text: @escaping @Sendable (Revision) -> String
  ) {
    self.encoder = encoder
    notedLabelMin = encoder.encoder.notedLabelMin ?? .max
    self.place = place
    self.isWithinRequest = isWithinRequest
    self.message = message
    self.text = text
  }

  var takesLent: Bool { encoder.takesLent }

  mutating func take(_ change: LentChange, key: Span<UInt8>, body: Span<UInt8>?) {
    hasChanges = true
    if body != nil, change.label >= notedLabelMin { noted.append(String(copying: key)) }
    if let (start, request) = unended, request != change.transaction {
      encoder.append(request, toChangeAt: start, in: &message)
    }
    if message.count > Self.smallByteCount, message.capacity < Self.largeByteCount {
      message.reserveCapacity(Self.largeByteCount)
    }
    let time = if let time, time.time == change.time { time } else { EncodedTime(change.time) }
    self.time = time
    let isLast = change.revision == change.transaction
    unended = isLast ? nil : (message.count, change.transaction)
    encoder.append(change, at: time, key: key, body: body, isLast: isLast, as: Field.changes, to: &message)
  }

  mutating func told(of part: FeedPart) -> Result<WatchPart, DomainError> {
    guard part.isWhole else {
      return .success(
        WatchPart(message: nil, begun: part, through: place, isAtEndOfRequest: !isWithinRequest, isLast: false))
    }
    let isTold = hasChanges || !part.changes.isEmpty || isWithinRequest && part.isAtEndOfRequest
    guard isTold else { return .success(WatchPart(silentlyThrough: part)) }
    encoder.encoder.note(noted)
    if let (start, request) = unended, part.through >= request {
      encoder.append(request, toChangeAt: start, in: &message)
    }
    do throws(DomainError) {
      try encoder.append(part, as: Field.changes, to: &message)
    } catch {
      return .failure(error)
    }
    if part.isAtEndOfRequest {
      WireEncoding.append(text(part.through), as: Field.revision, to: &message)
    } else {
      WireEncoding.append(1, as: Field.isWithinRequest, to: &message)
    }
    return .success(
      WatchPart(
        message: message, begun: nil, through: part.through, isAtEndOfRequest: part.isAtEndOfRequest,
        isLast: part.isLast))
  }
}

extension WatchPart {
  /// Goes through a part of which there is nothing to tell.
  init(silentlyThrough part: FeedPart) {
    self.init(
      message: nil, begun: nil, through: part.through, isAtEndOfRequest: part.isAtEndOfRequest, isLast: part.isLast)
  }
}
