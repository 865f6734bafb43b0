/// What a verb works with: a console to answer on, and the registry to ask.
struct Session: Sendable {
  let console: Console
  let environment: [String: String]
  let options: GlobalOptions

  /// The address of the daemon.
  var server: String {
    if let server = options.server { return server }
    let fromEnvironment = environment["PLENARY_SERVER", default: ""]
    return fromEnvironment.isEmpty ? GlobalOptions.defaultServer : fromEnvironment
  }
}
