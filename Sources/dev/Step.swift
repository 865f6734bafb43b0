internal import Foundation

/// Runs one step of a command between a line that names it and a line that says how long it took.
func step<Result>(_ title: String, _ work: () throws -> Result) rethrows -> Result {
  say("==> \(title)")
  let start = ContinuousClock.now
  let result = try work()
  let elapsed = ContinuousClock.now - start
  say("    done in \(elapsed.formatted(.units(allowed: [.minutes, .seconds], fractionalPart: .show(length: 1))))")
  return result
}

/// Prints a line at once, so that it stands before the output of the child that follows.
func say(_ line: String) {
  FileHandle.standardOutput.write(Data("\(line)\n".utf8))
}
