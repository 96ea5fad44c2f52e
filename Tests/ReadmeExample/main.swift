// Asks coherentd for 64 MiB of device memory, uses it as ordinary memory, and looks where it is.
import Coherent

let client = try Client()  // the daemon's usual socket, or that of COHERENTD_SOCKET
let buffer = try client.allocate(bytes: 64 << 20)
let numbers = buffer.bytes.bindMemory(to: Int.self)  // this pointer never changes

for index in numbers.indices { numbers[index] = index }
try buffer.migrate(to: .host)  // as the daemon does, unasked, when others need the device
print("evicted: \(try buffer.query().map { "\($0.place) \($0.range)" })")

let sum = numbers.reduce(0, +)  // every access finds its data, wherever that is
precondition(sum == numbers.count * (numbers.count - 1) / 2)
print("restored by reading: \(try client.statistics().restoredFrames) frames, sum \(sum)")

let outcome = try buffer.withPin(range: 0..<4096, lease: .milliseconds(50)) { bytes in
  bytes.load(as: Int.self)  // resident, and does not move: for a device, or a system call
}
print("the lease held: \(outcome.leaseHeld)")
try buffer.free()
