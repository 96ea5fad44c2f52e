// How every system call of this module is made: repeated while a signal interrupts it, and its
// error number taken before anything else can change it. EBADF and EFAULT can only come from a bug
// of ours (descriptors are owned, buffers are typed) and stop the process; where a peer can cause
// them, the caller looks at the number itself.

import Glibc

/// Makes a system call, again as long as a signal interrupts it (signal(7)).
@inline(__always)
func retryingInterrupts<Result: FixedWidthInteger & SignedInteger>(
  _ call: () -> Result
) -> Result {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}

/// Makes a system call and throws what it reports, with the numbers that it was given.
@inline(__always)
@discardableResult
func checked<Result: FixedWidthInteger & SignedInteger>(
  _ operation: StaticString, _ context: @autoclosure () -> String = "", _ call: () -> Result
) throws(SystemError) -> Result {
  let result = retryingInterrupts(call)
  if result == -1 {
    let code = errno
    throw failure(operation, code, context())
  }
  return result
}

/// As `checked`, for calls whose buffer may lie in a mapped file: there EFAULT is no bug of ours,
/// but a page that the kernel could not bring in.
@inline(__always)
@discardableResult
func checkedInMapping<Result: FixedWidthInteger & SignedInteger>(
  _ operation: StaticString, _ context: @autoclosure () -> String = "", _ call: () -> Result
) throws(SystemError) -> Result {
  let result = retryingInterrupts(call)
  if result == -1 {
    let code = errno
    if code == EFAULT {
      throw SystemError(operation: "\(operation)", code: code, context: context())
    }
    throw failure(operation, code, context())
  }
  return result
}

/// The error for `code`; traps where the code proves a bug of ours.
@inline(never)
func failure(_ operation: StaticString, _ code: CInt, _ context: String) -> SystemError {
  let error = SystemError(operation: "\(operation)", code: code, context: context)
  trapOnOwnBug(error)
  return error
}

/// Stops the process on the two error numbers that prove a bug of ours.
func trapOnOwnBug(_ error: SystemError) {
  invariant(error.code != EBADF && error.code != EFAULT, "\(error)")
}
