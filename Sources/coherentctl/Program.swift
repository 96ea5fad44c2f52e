// One run of the program, from its arguments to its exit status.
import ArgumentParser
import CoherentSystem

enum Program {
  /// Performs the command and ends the process.
  static func run(_ arguments: [String]) -> Never {
    StandardStreams.complete()
    // Ctrl-\ ends it, as any program; Swift would ask what to do about a crash.
    Process.restoreDefaultAction(ofSignal: SignalNumber.quit)
    do {
      let ordered = ArgumentOrder.verbFirst(arguments)
      if let number = BlockSelection.negative(in: ordered) {
        throw ValidationError("There is no block \(number): expected a number, 2-5 or all.")
      }
      if let complaint = CommandName.complaint(about: ordered) {
        throw Complaint(
          complaint, hint: "`coherentctl --help` lists them", status: Complaint.usageStatus)
      }
      var command = try Coherentctl.parseAsRoot(ordered)
      try command.run()
    } catch let complaint as Complaint {
      let style = Style.forDescriptor(2)
      StandardError.write(complaint.text(style))
      Process.exit(complaint.status)
    } catch {
      end(error)
    }
    Process.exit(0)
  }

  /// Help, version and completion are errors to the parser; so are mistakes in the arguments. Help
  /// that could not be written is a failure.
  private static func end(_ error: any Error) -> Never {
    let text = Coherentctl.fullMessage(for: error) + "\n"
    let status = Coherentctl.exitCode(for: error).rawValue
    guard status == 0 else {
      StandardError.write(text)
      Process.exit(status)
    }
    do throws(SystemError) {
      try StandardOutput.deliver(text)
    } catch {
      StandardError.write("coherentctl: the output cannot be written: \(error)\n")
      Process.exit(1)
    }
    Process.exit(0)
  }

  /// Writes the program's result. A reader that has seen enough ends the program without a word.
  static func output(_ text: String) throws(Complaint) {
    guard !StandardOutput.write(text) else { return }
    guard StandardOutput.hasReader else { Process.exit(Complaint.failureStatus) }
    throw Complaint(
      "the output cannot be written", hint: "Is the disk full?", status: Complaint.failureStatus)
  }
}
