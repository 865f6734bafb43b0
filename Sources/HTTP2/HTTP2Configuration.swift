/// The limits and sizes of one session; what they bound is said at each.
package struct HTTP2Configuration: Sendable {
  /// Unread bytes a peer may have under way on one stream (SETTINGS_INITIAL_WINDOW_SIZE).
  package var streamWindowBytes: Int32 = 256 * 1024

  /// Unread bytes a peer may have under way on the whole connection; this bounds what uploads can occupy.
  package var connectionWindowBytes: Int32 = 1024 * 1024

  /// The longest frame payload accepted (SETTINGS_MAX_FRAME_SIZE), 16 KiB to 16 MiB - 1.
  package var frameBytesMax: UInt32 = 16 * 1024

  /// The longest list of header fields accepted, each counted as name + value + 32 bytes (RFC 9113 §6.5.2).
  ///
  /// It is advertised, and counted as fields arrive: past it nothing is stored and the request is answered with
  /// `headerListRefusal`; past four times it the connection is closed, since the peer was told the limit.
  package var headerListBytesMax: Int = 16 * 1024

  /// What a server answers to a request whose header list is too long.
  package var headerListRefusal: HTTP2HeaderList = [":status": "431"]

  /// The longest list of header fields that may be sent, counted in the same way.
  package var sentHeaderListBytesMax: Int = 64 * 1024

  /// Streams a peer may have open at once (SETTINGS_MAX_CONCURRENT_STREAMS). Zero for a client: nobody pushes to it.
  package var concurrentStreamsMax: UInt32 = 256

  /// Bytes of each HPACK table, the one the peer fills and the one we fill (RFC 7541 §4.2).
  package var headerTableBytes: UInt32 = 4096

  /// Bytes that may wait to be sent on all streams together; a send past it is refused.
  package var queuedBytesMax: Int = 64 * 1024 * 1024

  /// A stream whose waiting bytes fall to this or below, after having been above, says so to its delegate.
  package var queuedBytesLow: Int = 32 * 1024

  /// How often a peer may do what costs us work and brings nobody anything.
  package var abuse = AbuseLimits()

  /// How often a client may ask by PING whether we live; nil asks nothing but what `abuse` allows.
  package var keepalivePings: PingLimits?

  package init() {}
}
