import PlenaryDaemon

await DaemonProgram.run(Array(CommandLine.arguments.dropFirst()))
