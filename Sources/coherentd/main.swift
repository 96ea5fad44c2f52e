// The daemon's main: one line, because code here would belong to the main actor.
import CoherentDaemon
import CoherentSystem

Process.exit(Daemon.run(arguments: Array(CommandLine.arguments.dropFirst())))
