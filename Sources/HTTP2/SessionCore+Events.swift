internal import CNghttp2

// SAFETY: the user data of a session is its core (set in `init`), which outlives every call of nghttp2 on it.
private func withCore(_ userData: UnsafeMutableRawPointer?, _ body: (SessionCore) -> Int32) -> Int32 {
  guard let userData = unsafe userData else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
  return unsafe Unmanaged<SessionCore>.fromOpaque(userData)._withUnsafeGuaranteedRef(body)
}

/// What nghttp2 tells, turned into events.
// SAFETY: nghttp2 lends frames, chunks and buffers for the length of each callback; nothing of them is kept, except
// header buffers, by reference. A stream's user data is its place in `streams` (invariant of `SessionCore`).
extension SessionCore {
  static func makeSession(
    _ role: HTTP2Session.Role, _ configuration: HTTP2Configuration, _ memory: SessionMemory
  ) -> OpaquePointer {
    var callbacks: OpaquePointer?
    var option: OpaquePointer?
    var session: OpaquePointer?
    unsafe nghttp2_session_callbacks_new(&callbacks)
    unsafe nghttp2_option_new(&option)
    defer {
      unsafe nghttp2_session_callbacks_del(callbacks)
      unsafe nghttp2_option_del(option)
    }
    unsafe setCallbacks(callbacks)
    // Credit goes back as the layer above reads, and never by itself.
    unsafe nghttp2_option_set_no_auto_window_update(option, 1)
    // Closed streams serve only the priorities we do not keep.
    unsafe nghttp2_option_set_no_closed_streams(option, 1)
    unsafe nghttp2_option_set_max_deflate_dynamic_table_size(option, Int(configuration.headerTableBytes))
    // Our own lists are measured by `sentHeaderListBytesMax`; nghttp2's estimate of them can be twice as long.
    unsafe nghttp2_option_set_max_send_header_block_length(option, 2 * configuration.sentHeaderListBytesMax + 1024)
    // nghttp2's own limit hits clients that cancel a lot; `AbuseCounters` counts instead.
    unsafe nghttp2_option_set_stream_reset_rate_limit(option, UInt64(UInt32.max), UInt64(UInt32.max))
    // Frames of unknown types go through our hands only to be counted.
    for type in UInt8(10)...UInt8.max { unsafe nghttp2_option_set_user_recv_extension_type(option, type) }
    var functions = unsafe memory.functions()
    let result =
      switch role {
      case .server: unsafe nghttp2_session_server_new3(&session, callbacks, nil, option, &functions)
      case .client: unsafe nghttp2_session_client_new3(&session, callbacks, nil, option, &functions)
      }
    guard result == 0, let session = unsafe session else { preconditionFailure("out of memory") }
    return unsafe session
  }

  private static func setCallbacks(_ callbacks: OpaquePointer?) {
    unsafe nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, header, userData in
      guard let header = unsafe header else { return 0 }
      return unsafe withCore(userData) { unsafe $0.beginFrame(header.pointee) }
    }
    unsafe nghttp2_session_callbacks_set_unpack_extension_callback(callbacks) { _, _, _, _ in
      NGHTTP2_ERR_CANCEL.rawValue
    }
    unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, userData in
      guard let frame = unsafe frame else { return 0 }
      return unsafe withCore(userData) { unsafe $0.beginHeaders(frame) }
    }
    unsafe nghttp2_session_callbacks_set_on_header_callback2(callbacks) { _, _, name, value, _, userData in
      guard let name = unsafe name, let value = unsafe value else { return 0 }
      return unsafe withCore(userData) { unsafe $0.header(name, value) }
    }
    unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, stream, data, count, userData in
      unsafe withCore(userData) { unsafe $0.dataChunk(stream, UnsafeBufferPointer(start: data, count: count)) }
    }
    unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, userData in
      guard let frame = unsafe frame else { return 0 }
      return unsafe withCore(userData) { unsafe $0.frameReceived(frame) }
    }
    unsafe nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) { _, frame, _, userData in
      guard let frame = unsafe frame else { return 0 }
      return unsafe withCore(userData) { unsafe $0.invalidFrame(frame) }
    }
    unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, userData in
      guard let frame = unsafe frame else { return 0 }
      return unsafe withCore(userData) { unsafe $0.frameSent(frame) }
    }
    unsafe nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks) { _, frame, _, userData in
      guard let frame = unsafe frame else { return 0 }
      return unsafe withCore(userData) { unsafe $0.frameNotSent(frame) }
    }
    unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, code, userData in
      unsafe withCore(userData) { $0.streamClosed(stream, HTTP2ErrorCode(rawValue: code)) }
    }
  }

  private func state(_ number: Int32) -> UnsafeMutablePointer<StreamState>? {
    unsafe nghttp2_session_get_stream_user_data(session, number)?.assumingMemoryBound(to: StreamState.self)
  }

  private func id(_ state: UnsafeMutablePointer<StreamState>) -> HTTP2StreamID {
    unsafe HTTP2StreamID(number: state.pointee.number, slot: state.pointee.slot)
  }

  // MARK: Abuse

  /// Counts frames that cost us work and bring nobody anything, before they are looked at.
  private func beginFrame(_ header: nghttp2_frame_hd) -> Int32 {
    let isAcknowledgement = header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
    switch nghttp2_frame_type(UInt32(header.type)) {
    case NGHTTP2_HEADERS:
      guard role == .server, unsafe !numbers.allow(header.stream_id) else { return 0 }
      return fatal(HTTP2Error(.peer, .protocolError, "the peer uses a stream number that it had passed over"))
    case NGHTTP2_CONTINUATION, NGHTTP2_GOAWAY, NGHTTP2_PUSH_PROMISE:
      return 0
    case NGHTTP2_DATA:
      let isEmpty = header.length == 0 && header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) == 0
      return isEmpty ? count(.emptyData) : 0
    case NGHTTP2_RST_STREAM:
      return role == .server ? count(.reset) : 0
    case NGHTTP2_PING:
      return isAcknowledgement ? 0 : countPing()
    case NGHTTP2_SETTINGS:
      return isAcknowledgement ? 0 : count(.settings)
    case NGHTTP2_WINDOW_UPDATE:
      return count(.windowUpdate)
    case NGHTTP2_PRIORITY where header.stream_id == 0:
      // RFC 9113 §6.3: a connection error, also for whoever ignores priorities, as nghttp2 is told to.
      return fatal(HTTP2Error(.peer, .protocolError, "the peer sent PRIORITY on no stream"))
    default:
      return count(.ignoredFrame)
    }
  }

  private func count(_ event: AbuseCounters.Event) -> Int32 {
    guard unsafe !abuse.allows(event, now: now) else { return 0 }
    return fatal(HTTP2Error(.limit, .enhanceYourCalm, "the peer sends too many frames of one kind: \(event)"))
  }

  private func countPing() -> Int32 {
    let result = count(.ping)
    let hasSent = hasSentSincePing
    hasSentSincePing = false
    guard result == 0 else { return result }
    guard pings?.allowsPing(now: now, hasStreams: openStreams > 0, hasSent: hasSent) == false else { return 0 }
    // gRPC A8: the code and the text are what clients know.
    return fatal(
      HTTP2Error(.limit, .enhanceYourCalm, "the peer sends PING too often", debugText: "too_many_pings"))
  }

  private func fatal(_ error: HTTP2Error) -> Int32 {
    if failure == nil { failure = error }
    return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
  }

  // MARK: Header lists

  private func beginHeaders(_ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
    unsafe block.removeAll()
    headersBegunAt = now
    let number = unsafe frame.pointee.hd.stream_id
    guard unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST else {
      unsafe headersOf = state(number)
      return 0
    }
    let state = unsafe streams.open(number)
    unsafe headersOf = state
    unsafe nghttp2_session_set_stream_user_data(session, number, state)
    return 0
  }

  private func header(_ name: OpaquePointer, _ value: OpaquePointer) -> Int32 {
    let bytes = unsafe block.append(
      nameBuffer: name, valueBuffer: value, bytesMax: configuration.headerListBytesMax)
    guard bytes > configuration.headerListBytesMax else { return 0 }
    // A few kilobytes of HPACK can name megabytes of fields, so what is far past the limit ends the connection.
    guard bytes <= 4 * configuration.headerListBytesMax else {
      return fatal(HTTP2Error(.limit, .enhanceYourCalm, "a header list is far longer than allowed"))
    }
    unsafe headersOf?.pointee.flags.insert(.headersTooLong)
    return 0
  }

  private func headersReceived(_ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
    guard let state = unsafe headersOf, unsafe state.pointee.number == frame.pointee.hd.stream_id else { return 0 }
    unsafe headersOf = nil
    let endStream = unsafe frame.pointee.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
    if unsafe state.pointee.flags.contains(.headersTooLong) {
      unsafe refuseLongHeaders(state, isRequest: frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST)
    } else if unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
      unsafe openRequest(state, endStream: endStream)
    } else if unsafe role == .server || state.pointee.flags.contains(.headersReceived) {
      unsafe state.pointee.delegate?.trailersReceived(block)
    } else if !isInformational {
      unsafe state.pointee.flags.insert(.headersReceived)
      unsafe state.pointee.delegate?.headersReceived(block)
    }
    unsafe block.removeAll()
    if endStream { unsafe state.pointee.delegate?.endReceived() }
    return 0
  }

  /// Whether the list is a 1xx response, which announces another one (RFC 9113 §8.1).
  private var isInformational: Bool {
    guard let index = unsafe block.firstIndex(of: .status) else { return false }
    return unsafe block.value(at: index, hasPrefix: "1")
  }

  private func openRequest(_ state: UnsafeMutablePointer<StreamState>, endStream: Bool) {
    let stream = unsafe id(state)
    if let streamDelegate = unsafe delegate?.streamOpened(stream, headers: block, endStream: endStream) {
      unsafe state.pointee.delegate = streamDelegate
    } else {
      reset(stream, .refusedStream)
    }
  }

  private func refuseLongHeaders(_ state: UnsafeMutablePointer<StreamState>, isRequest: Bool) {
    if isRequest {
      unsafe submitHeaders(state, configuration.headerListRefusal, endStream: true)
    } else {
      unsafe resetStream(state, .enhanceYourCalm)
    }
  }

  // MARK: Frames

  private func dataChunk(_ number: Int32, _ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
    guard let state = unsafe state(number), let delegate = unsafe state.pointee.delegate else {
      // Nobody reads this stream, so its bytes are read as they come.
      unsafe check(nghttp2_session_consume(session, number, bytes.count))
      return 0
    }
    unsafe state.pointee.unconsumedBytes += bytes.count
    unsafe delegate.dataReceived(bytes.span)
    return 0
  }

  private func frameReceived(_ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
    let header = unsafe frame.pointee.hd
    let isAcknowledgement = header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
    switch nghttp2_frame_type(UInt32(header.type)) {
    case NGHTTP2_HEADERS:
      return unsafe headersReceived(frame)
    case NGHTTP2_DATA:
      if header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 {
        unsafe state(header.stream_id)?.pointee.delegate?.endReceived()
      }
    case NGHTTP2_RST_STREAM:
      unsafe state(header.stream_id)?.pointee.flags.insert(.resetByPeer)
    case NGHTTP2_SETTINGS where !isAcknowledgement:
      unsafe delegate?.settingsReceived(
        HTTP2PeerSettings(
          concurrentStreamsMax: nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
          headerListBytesMax: nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE)))
    case NGHTTP2_PING where isAcknowledgement:
      let bytes = unsafe frame.pointee.ping.opaque_data
      let payload = unsafe UInt64(bigEndian: unsafeBitCast(bytes, to: UInt64.self))
      if payload == Self.shutdownPing && shutdown == .announced {
        finishShutdown()
      } else {
        delegate?.pingAcknowledged(payload)
      }
    case NGHTTP2_GOAWAY:
      let goAway = unsafe frame.pointee.goaway
      unsafe delegate?.goAwayReceived(
        lastStream: goAway.last_stream_id, code: HTTP2ErrorCode(rawValue: goAway.error_code),
        debugText: printable(UnsafeBufferPointer(start: goAway.opaque_data, count: goAway.opaque_data_len)))
    default:
      break
    }
    return 0
  }

  /// A peer's text as part of a message of ours: short, and nothing but printable ASCII.
  private func printable(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    let text = unsafe bytes.prefix(64).map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") }
    return String(decoding: text, as: UTF8.self)
  }

  /// nghttp2 resets the stream of a malformed frame by itself, without any limit of its own.
  private func invalidFrame(_ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
    let number = unsafe frame.pointee.hd.stream_id
    guard number != 0 else { return 0 }
    unsafe state(number)?.pointee.flags.insert(.resetByUs)
    return role == .server ? count(.provokedReset) : 0
  }

  private func frameSent(_ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
    let header = unsafe frame.pointee.hd
    switch nghttp2_frame_type(UInt32(header.type)) {
    case NGHTTP2_HEADERS, NGHTTP2_DATA:
      hasSentSincePing = true
      guard role == .server, header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 else { return 0 }
      // RFC 9113 §8.1: after a complete answer, NO_ERROR asks the client to stop sending.
      if unsafe nghttp2_session_get_stream_remote_close(session, header.stream_id) == 0 {
        unsafe check(
          nghttp2_submit_rst_stream(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), header.stream_id, HTTP2ErrorCode.noError.rawValue))
      }
    case NGHTTP2_GOAWAY:
      if shutdown == .announced { ping(Self.shutdownPing) }
      let code = unsafe HTTP2ErrorCode(rawValue: frame.pointee.goaway.error_code)
      if code != .noError && failure == nil {
        failure = HTTP2Error(.peer, code, "the peer broke a rule of the connection")
      }
    default:
      break
    }
    return 0
  }

  /// A request that could not leave, because the connection is closing, never becomes a stream for nghttp2.
  private func frameNotSent(_ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
    guard unsafe frame.pointee.hd.type == UInt8(NGHTTP2_HEADERS.rawValue), role == .client else { return 0 }
    let number = unsafe frame.pointee.hd.stream_id
    guard unsafe state(number) == nil, let state = unsafe streams.search(number) else { return 0 }
    let closure =
      unsafe state.pointee.flags.contains(.resetByUs)
      ? HTTP2StreamClosure(.local, .cancel) : HTTP2StreamClosure(.peer, .refusedStream)
    unsafe closeStream(state, closure)
    return 0
  }

  private func streamClosed(_ number: Int32, _ code: HTTP2ErrorCode) -> Int32 {
    guard let state = unsafe state(number) else { return 0 }
    unsafe nghttp2_session_set_stream_user_data(session, number, nil)
    // What the delegate holds unread would occupy the connection's window for ever.
    let unconsumed = unsafe state.pointee.unconsumedBytes
    if unconsumed > 0 { unsafe check(nghttp2_session_consume_connection(session, unconsumed)) }
    let flags = unsafe state.pointee.flags
    let origin: HTTP2StreamClosure.Origin =
      if flags.contains(.resetByPeer) {
        .peer
      } else if flags.contains(.resetByUs) {
        .local
      } else if code == .noError {
        .completed
      } else {
        code == .refusedStream ? .peer : .local
      }
    if unsafe headersOf == state { unsafe headersOf = nil }
    unsafe closeStream(state, HTTP2StreamClosure(origin, code))
    return 0
  }
}
