internal import ArgumentParser

/// The options that every verb takes.
struct GlobalOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where plenaryd serves: HOST:PORT or unix:PATH. Default: PLENARY_SERVER, else \(Self.defaultServer).",
      valueName: "address"))
  var server: String?

  @Option(
    name: .shortAndLong,
    help: "How to print the answer: table for people, json or yaml for programs, name for the names alone.")
  var output = OutputFormat.table

  @Option(
    help: ArgumentHelp("How long a call may take, such as 500ms, 30s or 2m. Default: 30s; imports and exports: none."))
  var timeout: Timeout?

  @Option(
    name: .customLong("language"),
    help: ArgumentHelp(
      "The language in which texts are shown and set, a BCP-47 tag. Default: en. What is not there in it is shown in English, "
        + "else in the language it was written in, with that language behind it.", valueName: "tag"))
  var chosenLanguage: String?

  /// The language in which texts are shown and set.
  var language: String { chosenLanguage ?? Self.defaultLanguage }

  /// The language where none is chosen.
  static let defaultLanguage = "en"

  @Option(
    help: ArgumentHelp(
      "The authorities in PEM that may sign the daemon's certificate; with it, TLS is spoken. Default: PLENARY_TLS_CA.",
      valueName: "file"))
  var tlsCA: String?

  @Option(
    help: ArgumentHelp(
      "The certificate in PEM to show the daemon. Default: PLENARY_TLS_CERT.", valueName: "file"))
  var tlsCert: String?

  @Option(
    help: ArgumentHelp("The private key of that certificate in PEM. Default: PLENARY_TLS_KEY.", valueName: "file"))
  var tlsKey: String?

  @Option(
    help: ArgumentHelp(
      "The name that the daemon's certificate has to hold, where it is not the host of the address.",
      valueName: "name"))
  var tlsName: String?

  @Option(
    help: ArgumentHelp(
      "The file with the token that says who calls. Default: PLENARY_TOKEN_FILE, or the token itself in PLENARY_TOKEN.",
      valueName: "file"))
  var tokenFile: String?

  /// The daemon's own default.
  static let defaultServer = "127.0.0.1:7443"

  /// The options above, which all take a value; what looks for the verb steps over both.
  static let names: Set<String> = [
    "--server", "--output", "-o", "--timeout", "--language", "--tls-ca", "--tls-cert", "--tls-key", "--tls-name",
    "--token-file",
  ]
}

/// How an answer is printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// For people.
  case table
  /// ProtoJSON, for programs.
  case json
  /// The same as YAML.
  case yaml
  /// The names alone, a line each.
  case name

  /// Whether the answer is for programs, and so has everything in it.
  var isForPrograms: Bool { self == .json || self == .yaml }

  /// An answer for programs, without a line break at the end.
  func text(_ value: JSONValue) throws(Failure) -> String {
    self == .yaml ? try YAMLText.text(json: value.text) : value.text
  }
}

/// The longest time that a call may take.
struct Timeout: ExpressibleByArgument, Equatable {
  let duration: Duration

  private static let units: [(suffix: String, seconds: Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)]

  init(_ duration: Duration) { self.duration = duration }

  /// A number and a unit, without one seconds.
  init?(argument: String) {
    let unit = Self.units.first { argument.hasSuffix($0.suffix) }
    let number = argument.dropLast(unit?.suffix.count ?? 0)
    guard number.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let value = Double(number), value > 0
    else { return nil }
    let seconds = value * (unit?.seconds ?? 1)
    guard seconds <= Self.secondsMax else { return nil }
    duration = .milliseconds(Int64((seconds * 1000).rounded(.up)))
  }

  /// Ten days: longer than any call, short enough to be counted in any unit.
  private static let secondsMax = 864_000.0
}
