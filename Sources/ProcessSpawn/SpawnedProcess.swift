internal import CProcessSpawn
internal import Dispatch
internal import Glibc

/// A program that was started, to be waited for or ended by its number.
///
/// Foundation's `Process` is not used where it may meet many open files: to find the highest one it reads past the end of
/// what the system gave it, which crashes a process as full of files as a run of all tests is. The child has no open files
/// but the three that it is given, and no signals blocked or ignored, whatever this process does with its own.
// SAFETY: What is given to `posix_spawn` lives until it returns, and is freed after that; lists end with nil as it asks for.
@safe package final class SpawnedProcess: Sendable {
  /// How a process has ended.
  package enum Ending: Hashable, Sendable {
    /// By itself, with this status.
    case exit(Int32)
    /// By this signal.
    case signal(Int32)
  }

  /// A program that cannot be started.
  package struct StartFailure: Error, Hashable, CustomStringConvertible {
    /// Which one.
    package let program: String

    /// The number of the error, as in `errno.h`.
    package let number: Int32

    package var description: String { "cannot start \(program): \(unsafe String(cString: strerror(number)))" }
  }

  /// What a program finds when it starts.
  package struct Surroundings: Sendable {
    /// `NAME=VALUE`, each; nil for what this process has.
    package var environment: [String]?

    /// The folder that it works in; nil for that of this process.
    package var folder: String?

    /// The files that it reads, writes and complains to; nil stands for one that is empty and keeps nothing.
    package var files: [Int32?] = [nil, nil, nil]

    /// Whether signals from the terminal reach it only through this process.
    package var hasOwnGroup = false

    /// Nothing but what this process has.
    package init() {}
  }

  /// Its number.
  package let id: Int32

  /// Starts a program.
  ///
  /// - Parameter program: Its path.
  /// - Throws: `StartFailure`.
  package init(
    _ program: String, _ arguments: [String], in surroundings: Surroundings = Surroundings()
  ) throws(StartFailure) {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for (target, file) in zip(Int32(0)..., surroundings.files) {
      if let file {
        unsafe posix_spawn_file_actions_adddup2(&actions, file, target)
      } else {
        unsafe posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
      }
    }
    unsafe process_spawn_add_close_from(&actions, Int32(surroundings.files.count))
    if let folder = surroundings.folder { unsafe process_spawn_add_folder(&actions, folder) }

    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe sigfillset(&signals)
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    let group = surroundings.hasOwnGroup ? POSIX_SPAWN_SETPGROUP : 0
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group))

    var words = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
    var variables = unsafe (surroundings.environment ?? []).map { unsafe strdup($0) } + [nil]
    defer { unsafe (words + variables).forEach { unsafe free($0) } }
    var id: pid_t = 0
    let code =
      surroundings.environment == nil
      ? unsafe posix_spawn(&id, program, &actions, &attributes, &words, environ)
      : unsafe posix_spawn(&id, program, &actions, &attributes, &words, &variables)
    guard code == 0 else { throw StartFailure(program: program, number: code) }
    self.id = id
  }

  /// Sends it a signal. It must not have been waited for.
  package func kill(_ signal: Int32) {
    Glibc.kill(id, signal)
  }

  /// Waits for its end, once.
  @discardableResult
  package func wait() -> Ending {
    var status: Int32 = 0
    while unsafe waitpid(id, &status, 0) == -1 && errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? .exit(status >> 8 & 0xFF) : .signal(signal)
  }

  /// Waits for its end, once, while others go on. It is not given up when the task is cancelled: whoever wants that sends
  /// a signal.
  package func end() async -> Ending {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: self.wait()) }
    }
  }
}
