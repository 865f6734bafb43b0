internal import Glibc

/// A thread of the store's own, so that SQLite blocks neither an event loop nor the tasks' shared pool.
struct StoreThread: Sendable {
  private final class Body: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
      self.run = run
    }
  }

  private let thread: pthread_t

  /// Starts a thread that has to be joined; nil if the system has none left.
  init?(_ run: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    // SAFETY: the thread takes over the one retain made here, exactly once; it is given back if no thread starts.
    let body = unsafe Unmanaged.passRetained(Body(run))
    let code = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, body.toOpaque())
    guard code == 0 else {
      unsafe body.release()
      return nil
    }
    self.thread = thread
  }

  /// Blocks until the thread has ended. Called once, unless it was left alone: else the system keeps its stack for ever.
  func join() {
    _ = pthread_join(thread, nil)
  }

  /// Lets the thread end when it wants to. Called once, and instead of `join`.
  func leaveAlone() {
    _ = pthread_detach(thread)
  }
}
