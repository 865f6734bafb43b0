internal import CNghttp2

/// The commands on streams.
// SAFETY: `state` points to a place of `streams` that stays valid until `closeStream`, which no command reaches.
extension SessionCore {
  var openStreams: Int { unsafe streams.openCount }

  func submitRequest(
    _ headers: HTTP2HeaderList, endStream: Bool, delegate: any HTTP2StreamDelegate
  ) throws(HTTP2Error) -> HTTP2StreamID {
    precondition(role == .client, "a server does not send requests")
    try checkSize(headers)
    let state = unsafe streams.open(Int32.max)
    let number = unsafe headers.withNameValues(&scratch) { values, count in
      unsafe withUnsafePointer(to: dataProvider(state)) { provider in
        unsafe nghttp2_submit_request(session, nil, values, count, endStream ? nil : provider, state)
      }
    }
    guard number > 0 else {
      unsafe streams.close(state)
      throw HTTP2Error(.limit, .refusedStream, "the connection takes no more requests")
    }
    unsafe state.pointee.number = number
    unsafe state.pointee.delegate = delegate
    unsafe state.pointee.flags = endStream ? [.headersSubmitted, .sendEnded] : [.headersSubmitted, .dataSubmitted]
    return unsafe HTTP2StreamID(number: number, slot: state.pointee.slot)
  }

  func sendHeaders(_ stream: HTTP2StreamID, _ headers: HTTP2HeaderList, endStream: Bool) throws(HTTP2Error) {
    guard let state = unsafe writable(stream) else { return }
    precondition(unsafe !state.pointee.flags.contains(.headersSubmitted), "headers sent twice")
    try checkSize(headers)
    unsafe submitHeaders(state, headers, endStream: endStream)
  }

  func submitHeaders(_ state: UnsafeMutablePointer<StreamState>, _ headers: HTTP2HeaderList, endStream: Bool) {
    unsafe state.pointee.flags.insert(endStream ? [.headersSubmitted, .sendEnded] : .headersSubmitted)
    let flags = UInt8((endStream ? NGHTTP2_FLAG_END_STREAM : NGHTTP2_FLAG_NONE).rawValue)
    let number = unsafe state.pointee.number
    let result = unsafe headers.withNameValues(&scratch) { values, count in
      unsafe nghttp2_submit_headers(session, flags, number, nil, values, count, nil)
    }
    check(result)
  }

  func sendData(_ stream: HTTP2StreamID, _ payload: HTTP2Payload) throws(HTTP2Error) -> Int {
    guard let state = unsafe writable(stream) else { return 0 }
    let flags = unsafe state.pointee.flags
    precondition(flags.contains(.headersSubmitted) && !flags.contains(.sendEnded), "data sent out of order")
    guard payload.count > 0 else { return unsafe state.pointee.outbound.bytes }
    try unsafe queue(payload, on: state)
    unsafe startReading(state)
    return unsafe state.pointee.outbound.bytes
  }

  private func queue(_ payload: HTTP2Payload, on state: UnsafeMutablePointer<StreamState>) throws(HTTP2Error) {
    let count = payload.count
    guard queuedBytes + count <= configuration.queuedBytesMax else {
      throw HTTP2Error(.limit, .enhanceYourCalm, "too many bytes wait to be sent on this connection")
    }
    queuedBytes += count
    unsafe state.pointee.outbound.append(payload)
    guard unsafe state.pointee.outbound.bytes > configuration.queuedBytesLow else { return }
    unsafe state.pointee.flags.insert(.aboveLow)
    if unsafe role == .server && !state.pointee.flags.contains(.shares) { unsafe share(state) }
  }

  /// Lets others send between the frames of a stream that has much to send. By default a response goes out whole before
  /// the next (RFC 9218 §4.2), which is right for short ones and would let a long one hold up all others.
  private func share(_ state: UnsafeMutablePointer<StreamState>) {
    unsafe state.pointee.flags.insert(.shares)
    var priority = nghttp2_extpri(urgency: UInt32(NGHTTP2_EXTPRI_DEFAULT_URGENCY), inc: 1)
    unsafe check(nghttp2_session_change_extpri_stream_priority(session, state.pointee.number, &priority, 1))
  }

  func sendResponse(
    _ stream: HTTP2StreamID, _ headers: HTTP2HeaderList, _ payload: HTTP2Payload, _ trailers: HTTP2HeaderList
  ) throws(HTTP2Error) {
    guard let state = unsafe writable(stream) else { return }
    precondition(unsafe !state.pointee.flags.contains(.headersSubmitted), "headers sent twice")
    try checkSize(headers)
    try checkSize(trailers)
    try unsafe queue(payload, on: state)
    unsafe state.pointee.trailers = trailers
    unsafe state.pointee.flags.insert([.headersSubmitted, .dataSubmitted, .sendEnded])
    let number = unsafe state.pointee.number
    let result = unsafe headers.withNameValues(&scratch) { values, count in
      unsafe withUnsafePointer(to: dataProvider(state)) { provider in
        unsafe nghttp2_submit_response(session, number, values, count, provider)
      }
    }
    check(result)
  }

  func sendTrailers(_ stream: HTTP2StreamID, _ trailers: HTTP2HeaderList) throws(HTTP2Error) {
    guard let state = unsafe writable(stream) else { return }
    let flags = unsafe state.pointee.flags
    precondition(flags.contains(.headersSubmitted) && !flags.contains(.sendEnded), "trailers sent out of order")
    try checkSize(trailers)
    unsafe state.pointee.flags.insert(.sendEnded)
    // With nothing queued there is no DATA to wait for, and no window either. Otherwise the trailers must be submitted
    // where the last byte is read: nghttp2 would drop what is still queued.
    if unsafe state.pointee.outbound.bytes == 0 {
      unsafe submitTrailers(state.pointee.number, trailers)
    } else {
      unsafe state.pointee.trailers = trailers
    }
  }

  func endSending(_ stream: HTTP2StreamID) {
    guard let state = unsafe writable(stream) else { return }
    let flags = unsafe state.pointee.flags
    precondition(flags.contains(.headersSubmitted) && !flags.contains(.sendEnded), "the stream ended twice")
    unsafe state.pointee.flags.insert(.sendEnded)
    unsafe startReading(state)
  }

  func reset(_ stream: HTTP2StreamID, _ code: HTTP2ErrorCode) {
    guard let state = unsafe writable(stream) else { return }
    unsafe resetStream(state, code)
  }

  func resetStream(_ state: UnsafeMutablePointer<StreamState>, _ code: HTTP2ErrorCode) {
    unsafe state.pointee.flags.insert(.resetByUs)
    unsafe check(
      nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), state.pointee.number, code.rawValue))
  }

  func consume(_ stream: HTTP2StreamID, _ count: Int) {
    guard let state = unsafe streams.find(stream), count > 0 else { return }
    precondition(unsafe count <= state.pointee.unconsumedBytes, "more bytes consumed than were received")
    unsafe state.pointee.unconsumedBytes -= count
    unsafe check(nghttp2_session_consume(session, stream.number, count))
  }

  func queuedBytes(_ stream: HTTP2StreamID) -> Int {
    guard let state = unsafe streams.find(stream) else { return 0 }
    return unsafe state.pointee.outbound.bytes
  }

  // MARK: Watching

  var unfinishedHeadersSince: UInt64? {
    unsafe headersOf == nil ? nil : headersBegunAt
  }

  func mayReceive(_ stream: HTTP2StreamID) -> Bool {
    unsafe nghttp2_session_get_local_window_size(session) > 0
      && nghttp2_session_get_stream_local_window_size(session, stream.number) > 0
  }

  func forEachStream(_ body: (HTTP2StreamID, any HTTP2StreamDelegate, HTTP2StreamBacklog) -> Void) {
    for slot in unsafe streams.slots {
      guard let state = unsafe streams.open(at: slot), let delegate = unsafe state.pointee.delegate else { continue }
      let outbound = unsafe state.pointee.outbound
      unsafe body(
        HTTP2StreamID(number: state.pointee.number, slot: state.pointee.slot), delegate,
        HTTP2StreamBacklog(bytesWaiting: outbound.bytes, bytesTaken: outbound.bytesTaken))
    }
  }

  // MARK: Commands on the queue

  /// The state of a stream that commands may still change.
  private func writable(_ stream: HTTP2StreamID) -> UnsafeMutablePointer<StreamState>? {
    guard let state = unsafe streams.find(stream) else { return nil }
    return unsafe state.pointee.flags.contains(.resetByUs) ? nil : state
  }

  private func checkSize(_ list: HTTP2HeaderList) throws(HTTP2Error) {
    guard list.listBytes <= configuration.sentHeaderListBytesMax else {
      throw HTTP2Error(.limit, .internalError, "the header list to send is too long")
    }
  }

  // MARK: Reading the queue

  /// Makes nghttp2 read the queue of this stream, now that there is something in it.
  private func startReading(_ state: UnsafeMutablePointer<StreamState>) {
    let flags = unsafe state.pointee.flags
    if !flags.contains(.dataSubmitted) {
      unsafe state.pointee.flags.insert(.dataSubmitted)
      var provider = unsafe dataProvider(state)
      unsafe check(
        nghttp2_submit_data(session, UInt8(NGHTTP2_FLAG_END_STREAM.rawValue), state.pointee.number, &provider))
    } else if flags.contains(.deferred) {
      unsafe state.pointee.flags.remove(.deferred)
      unsafe check(nghttp2_session_resume_data(session, state.pointee.number))
    }
  }

  private func dataProvider(_ state: UnsafeMutablePointer<StreamState>) -> nghttp2_data_provider {
    unsafe nghttp2_data_provider(
      source: nghttp2_data_source(ptr: UnsafeMutableRawPointer(state)),
      read_callback: { _, _, buffer, length, flags, source, userData in
        guard let source = unsafe source, let state = unsafe source.pointee.ptr, let buffer = unsafe buffer,
          let flags = unsafe flags, let userData = unsafe userData
        else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
        return unsafe Unmanaged<SessionCore>.fromOpaque(userData)._withUnsafeGuaranteedRef {
          unsafe $0.readQueue(
            of: state.assumingMemoryBound(to: StreamState.self),
            into: UnsafeMutableRawBufferPointer(start: buffer, count: length), &flags.pointee)
        }
      })
  }

  private func readQueue(
    of state: UnsafeMutablePointer<StreamState>, into buffer: UnsafeMutableRawBufferPointer, _ flags: inout UInt32
  ) -> Int {
    let count = unsafe state.pointee.outbound.move(into: buffer)
    queuedBytes -= count
    let left = unsafe state.pointee.outbound.bytes
    if unsafe left <= configuration.queuedBytesLow && state.pointee.flags.contains(.aboveLow) {
      unsafe state.pointee.flags.remove(.aboveLow)
      unsafe state.pointee.delegate?.queueDrained()
    }
    // The delegate may just have queued more, or ended.
    guard unsafe state.pointee.outbound.bytes == 0 else { return count }
    if let trailers = unsafe state.pointee.trailers {
      unsafe state.pointee.trailers = nil
      flags |= NGHTTP2_DATA_FLAG_EOF.rawValue | NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
      unsafe submitTrailers(state.pointee.number, trailers)
    } else if unsafe state.pointee.flags.contains(.sendEnded) {
      flags |= NGHTTP2_DATA_FLAG_EOF.rawValue
    } else if count == 0 {
      unsafe state.pointee.flags.insert(.deferred)
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    }
    return count
  }

  private func submitTrailers(_ number: Int32, _ trailers: HTTP2HeaderList) {
    let result = unsafe trailers.withNameValues(&scratch) { values, count in
      unsafe nghttp2_submit_trailer(session, number, values, count)
    }
    check(result)
  }
}
