// `coherentctl block`: memory blocks come and go while clients work.
import ArgumentParser

struct BlockCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "block",
    abstract: "List memory blocks; add, online, offline and remove them.",
    discussion: """
      A block is the unit of hot-plug. Its states are those of the kernel's memory hotplug: \
      offline (known, holds nothing), online (its memory is committed and given out), \
      going-offline (nothing new gets in, what is in leaves).

      Blocks are named by numbers, ranges (2-5), or all. A command may be repeated: what is so \
      already is counted, and is no error.

      EXAMPLES:
        coherentctl block list
        coherentctl block add --count 2 --online
        coherentctl block offline 2-5 --dry-run
        coherentctl block offline 2-5 --timeout 2min
        coherentctl block remove 2-5
      """,
    subcommands: [
      BlockListCommand.self, BlockAddCommand.self, BlockOnlineCommand.self,
      BlockOfflineCommand.self, BlockRemoveCommand.self,
    ],
    defaultSubcommand: BlockListCommand.self)
}
