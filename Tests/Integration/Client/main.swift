// The main of a test's client process: one line, because code here would belong to the main actor.
CommandLoop.start(CommandLine.arguments)
