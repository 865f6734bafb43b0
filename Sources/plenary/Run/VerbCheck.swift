internal import ArgumentParser
internal import ProtobufRuntime

/// Finds a verb that does not exist before the parser does, which has no suggestion for it.
enum VerbCheck {
  /// Checks the verbs among the arguments.
  ///
  /// - Throws: a `Failure` that names the verb that was probably meant.
  static func check(_ arguments: [String], of root: any ParsableCommand.Type) throws(Failure) {
    var command = root
    var path = root._commandName
    var words = words(of: arguments).makeIterator()
    while !command.configuration.subcommands.isEmpty, let word = words.next() {
      // ArgumentParser's own verb, which every command with verbs has.
      if word == "help" { return }
      let names = command.configuration.subcommands.map { $0._commandName }
      let next = command.configuration.subcommands.first {
        $0._commandName == word || $0.configuration.aliases.contains(word)
      }
      guard let next else {
        // It is an argument of the verb that is meant where none is given.
        if command.configuration.defaultSubcommand != nil { return }
        throw Failure(
          .usage, "'\(path)' has no verb '\(word)'" + Suggestion.hint(for: word, among: names),
          details: ["verbs: " + names.joined(separator: ", ")])
      }
      command = next
      path += " " + word
    }
  }

  /// The arguments that are neither options nor the values of global ones.
  private static func words(of arguments: [String]) -> [String] {
    var words: [String] = []
    var arguments = arguments.makeIterator()
    while let argument = arguments.next() {
      if GlobalOptions.names.contains(argument) {
        _ = arguments.next()
      } else if !argument.hasPrefix("-") {
        words.append(argument)
      }
    }
    return words
  }
}
