internal import ProtobufRuntime

/// Where settings come from, in the order in which they count: the file, the environment, the command line. A later one
/// wins; what nobody sets has its default.
struct ConfigurationSources {
  /// A setting, as it was written, and where.
  private struct Setting {
    let name: String
    let texts: [String]
    let place: String
  }

  private var settings: [Setting] = []

  /// The variable that names a file for runs that do not name one themselves.
  static let fileVariable = "PLENARYD_CONFIG"

  private static let variablePrefix = "PLENARYD_"

  /// What Kubernetes puts into the environment of every container beside a service of the name `plenaryd`: nobody's
  /// settings, and no reason not to start.
  private static let foreignPrefixes = ["PLENARYD_SERVICE_", "PLENARYD_PORT"]

  /// The sources of one run.
  ///
  /// - Parameters:
  ///   - file: The file that the command line names.
  ///   - flags: The settings of the command line, with the flags that they were made with.
  /// - Throws: what is wrong with the file.
  init(
    file: String?, environment: [String: String], flags: [(name: String, texts: [String], flag: String)]
  ) throws(ConfigurationProblem) {
    let variable = environment[Self.fileVariable, default: ""]
    if let path = file ?? (variable.isEmpty ? nil : variable) {
      settings = try ConfigurationFile(path: path).entries.filter { !Self.isEmptySection($0) }.map {
        Setting(name: $0.name, texts: $0.texts, place: $0.place)
      }
    }
    settings += Self.settings(in: environment)
    settings += flags.map { Setting(name: $0.name, texts: $0.texts, place: $0.flag) }
  }

  /// The configuration that they make, or everything that is wrong with them.
  func configuration(from defaults: DaemonConfiguration) -> Result<DaemonConfiguration, ConfigurationProblems> {
    var configuration = defaults
    var problems: [ConfigurationProblem] = []
    for setting in settings {
      do throws(ConfigurationProblem) {
        try key(setting).set(setting.texts, in: &configuration)
      } catch {
        problems.append(ConfigurationProblem("\(setting.place): \(error)"))
      }
    }
    return problems.isEmpty ? .success(configuration) : .failure(ConfigurationProblems(all: problems))
  }

  private func key(_ setting: Setting) throws(ConfigurationProblem) -> ConfigurationKey {
    let keys = ConfigurationKey.all
    if let key = keys.first(where: { $0.name == setting.name || $0.variable == setting.name }) { return key }
    let isVariable = setting.name.hasPrefix(Self.variablePrefix)
    let names = keys.map { isVariable ? $0.variable : $0.name }
    throw ConfigurationProblem(
      "there is no key \(setting.name)\(Suggestion.hint(for: setting.name, among: names)); "
        + "`plenaryd validate --keys` lists them")
  }

  /// Whether nothing stands under the name of a section, as in a file in which every setting is a comment.
  private static func isEmptySection(_ entry: ConfigurationFile.Entry) -> Bool {
    entry.texts == [""] && ConfigurationKey.all.contains { $0.name.hasPrefix(entry.name + ".") }
  }

  private static func isSetting(_ variable: String) -> Bool {
    variable.hasPrefix(variablePrefix) && variable != fileVariable
      && !foreignPrefixes.contains { variable.hasPrefix($0) }
  }

  private static func settings(in environment: [String: String]) -> [Setting] {
    environment.filter { isSetting($0.key) }.sorted { $0.key < $1.key }
      .map { name, text in
        let key = ConfigurationKey.all.first { $0.variable == name }
        var texts = [text]
        if case .list? = key?.form { texts = text.split(separator: ",").map { String($0.trimmed) } }
        return Setting(name: name, texts: texts, place: "environment")
      }
  }
}

/// Everything that is wrong with a configuration.
struct ConfigurationProblems: Error {
  let all: [ConfigurationProblem]
}

extension Substring {
  /// Without spaces around it.
  fileprivate var trimmed: Substring {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return text
  }
}
