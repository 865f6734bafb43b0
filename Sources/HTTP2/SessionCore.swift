internal import CNghttp2

/// The state of a session at the fixed address that nghttp2's callbacks need.
///
/// Invariants
/// - `session` lives from `init` to `dispose`; nghttp2 calls back only inside `receive` and `produce`.
/// - `delegate` is set exactly while one of those runs.
/// - The user data of each nghttp2 stream is its place in `streams`, from the moment the stream opens until
///   `streamClosed`, or null.
/// - `queuedBytes` is the sum over all open streams.
/// - `block` changes only in nghttp2's callbacks, in methods that call nothing of ours, and is lent to delegates inside
///   one callback, while no other can begin: two accesses never overlap, and are not checked for each field. The same
///   holds for `abuse` and `numbers`, for `streams`, whose methods call nobody, and for `scratch`, which is used while
///   nghttp2 queues a frame and calls nobody.
// SAFETY: the pointers are nghttp2's session and places of `streams`, both owned by this object and freed with it.
@safe
final class SessionCore {
  let role: HTTP2Session.Role
  let configuration: HTTP2Configuration
  let session: OpaquePointer
  /// Where the session's blocks come from; it has to stay as long as they do.
  private let memory: SessionMemory
  @exclusivity(unchecked) var streams = StreamTable()
  @exclusivity(unchecked) var block = HTTP2HeaderBlock()
  @exclusivity(unchecked) var scratch = NameValueScratch()
  @exclusivity(unchecked) var abuse: AbuseCounters
  var pings: PingStrikes?
  @exclusivity(unchecked) var numbers = StreamNumbers()
  /// Whether HEADERS or DATA left since the last PING came: a peer that is sent something may ask whether we live.
  var hasSentSincePing = false
  var delegate: (any HTTP2SessionDelegate)?
  var now: UInt64 = 0
  var queuedBytes = 0

  /// The stream whose header list is arriving: lists never interleave (RFC 9113 §4.3).
  var headersOf: UnsafeMutablePointer<StreamState>?
  var headersBegunAt: UInt64 = 0

  /// What nghttp2 gave out and `produce` has not yet copied.
  private var pending = unsafe UnsafeRawBufferPointer(start: nil, count: 0)

  /// The debug data of every GOAWAY from here on.
  var goAwayText: [UInt8] = []
  /// The GOAWAY that leaves now, with its debug data; `pending` points here meanwhile.
  private var goAwayFrame = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)

  var failure: HTTP2Error?
  var shutdown = Shutdown.none
  private var isTerminated = false
  private var isAbandoned = false

  /// The two steps of a graceful end.
  enum Shutdown {
    case none, announced, finished
  }

  init(role: HTTP2Session.Role, configuration: HTTP2Configuration, memory: HTTP2Memory) {
    self.role = role
    self.configuration = configuration
    self.memory = SessionMemory(memory)
    unsafe abuse = AbuseCounters(configuration.abuse)
    pings = configuration.keepalivePings.map(PingStrikes.init)
    unsafe session = Self.makeSession(role, configuration, self.memory)
    unsafe nghttp2_session_set_user_data(session, Unmanaged.passUnretained(self).toOpaque())
  }

  func dispose() {
    memory.isClosing = true
    // A header list that has not ended holds buffers of the session, and they go back to its memory.
    unsafe block.removeAll()
    unsafe nghttp2_session_del(session)
    unsafe goAwayFrame.deallocate()
  }

  // MARK: Bytes

  func receive(
    _ bytes: UnsafeRawBufferPointer, now: UInt64, delegate: any HTTP2SessionDelegate
  ) throws(HTTP2Error) {
    precondition(self.delegate == nil, "bytes received from inside an event")
    guard !isTerminated, !isAbandoned, let base = bytes.baseAddress else { return }
    self.delegate = delegate
    self.now = now
    let result = unsafe nghttp2_session_mem_recv(session, base.assumingMemoryBound(to: UInt8.self), bytes.count)
    self.delegate = nil
    guard result < 0 else { return }
    let error = failure ?? HTTP2Error(receiving: Int32(result))
    fail(error)
    throw error
  }

  func produce(into buffer: UnsafeMutableRawBufferPointer, delegate: any HTTP2SessionDelegate) -> Int {
    precondition(self.delegate == nil, "bytes produced from inside an event")
    guard !isAbandoned else { return 0 }
    self.delegate = delegate
    defer { self.delegate = nil }
    var written = 0
    while written < buffer.count {
      if unsafe pending.isEmpty {
        var chunk: UnsafePointer<UInt8>?
        let count = unsafe nghttp2_session_mem_send(session, &chunk)
        check(Int32(truncatingIfNeeded: min(count, 0)))
        guard count > 0 else { break }
        unsafe pending = UnsafeRawBufferPointer(start: chunk, count: count)
        if unsafe !goAwayText.isEmpty && pending[3] == UInt8(NGHTTP2_GOAWAY.rawValue) { addGoAwayText() }
      }
      let taken = unsafe min(pending.count, buffer.count - written)
      unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[written..<(written + taken)])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: pending[..<taken]))
      unsafe pending = UnsafeRawBufferPointer(rebasing: pending[taken...])
      written += taken
    }
    return written
  }

  /// nghttp2 gives some of its GOAWAY frames no debug data, so it is put in as they leave. A chunk is a whole frame.
  // RFC 9113 §6.8: length (3), type, flags, stream (4), then last stream (4), code (4), debug data.
  private func addGoAwayText() {
    let fixedBytes = 17
    let frame = UnsafeMutableRawBufferPointer.allocate(byteCount: fixedBytes + goAwayText.count, alignment: 1)
    unsafe frame.copyMemory(from: UnsafeRawBufferPointer(rebasing: pending[..<fixedBytes]))
    unsafe UnsafeMutableRawBufferPointer(rebasing: frame[fixedBytes...]).copyBytes(from: goAwayText)
    let length = 8 + goAwayText.count
    unsafe frame[0] = UInt8(truncatingIfNeeded: length >> 16)
    unsafe frame[1] = UInt8(truncatingIfNeeded: length >> 8)
    unsafe frame[2] = UInt8(truncatingIfNeeded: length)
    unsafe goAwayFrame.deallocate()
    unsafe goAwayFrame = frame
    unsafe pending = UnsafeRawBufferPointer(frame)
  }

  var wantsToSend: Bool {
    unsafe !isAbandoned && (!pending.isEmpty || nghttp2_session_want_write(session) != 0)
  }

  var isFinished: Bool {
    unsafe isAbandoned || (!wantsToSend && nghttp2_session_want_read(session) == 0)
  }

  func abandon() {
    guard !isAbandoned else { return }
    isAbandoned = true
    unsafe pending = UnsafeRawBufferPointer(start: nil, count: 0)
    while let state = unsafe streams.first() {
      unsafe closeStream(state, HTTP2StreamClosure(.connection, failure?.code ?? .noError))
    }
  }

  /// Forgets a stream and tells its delegate, in this order: what the delegate then asks of the stream is ignored.
  func closeStream(_ state: UnsafeMutablePointer<StreamState>, _ closure: HTTP2StreamClosure) {
    let delegate = unsafe state.pointee.delegate
    unsafe queuedBytes -= state.pointee.outbound.bytes
    unsafe streams.close(state)
    delegate?.streamClosed(closure)
  }

  // MARK: Connection

  func announceSettings() {
    var entries = [
      setting(NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, configuration.headerTableBytes),
      setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, role == .server ? configuration.concurrentStreamsMax : 0),
      setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, UInt32(configuration.streamWindowBytes)),
      setting(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, configuration.frameBytesMax),
      setting(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, UInt32(clamping: configuration.headerListBytesMax)),
      // Priorities by dependency are deprecated (RFC 9113 §5.3.2, RFC 9218 §2.1), and keeping their tree costs.
      setting(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
    ]
    if role == .client { entries.append(setting(NGHTTP2_SETTINGS_ENABLE_PUSH, 0)) }
    let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
    unsafe check(nghttp2_submit_settings(session, flags, entries, entries.count))
    unsafe check(nghttp2_session_set_local_window_size(session, flags, 0, configuration.connectionWindowBytes))
  }

  private func setting(_ id: nghttp2_settings_id, _ value: UInt32) -> nghttp2_settings_entry {
    nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: value)
  }

  func ping(_ payload: UInt64) {
    guard !isTerminated, !isAbandoned else { return }
    unsafe withUnsafeBytes(of: payload.bigEndian) { bytes in
      unsafe check(
        nghttp2_submit_ping(
          session, UInt8(NGHTTP2_FLAG_NONE.rawValue), bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)))
    }
  }

  /// The PING that measures the round trip of a graceful end, sent behind its announcement: "shutdown".
  static let shutdownPing: UInt64 = 0x7368_7574_646f_776e

  func beginShutdown(debugText: String) {
    guard shutdown == .none, !isTerminated else { return }
    goAwayText = Array(debugText.utf8)
    guard role == .server else { return finishShutdown() }
    shutdown = .announced
    unsafe check(nghttp2_submit_shutdown_notice(session))
  }

  func finishShutdown() {
    guard shutdown != .finished, !isTerminated, !isAbandoned else { return }
    shutdown = .finished
    let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
    unsafe check(
      nghttp2_submit_goaway(
        session, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, HTTP2ErrorCode.noError.rawValue, nil, 0))
  }

  func fail(_ error: HTTP2Error) {
    failure = failure ?? error
    terminate(error.code, debugText: error.debugText)
  }

  func terminate(_ code: HTTP2ErrorCode, debugText: String) {
    guard !isTerminated, !isAbandoned else { return }
    isTerminated = true
    goAwayText = Array(debugText.utf8)
    unsafe check(nghttp2_session_terminate_session(session, code.rawValue))
  }

  /// Out of memory is the one failure that commands can meet, and nobody can act on it.
  func check(_ result: Int32) {
    precondition(result >= 0, "nghttp2 cannot go on")
  }
}

extension HTTP2Error {
  /// What a fatal result of `nghttp2_session_mem_recv` means.
  init(receiving result: Int32) {
    switch nghttp2_error(rawValue: result) {
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC:
      self.init(.peer, .protocolError, "the peer does not speak HTTP/2")
    case NGHTTP2_ERR_FLOODED, NGHTTP2_ERR_TOO_MANY_CONTINUATIONS:
      self.init(.peer, .enhanceYourCalm, "the peer floods the connection")
    default:
      self.init(.local, .internalError, "the session failed on received bytes")
    }
  }
}
