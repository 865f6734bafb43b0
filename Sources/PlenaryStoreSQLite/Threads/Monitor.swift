internal import Glibc

/// A value that threads share, and on which a thread can wait until it is as the thread needs it.
///
/// Tasks use it too, but only to change the value, which never waits for more than another change.
// SAFETY: mutex and condition are allocated and initialized before `self` is shared, never move, and are freed when
// nobody has it any more.
// SENDABLE: `state` is touched only while `mutex` is held.
@safe final class Monitor<State>: @unchecked Sendable {
  private var state: State

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init(_ state: State) {
    self.state = state
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(changed, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(changed)
    unsafe pthread_mutex_destroy(mutex)
    unsafe changed.deallocate()
    unsafe mutex.deallocate()
  }

  /// Changes the value, and lets one waiting thread look at it.
  func update<Result>(_ body: (inout State) -> Result) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer {
      unsafe pthread_mutex_unlock(mutex)
      unsafe pthread_cond_signal(changed)
    }
    return body(&state)
  }

  /// Changes the value, and lets every waiting thread look at it.
  func updateForAll<Result>(_ body: (inout State) -> Result) -> Result {
    defer { unsafe pthread_cond_broadcast(changed) }
    return update(body)
  }

  /// Blocks the thread until the body finds what it waits for.
  func wait<Result>(for body: (inout State) -> Result?) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while true {
      if let result = body(&state) { return result }
      unsafe pthread_cond_wait(changed, mutex)
    }
  }
}
