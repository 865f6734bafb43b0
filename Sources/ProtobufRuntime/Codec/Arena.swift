internal import CProtobufC

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

// SAFETY: every address handed out lies within one block, at least as far from its end as was asked for; the arena owns
// its blocks and is gone before nobody needs what it handed out (`Decoding`, `Encoding` keep it on their stack).
/// Bump-allocated raw memory that lives for one decode or encode and is released at once.
///
/// Invariants:
/// - The first block belongs to the caller (the stack, as a rule) and is never freed here; every later block is owned
///   by the arena and starts with the address of the block before it.
/// - What was handed out together, rounded up, never exceeds the budget, so a hostile message cannot make a small input cost much
///   memory: libprotobuf-c takes all its memory from here.
@usableFromInline
@safe struct Arena: ~Copyable {
  /// Every address handed out is a multiple of this; no C struct of a message needs more.
  private static let alignment = 16
  private static let blockBytesMin = 8 * 1024

  private var cursor: UnsafeMutableRawPointer?
  private var available: Int
  private var newestBlock: UnsafeMutableRawPointer?
  private var blockBytesNext = Arena.blockBytesMin

  /// The number of bytes that may still be handed out.
  private(set) var budget: Int
  /// Whether an allocation was refused because of the budget.
  private(set) var isOverBudget = false

  /// - Parameter firstBlock: memory aligned to 16 bytes that outlives the arena.
  init(firstBlock: UnsafeMutableRawBufferPointer, budget: Int = .max) {
    unsafe cursor = firstBlock.baseAddress
    available = firstBlock.count
    unsafe newestBlock = nil
    self.budget = budget
  }

  deinit {
    var block = unsafe newestBlock
    while let current = unsafe block {
      unsafe block = current.load(as: UnsafeMutableRawPointer?.self)
      unsafe free(current)
    }
  }

  /// Uninitialized memory, or nil when the budget or the machine has no more.
  mutating func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    // Rounding cannot overflow: what a message needs is bounded by its size.
    let rounded = (byteCount + Self.alignment - 1) & ~(Self.alignment - 1)
    guard rounded <= budget else {
      isOverBudget = true
      return nil
    }
    if rounded > available, !addBlock(holding: rounded) {
      return nil
    }
    budget -= rounded
    available -= rounded
    let address = unsafe cursor
    unsafe cursor = address.map { unsafe $0 + rounded }
    return unsafe address
  }

  private mutating func addBlock(holding byteCount: Int) -> Bool {
    let size = max(byteCount + Self.alignment, blockBytesNext)
    guard let block = unsafe malloc(size) else { return false }
    unsafe block.storeBytes(of: newestBlock, as: UnsafeMutableRawPointer?.self)
    unsafe newestBlock = block
    unsafe cursor = block + Self.alignment
    available = size - Self.alignment
    blockBytesNext = size * 2
    return true
  }
}

// SAFETY: libprotobuf-c calls back only while `body` runs, and the arena stays where it is for that time.
extension Arena {
  /// Runs `body` with an allocator for libprotobuf-c that draws on this arena.
  mutating func withAllocator<R>(_ body: (UnsafeMutablePointer<ProtobufCAllocator>) -> R) -> R {
    unsafe withUnsafeMutablePointer(to: &self) { arena in
      var allocator = unsafe ProtobufCAllocator(
        alloc: { arena, byteCount in
          unsafe arena?.assumingMemoryBound(to: Arena.self).pointee.allocate(byteCount)
        },
        free: { _, _ in },  // All memory is released with the arena.
        allocator_data: arena)
      return unsafe body(&allocator)
    }
  }
}
