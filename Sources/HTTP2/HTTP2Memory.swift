internal import CNghttp2
internal import Glibc

/// The memory of the sessions of one event loop.
///
/// For each request nghttp2 takes and gives back about eight small blocks, always of the same few sizes. What it gives
/// back is kept here, by size, and is the next to be taken, which costs a part of what the system's allocator does.
/// What is kept is bounded by `keptBytesMax`.
// SAFETY: a block is the system's, with its size class in front; it is owned by nghttp2 between `take` and `give`, and by
// the list of its class otherwise. The lists are touched only by sessions that are at work, all on one event loop. A
// session that is freed, wherever its last owner is, gives its blocks to the system instead (`SessionMemory`).
// SENDABLE: as above; who hands it to another thread only frees it there.
@safe
package final class HTTP2Memory: @unchecked Sendable {
  #if SANITIZED
    /// Nothing is kept, so that the sanitizer sees each block come and go.
    package static let keptBytesMax = 0
  #else
    /// The most bytes that are kept for later.
    package static let keptBytesMax = 512 * 1024
  #endif

  // A block is a header, which keeps what follows aligned as `malloc` does, and room for its class.
  private static let headerBytes = 16
  private static let classBytes = 64
  private static let classCount = 16
  /// The class of blocks that are too large to be kept.
  private static let unclassed = classCount

  private let heads: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  private let kept: UnsafeMutablePointer<Int>

  /// Makes memory that keeps nothing yet.
  package init() {
    unsafe heads = .allocate(capacity: Self.classCount)
    unsafe heads.initialize(repeating: nil, count: Self.classCount)
    unsafe kept = .allocate(capacity: 1)
    unsafe kept.initialize(to: 0)
  }

  deinit {
    for index in 0..<Self.classCount {
      while let block = unsafe heads[index] {
        unsafe heads[index] = block.load(as: UnsafeMutableRawPointer?.self)
        unsafe free(block)
      }
    }
    unsafe heads.deallocate()
    unsafe kept.deallocate()
  }

  /// The bytes that are kept for later.
  package var keptBytes: Int { unsafe kept.pointee }

  fileprivate func take(_ size: Int) -> UnsafeMutableRawPointer? {
    let index = (size + Self.classBytes - 1) / Self.classBytes - 1
    guard index >= 0, index < Self.classCount else { return unsafe Self.newBlock(max(size, 1), Self.unclassed) }
    guard let block = unsafe heads[index] else {
      return unsafe Self.newBlock((index + 1) * Self.classBytes, index)
    }
    unsafe heads[index] = block.load(as: UnsafeMutableRawPointer?.self)
    unsafe kept.pointee -= (index + 1) * Self.classBytes
    unsafe block.storeBytes(of: index, as: Int.self)
    return unsafe block + Self.headerBytes
  }

  private static func newBlock(_ size: Int, _ index: Int) -> UnsafeMutableRawPointer? {
    guard size <= Int.max - headerBytes, let block = unsafe malloc(size + headerBytes) else { return nil }
    unsafe block.storeBytes(of: index, as: Int.self)
    return unsafe block + headerBytes
  }

  fileprivate func give(_ room: UnsafeMutableRawPointer) {
    let block = unsafe room - Self.headerBytes
    let index = unsafe block.load(as: Int.self)
    let size = (index + 1) * Self.classBytes
    guard index < Self.classCount, unsafe kept.pointee + size <= Self.keptBytesMax else { return unsafe free(block) }
    unsafe block.storeBytes(of: heads[index], as: UnsafeMutableRawPointer?.self)
    unsafe heads[index] = block
    unsafe kept.pointee += size
  }

  fileprivate static func discard(_ room: UnsafeMutableRawPointer) {
    unsafe free(room - headerBytes)
  }

  fileprivate func resize(_ room: UnsafeMutableRawPointer?, to size: Int) -> UnsafeMutableRawPointer? {
    guard let room = unsafe room else { return unsafe take(size) }
    let block = unsafe room - Self.headerBytes
    let index = unsafe block.load(as: Int.self)
    if index == Self.unclassed {
      // What is large stays large: it is nghttp2's buffers that grow.
      guard size <= Int.max - Self.headerBytes else { return nil }
      return unsafe realloc(block, max(size, 1) + Self.headerBytes).map { unsafe $0 + Self.headerBytes }
    }
    let capacity = (index + 1) * Self.classBytes
    guard size > capacity else { return unsafe room }
    guard let larger = unsafe take(size) else { return nil }
    unsafe memcpy(larger, room, capacity)
    unsafe give(room)
    return unsafe larger
  }
}

/// What one session has of the memory of its event loop.
// SAFETY: nghttp2 has a pointer to it as long as the session lives, and the session keeps it as long.
@safe
final class SessionMemory {
  private let memory: HTTP2Memory
  /// The session is being freed: its blocks go to the system, since this may be another thread.
  var isClosing = false

  init(_ memory: HTTP2Memory) {
    self.memory = memory
  }

  /// The functions that nghttp2 allocates by.
  func functions() -> nghttp2_mem {
    unsafe nghttp2_mem(
      mem_user_data: Unmanaged.passUnretained(self).toOpaque(),
      malloc: { size, session in unsafe SessionMemory.at(session) { unsafe $0.memory.take(size) } },
      free: { block, session in
        guard let block = unsafe block else { return }
        unsafe SessionMemory.at(session) {
          if $0.isClosing { unsafe HTTP2Memory.discard(block) } else { unsafe $0.memory.give(block) }
        }
      },
      calloc: { count, size, session in
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, let block = unsafe SessionMemory.at(session, { unsafe $0.memory.take(bytes) }) else {
          return nil
        }
        return unsafe memset(block, 0, bytes)
      },
      realloc: { block, size, session in
        unsafe SessionMemory.at(session) { unsafe $0.memory.resize(block, to: size) }
      })
  }

  private static func at<Result>(_ session: UnsafeMutableRawPointer?, _ body: (SessionMemory) -> Result) -> Result {
    guard let session = unsafe session else { preconditionFailure("nghttp2 has lost its memory") }
    return unsafe Unmanaged<SessionMemory>.fromOpaque(session)._withUnsafeGuaranteedRef(body)
  }
}
